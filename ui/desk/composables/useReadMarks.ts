import { onScopeDispose } from "vue";
import type { Talks } from "./useTalks";

const LOOK_MS = 10_000;

/** Looks from time to time whether the citizen has seen our words, while some are unseen and somebody watches. */
export function useReadMarks(talks: Talks): void {
  const timer = setInterval(() => {
    const talk = talks.active.value;
    if (!talk || talk.ended || document.visibilityState !== "visible") return;
    const unseen = talk.events.some((event) => event.from === "agent" && event.seq > talk.readSeq);
    if (unseen) void talks.reload(talk);
  }, LOOK_MS);
  onScopeDispose(() => clearInterval(timer));
}
