/**
 * The one-tag embed: a button on somebody else's page. Nothing is asked for before the tap; the chat then lives in a
 * frame of its own. No inline style attributes or tags, so that the page's own Content-Security-Policy may be strict.
 */

const me = document.currentScript as HTMLScriptElement | null;

function style(el: HTMLElement, rules: Partial<CSSStyleDeclaration>): void {
  Object.assign(el.style, rules);
}

function start(script: HTMLScriptElement): void {
  const origin = new URL(script.src).origin;
  const audience = script.dataset.audience === "enterprise" ? "enterprise" : "citizen";
  const button = document.createElement("button");
  let frame: HTMLIFrameElement | null = null;
  let open = false;

  button.type = "button";
  style(button, {
    position: "fixed",
    right: "16px",
    bottom: "16px",
    zIndex: "2147483000",
    minHeight: "56px",
    padding: "0 20px",
    border: "2px solid #fff",
    borderRadius: "28px",
    background: "#0b4a8f",
    color: "#fff",
    font: "600 17px/1.3 system-ui,-apple-system,'PingFang SC','Microsoft YaHei',sans-serif",
    boxShadow: "0 2px 10px rgba(8,30,60,.4)",
    cursor: "pointer",
  });

  function label(unread: number): void {
    button.textContent = unread ? `12345在线（${unread}条新消息）` : "12345在线咨询";
  }

  function place(): void {
    if (!frame) return;
    const whole = window.innerWidth < 520 || window.innerHeight < 520;
    style(frame, {
      right: whole ? "0" : "16px",
      bottom: whole ? "0" : "16px",
      width: whole ? "100%" : "400px",
      height: whole ? "100%" : "min(680px, calc(100% - 32px))",
      borderRadius: whole ? "0" : "14px",
      display: open ? "block" : "none",
    });
  }

  function make(): HTMLIFrameElement {
    const made = document.createElement("iframe");
    made.src = `${origin}/?embed=1&audience=${audience}`;
    made.title = "宿迁12345智能助手";
    made.allow = `geolocation ${origin}; clipboard-write ${origin}`;
    style(made, {
      position: "fixed",
      zIndex: "2147483001",
      border: "0",
      background: "#fff",
      boxShadow: "0 6px 30px rgba(8,30,60,.35)",
      colorScheme: "light",
    });
    document.body.appendChild(made);
    return made;
  }

  function show(now: boolean): void {
    open = now;
    if (now && !frame) frame = make();
    place();
    button.style.display = now ? "none" : "";
    button.setAttribute("aria-expanded", String(now));
    frame?.contentWindow?.postMessage({ type: now ? "sq12345:shown" : "sq12345:hidden" }, origin);
    if (now) frame?.focus();
    else button.focus();
  }

  window.addEventListener("message", (event) => {
    if (!frame || event.source !== frame.contentWindow || event.origin !== origin) return;
    const data = event.data as { type?: string; count?: number } | null;
    if (data?.type === "sq12345:close") show(false);
    if (data?.type === "sq12345:unread") label(Number(data.count) || 0);
  });
  window.addEventListener("keydown", (event) => event.key === "Escape" && open && show(false));
  window.addEventListener("resize", place);
  button.addEventListener("click", () => show(true));
  label(0);
  button.setAttribute("aria-expanded", "false");
  document.body.appendChild(button);
}

if (me && !document.documentElement.dataset.sq12345) {
  document.documentElement.dataset.sq12345 = "1";
  if (document.body) start(me);
  else document.addEventListener("DOMContentLoaded", () => start(me));
}
