import { onBeforeUnmount, onMounted, watch } from "vue";
import type { Chat } from "../chat";

const TITLE = document.title;

/** Counts what came while nobody looked: in the tab's title, and told to the page that embeds this one. */
export function useNotifications(chat: Chat, embedded: boolean): void {
  let missed = 0;
  let hiddenByParent = false;

  function show(): void {
    document.title = missed ? `（${missed}条新消息）${TITLE}` : TITLE;
    if (embedded) window.parent.postMessage({ type: "sq12345:unread", count: missed }, "*");
  }
  function clear(): void {
    if (document.hidden || hiddenByParent || !missed) return;
    missed = 0;
    show();
  }
  function hear(message: MessageEvent): void {
    if (!embedded || message.source !== window.parent) return;
    const type = (message.data as { type?: unknown } | null)?.type;
    if (type === "sq12345:hidden") hiddenByParent = true;
    if (type === "sq12345:shown") {
      hiddenByParent = false;
      clear();
    }
  }

  watch(chat.events, (now, before) => {
    if (!chat.settled.value || !(document.hidden || hiddenByParent)) return;
    missed += now.slice(before.length).filter((event) => event.from !== "user").length;
    show();
  });
  onMounted(() => {
    document.addEventListener("visibilitychange", clear);
    window.addEventListener("message", hear);
  });
  onBeforeUnmount(() => {
    document.removeEventListener("visibilitychange", clear);
    window.removeEventListener("message", hear);
  });
}
