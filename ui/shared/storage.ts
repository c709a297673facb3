/** Small lasting values. WebViews and foreign frames may forbid storage: then they last as long as the page. */

const PREFIX = "sq12345.";
const memory = new Map<string, string>();

export function load(key: string): string | null {
  try {
    const kept = window.localStorage.getItem(PREFIX + key);
    if (kept !== null) return kept;
  } catch {
    // forbidden: memory is all there is
  }
  return memory.get(key) ?? null;
}

export function save(key: string, value: string): void {
  memory.set(key, value);
  try {
    window.localStorage.setItem(PREFIX + key, value);
  } catch {
    // forbidden or full: kept in memory
  }
}

export function drop(key: string): void {
  memory.delete(key);
  try {
    window.localStorage.removeItem(PREFIX + key);
  } catch {
    // forbidden: it never got there
  }
}

/** The keys that begin with `start`, in no order. */
export function keys(start: string): string[] {
  const found = new Set([...memory.keys()].filter((key) => key.startsWith(start)));
  try {
    for (let i = 0; i < window.localStorage.length; i++) {
      const key = window.localStorage.key(i) ?? "";
      if (key.startsWith(PREFIX + start)) found.add(key.slice(PREFIX.length));
    }
  } catch {
    // forbidden: memory is all there is
  }
  return [...found];
}

/** The JSON kept under `key`; null when there is none or it is damaged. */
export function loadJson<T>(key: string): T | null {
  try {
    return JSON.parse(load(key) ?? "null") as T | null;
  } catch {
    return null;
  }
}

export function saveJson(key: string, value: unknown): void {
  save(key, JSON.stringify(value));
}
