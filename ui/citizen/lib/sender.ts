import type { Accepted, OutMessage } from "@shared/contract";
import { ApiError } from "@shared/http";
import { backoff, Pause } from "./backoff";
import type { Outgoing } from "./outbox";

/** Milliseconds after which a message that has not arrived is called failed; it is still tried on. */
const PATIENCE = 15_000;

export interface SenderHandlers {
  /** The oldest message that may be sent, if any. */
  next(): Outgoing | undefined;
  send(message: OutMessage): Promise<Accepted>;
  onAccepted(message: Outgoing, accepted: Accepted): void;
  /** `error` says why; `forGood` when trying again would not help. */
  onFailed(message: Outgoing, error: string, forGood: boolean): void;
}

/** Sends one message after the other, so that they arrive in the order in which they were written. */
export class Sender {
  /** The `cid` of the message that is being sent. */
  inFlight: string | null = null;
  private running = false;
  private stopped = false;
  private readonly pause = new Pause();

  constructor(private readonly handlers: SenderHandlers) {}

  /** There is something to send, or the line is back. */
  wake(): void {
    this.pause.end();
    if (!this.running && !this.stopped) void this.run();
  }

  stop(): void {
    this.stopped = true;
    this.pause.end();
  }

  private async run(): Promise<void> {
    this.running = true;
    let failures = 0;
    for (let message = this.next(); message; message = this.next()) {
      const error = await this.attempt(message);
      failures = error?.passing ? failures + 1 : 0;
      if (error?.passing) await this.pause.wait((error.retryAfter ?? 0) * 1000 || backoff(failures - 1));
    }
    this.running = false;
  }

  private next(): Outgoing | undefined {
    return this.stopped ? undefined : this.handlers.next();
  }

  private async attempt(message: Outgoing): Promise<ApiError | null> {
    this.inFlight = message.cid;
    try {
      const accepted = await this.handlers.send({ cid: message.cid, ...message.content });
      if (!this.stopped) this.handlers.onAccepted(message, accepted);
      return null;
    } catch (caught) {
      const error = caught instanceof ApiError ? caught : new ApiError(0, "network", "网络不通");
      // A lost session is mended elsewhere; the message waits for the new one.
      const waits = error.passing || error.status === 401;
      if (!this.stopped && !waits) this.handlers.onFailed(message, error.message, true);
      else if (!this.stopped && Date.now() - message.at > PATIENCE) {
        this.handlers.onFailed(message, "网络恢复后会自动重发。", false);
      }
      return waits && !error.passing ? new ApiError(0, error.code, error.message) : error;
    } finally {
      this.inFlight = null;
    }
  }
}
