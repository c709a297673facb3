import type { Chat } from "../chat";

const AGAIN = 3_000;
const IDLE = 5_000;

/** Tells an agent that the citizen is typing; the assistant has no use for it. */
export function useTypingSignal(chat: Chat): { touch(): void; stop(): void } {
  let told = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function stop(): void {
    clearTimeout(timer);
    if (told) chat.tell({ t: "typing", on: false });
    told = 0;
  }
  function touch(): void {
    if (chat.state.value.holder !== "agent") return;
    clearTimeout(timer);
    timer = setTimeout(stop, IDLE);
    if (Date.now() - told < AGAIN) return;
    told = Date.now();
    chat.tell({ t: "typing", on: true });
  }
  return { touch, stop };
}
