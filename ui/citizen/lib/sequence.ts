import type { ChatEvent } from "@shared/contract";

/** Lets events through once each and in order; what comes after a gap is refused, so that it is fetched again. */
export class Sequence {
  private at = 0;

  get last(): number {
    return this.at;
  }

  /** The new ones among `events`, and whether some are missing before the rest. */
  take(events: readonly ChatEvent[]): { fresh: ChatEvent[]; gap: boolean } {
    const fresh: ChatEvent[] = [];
    for (const event of events) {
      if (event.seq > this.at + 1) return { fresh, gap: true };
      if (event.seq === this.at + 1) {
        fresh.push(event);
        this.at = event.seq;
      }
    }
    return { fresh, gap: false };
  }
}
