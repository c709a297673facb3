import { shallowRef, type ShallowRef } from "vue";
import { ApiError } from "@shared/http";
import { uuid } from "@shared/uuid";
import { objection, upload, type Uploaded } from "../lib/upload";

/** A file on its way; `part` 0…1. */
export interface Upload {
  id: string;
  file: File;
  part: number;
  error: string;
  /** Trying again would not help. */
  refused: boolean;
}

export interface Uploads {
  list: ShallowRef<Upload[]>;
  add(file: File): void;
  cancel(id: string): void;
  retry(id: string): void;
}

/** Uploads with progress, cancel and retry; `done` is told of each that the server has taken. */
export function useUploads(token: () => string, done: (file: Uploaded) => void): Uploads {
  const list = shallowRef<Upload[]>([]);
  const cancels = new Map<string, () => void>();

  function change(id: string, patch: Partial<Upload>): void {
    list.value = list.value.map((item) => (item.id === id ? { ...item, ...patch } : item));
  }

  function remove(id: string): void {
    cancels.delete(id);
    list.value = list.value.filter((item) => item.id !== id);
  }

  async function start(item: Upload): Promise<void> {
    const running = upload(item.file, token(), (part) => change(item.id, { part }));
    cancels.set(item.id, running.cancel);
    try {
      const taken = await running.done;
      remove(item.id);
      done(taken);
    } catch (error) {
      const known = error instanceof ApiError ? error : null;
      change(item.id, { error: known?.message ?? "上传没有成功，请重试。", refused: known ? !known.passing && known.status !== 401 : false });
    }
  }

  return {
    list,
    add(file) {
      const error = objection(file);
      const item: Upload = { id: uuid(), file, part: 0, error, refused: error !== "" };
      list.value = [...list.value, item];
      if (!error) void start(item);
    },
    cancel(id) {
      cancels.get(id)?.();
      remove(id);
    },
    retry(id) {
      const item = list.value.find((other) => other.id === id);
      if (!item) return;
      change(id, { part: 0, error: "" });
      void start(item);
    },
  };
}
