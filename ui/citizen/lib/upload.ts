import { MAX_FILE } from "@shared/contract";
import { ApiError, errorOf, unreachable } from "@shared/http";
import { fileSize } from "@shared/format";

export interface Uploaded {
  file_id: string;
  name: string;
  type: string;
  size: number;
}

export const ACCEPT = "image/jpeg,image/png,image/webp,application/pdf,audio/mpeg,audio/amr,.amr,video/mp4";
const TAKEN = /\.(jpe?g|png|webp|pdf|mp3|amr|mp4)$/i;

/** Why `file` cannot be sent, in words; empty when it can. */
export function objection(file: { name: string; size: number; type: string }): string {
  if (file.size === 0) return `「${file.name}」是空的，请换一个文件。`;
  if (file.size > MAX_FILE) return `「${file.name}」有${fileSize(file.size)}，超过了10 MB，请换小一点的再发。`;
  if (!TAKEN.test(file.name) && !ACCEPT.split(",").includes(file.type)) {
    return `「${file.name}」不是能收的格式，可以发图片、PDF、MP3或AMR录音、MP4视频。`;
  }
  return "";
}

/** Start an upload. `progress` is told 0…1; `cancel` ends it quietly, and `done` then never settles. */
export function upload(file: File, token: string, progress: (part: number) => void): { done: Promise<Uploaded>; cancel(): void } {
  const xhr = new XMLHttpRequest();
  const done = new Promise<Uploaded>((resolve, reject) => {
    xhr.open("POST", "/web/files");
    xhr.setRequestHeader("Authorization", `Bearer ${token}`);
    xhr.timeout = 180_000;
    xhr.upload.onprogress = (event) => event.lengthComputable && progress(event.loaded / event.total);
    xhr.onload = () => settle(xhr, resolve, reject);
    xhr.onerror = xhr.ontimeout = () => reject(unreachable());
  });
  const form = new FormData();
  form.append("file", file, file.name);
  xhr.send(form);
  return { done, cancel: () => xhr.abort() };
}

function settle(xhr: XMLHttpRequest, resolve: (file: Uploaded) => void, reject: (error: ApiError) => void): void {
  let body: unknown = null;
  try {
    body = JSON.parse(xhr.responseText);
  } catch {
    // not ours; the status speaks
  }
  if (xhr.status === 201 && body) resolve(body as Uploaded);
  else if (xhr.status === 413) reject(new ApiError(413, "too_large", "文件太大了，请控制在10 MB以内。"));
  else reject(errorOf(xhr.status, body));
}
