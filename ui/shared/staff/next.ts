/** Where to go after signing in. */

import type { Role } from "./types";

export const here = (): string => location.pathname + location.search;

export const loginUrl = (next: string): string => `/login?next=${encodeURIComponent(next)}`;

/** The path in `next` when it lies on `origin` and is not the login itself, else null: a link may not lead astray. */
export function safePath(next: string | null, origin: string): string | null {
  if (!next || !next.startsWith("/")) return null;
  try {
    const url = new URL(next, origin);
    if (url.origin !== origin || url.pathname.replace(/\/+$/, "") === "/login") return null;
    return url.pathname.startsWith("//") ? null : url.pathname + url.search + url.hash;
  } catch {
    return null;
  }
}

/** The page of somebody with `roles`: editors who are nothing else begin at the console. */
export function homeOf(roles: readonly Role[]): string {
  return usesDesk(roles) || !usesConsole(roles) ? "/desk" : "/console";
}

const has = (roles: readonly Role[], ...wanted: Role[]): boolean => wanted.some((role) => roles.includes(role));

export const usesDesk = (roles: readonly Role[]): boolean => has(roles, "agent", "supervisor", "administrator");

export const usesConsole = (roles: readonly Role[]): boolean => has(roles, "editor", "administrator");
