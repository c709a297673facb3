/** Times, sizes and waits in the words of the pages. */

const two = (value: number): string => String(value).padStart(2, "0");

/** `15:04` today, `昨天 15:04`, `11月3日 15:04`, `2025年11月3日 15:04`; empty for what is no time. */
export function when(iso: string | undefined, now: Date = new Date()): string {
  const at = new Date(iso ?? "");
  if (Number.isNaN(at.getTime())) return "";
  const clock = `${two(at.getHours())}:${two(at.getMinutes())}`;
  const days = Math.round((midnight(now) - midnight(at)) / 86_400_000);
  if (days === 0) return clock;
  if (days === 1) return `昨天 ${clock}`;
  const day = `${at.getMonth() + 1}月${at.getDate()}日 ${clock}`;
  return at.getFullYear() === now.getFullYear() ? day : `${at.getFullYear()}年${day}`;
}

const midnight = (at: Date): number => new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime();

/** `2026年3月1日` for an ISO date or time; the text itself when it is neither. */
export function day(iso: string): string {
  const parts = /^(\d{4})-(\d{2})-(\d{2})/.exec(iso);
  return parts ? `${parts[1]}年${Number(parts[2])}月${Number(parts[3])}日` : iso;
}

/** `320 KB`, `2.4 MB`. */
export function fileSize(bytes: number): string {
  if (bytes < 1024 * 1024) return `${Math.max(1, Math.round(bytes / 1024))} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

/** `不到1分钟`, `约3分钟`, `约2小时`. */
export function wait(seconds: number): string {
  if (seconds < 60) return "不到1分钟";
  if (seconds < 3600) return `约${Math.ceil(seconds / 60)}分钟`;
  return `约${Math.round(seconds / 3600)}小时`;
}
