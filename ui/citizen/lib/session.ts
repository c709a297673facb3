import type { Audience } from "@shared/contract";
import { request } from "@shared/http";
import { drop, loadJson, saveJson } from "@shared/storage";

export interface Session {
  token: string;
  conversation: string;
}

/** The session of `audience`: the kept one, else a new one. Throws ApiError. */
export async function openSession(audience: Audience): Promise<Session> {
  const kept = loadJson<Session>(`session.${audience}`);
  if (kept?.token) return kept;
  const opened = await request<Session>("/web/session", { method: "POST", body: { audience } });
  const session = { token: opened.token, conversation: opened.conversation };
  saveJson(`session.${audience}`, session);
  return session;
}

/** Forget `token`, unless another tab has already put a newer one in its place. */
export function forgetSession(audience: Audience, token: string): void {
  if (loadJson<Session>(`session.${audience}`)?.token === token) drop(`session.${audience}`);
}

/** The audience that the address asks for. */
export function audienceOf(search: string): Audience {
  return new URLSearchParams(search).get("audience") === "enterprise" ? "enterprise" : "citizen";
}
