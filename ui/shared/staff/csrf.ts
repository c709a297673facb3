/** The session's CSRF token. Kept for the tab; where storage is forbidden, for the page (the server tells it again). */

const KEY = "sq12345.staff.csrf";
let held = "";

export function csrf(): string {
  try {
    return sessionStorage.getItem(KEY) ?? held;
  } catch {
    return held;
  }
}

export function keepCsrf(token: string): void {
  held = token;
  try {
    if (token) sessionStorage.setItem(KEY, token);
    else sessionStorage.removeItem(KEY);
  } catch {
    // forbidden: `held` is all there is
  }
}
