/** JSON over HTTP, with the server's error bodies as one exception. */

/** What went wrong: `status` 0 when the server was not reached; `retryAfter` in seconds. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly retryAfter?: number,
    readonly field?: string,
  ) {
    super(message);
  }

  /** Whether the same request may succeed later. */
  get passing(): boolean {
    return this.status === 0 || this.status === 408 || this.status === 425 || this.status === 429 || this.status >= 500;
  }
}

export const unreachable = (): ApiError => new ApiError(0, "network", "网络不通，请检查网络后重试。");

interface ErrorBody {
  error?: { code?: string; message?: string; retry_after?: number; field?: string };
}

/** The exception for an error answer; a body that is not ours gets plain words. */
export function errorOf(status: number, body: unknown): ApiError {
  const said = (body as ErrorBody | null)?.error ?? {};
  const words = said.message ?? (status >= 500 ? "服务暂时不可用，请稍后再试。" : "操作没有成功，请刷新页面后重试。");
  return new ApiError(status, said.code ?? "unknown", words, said.retry_after, said.field);
}

export interface RequestOptions {
  method?: string;
  token?: string;
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** Milliseconds until the request counts as unreachable; 15,000 unless told. */
  timeout?: number;
}

/** The JSON answer to a request; undefined for 204. Throws ApiError. */
export async function request<T>(path: string, options: RequestOptions = {}): Promise<T> {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  const timer = setTimeout(abort, options.timeout ?? 15_000);
  if (options.signal?.aborted) abort();
  options.signal?.addEventListener("abort", abort);
  try {
    const response = await fetch(path, init(options, controller.signal));
    if (response.status === 204) return undefined as T;
    const body: unknown = await response.json().catch(() => null);
    if (!response.ok || body === null) throw errorOf(response.ok ? 502 : response.status, body);
    return body as T;
  } catch (error) {
    throw error instanceof ApiError ? error : unreachable();
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener("abort", abort);
  }
}

function init(options: RequestOptions, signal: AbortSignal): RequestInit {
  const headers: Record<string, string> = { ...options.headers };
  if (options.token) headers.Authorization = `Bearer ${options.token}`;
  if (options.body !== undefined) headers["Content-Type"] = "application/json";
  return {
    method: options.method ?? "GET",
    headers,
    body: options.body === undefined ? undefined : JSON.stringify(options.body),
    signal,
    credentials: "same-origin",
    cache: "no-store",
  };
}
