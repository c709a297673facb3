/** Requests of signed-in staff: the CSRF header, and the way to the login when the session has ended. */

import { ApiError, request } from "../http";
import { csrf, keepCsrf } from "./csrf";
import { here, loginUrl } from "./next";
import type { Me, SignedIn } from "./types";

export const get = <T>(path: string): Promise<T> => guarded(() => request<T>(path));

/** A request that changes something. A token that the server no longer takes is fetched anew, once. */
export async function send<T>(method: "POST" | "PUT" | "DELETE", path: string, body: unknown = {}): Promise<T> {
  const once = (): Promise<T> => request<T>(path, { method, body, headers: { "X-CSRF-Token": csrf() } });
  return guarded(async () => {
    try {
      return await once();
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== "bad_csrf") throw error;
      await fetchMe();
      return once();
    }
  });
}

/** Who is signed in, without leaving the page when nobody is. */
export async function fetchMe(): Promise<Me> {
  const me = await request<Me>("/desk/api/me");
  keepCsrf(me.csrf);
  return me;
}

export const whoAmI = (): Promise<Me> => guarded(fetchMe);

export async function signIn(username: string, password: string, otp: string): Promise<SignedIn> {
  const body = { username, password, ...(otp ? { otp } : {}) };
  const entered = await request<SignedIn>("/desk/api/login", { method: "POST", body });
  keepCsrf(entered.csrf);
  return entered;
}

/** Ends the session and goes to the login; without an answer of the server the session is not ended, and it throws. */
export async function signOut(): Promise<void> {
  await send("POST", "/desk/api/logout");
  keepCsrf("");
  location.assign("/login");
}

/** What to tell people about any error. */
export function wordsOf(error: unknown): string {
  return error instanceof Error && error.message ? error.message : "操作没有成功，请稍后再试。";
}

async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) location.assign(loginUrl(here()));
    throw error;
  }
}
