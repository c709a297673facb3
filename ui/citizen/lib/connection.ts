import type { Accepted, ChatEvent, ConversationState, EventPage, OutMessage, ServerFrame } from "@shared/contract";
import { ApiError, request } from "@shared/http";
import { backoff, Pause } from "./backoff";
import { Sequence } from "./sequence";
import { SocketLink } from "./socket";

export type Status = "connecting" | "online" | "reconnecting" | "offline";

export interface ConnectionHandlers {
  /** New events in order, each once; `whole` when nothing more is known to be waiting. */
  onEvents(events: ChatEvent[], whole: boolean): void;
  onState(state: ConversationState): void;
  onTyping(on: boolean): void;
  onStatus(status: Status): void;
  /** The token opens nothing any more. */
  onSessionLost(): void;
}

const BAD_TOKEN = 1008;
const PAGE = 500;
/** Milliseconds that a socket may take before the messages are fetched without it: some proxies swallow sockets. */
const PATIENCE = 2_500;

/** One conversation's line to the server: a WebSocket where there can be one, long polling while there is none. */
export class Connection {
  private readonly sequence = new Sequence();
  private link: SocketLink | null = null;
  private stopped = false;
  private polling = false;
  private poll: AbortController | null = null;
  private fetching = false;
  private attempt = 0;
  private target = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private readonly pause = new Pause();
  private queued = false;

  constructor(private readonly token: string, private readonly handlers: ConnectionHandlers) {
    handlers.onStatus("connecting");
    this.connect();
  }

  get last(): number {
    return this.sequence.last;
  }

  /** Resolves when the server has stored `message`; the same `cid` may be sent again without harm. Throws ApiError. */
  async send(message: OutMessage): Promise<Accepted> {
    if (this.link?.ready) return this.link.deliver(message);
    try {
      return await request<Accepted>("/web/messages", { method: "POST", token: this.token, body: message });
    } catch (error) {
      // A server that answers "not now" is still there.
      if (error instanceof ApiError && (error.status === 0 || error.status === 401)) this.failed(error);
      throw error;
    }
  }

  /** Tell what need not arrive: `read`, `typing`. */
  tell(frame: object): void {
    if (this.link?.ready) this.link.send(frame);
  }

  /** The page is seen again, or the network is back: make sure that nothing was missed. */
  wake(): void {
    if (this.stopped) return;
    this.attempt = 0;
    this.pause.end();
    if (this.link?.ready) this.link.probe(4_000);
    else if (!this.link) this.connect();
    void this.refresh();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.retry);
    this.pause.end();
    this.poll?.abort();
    this.link?.close();
  }

  private connect(): void {
    clearTimeout(this.retry);
    if (this.stopped || this.link) return;
    const url = new URL("/web/socket", location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const handlers = {
      onFrame: (frame: ServerFrame) => this.onFrame(frame),
      onClose: (code: number, welcomed: boolean) => this.onClose(code, welcomed),
    };
    try {
      this.link = new SocketLink(url.href, () => ({ token: this.token, last_seq: this.last }), handlers);
    } catch {
      return this.onClose(0, false);
    }
    setTimeout(() => {
      if (!this.stopped && !this.link?.ready) void this.longPoll();
    }, PATIENCE);
  }

  private onFrame(frame: ServerFrame): void {
    if (frame.t === "welcome") {
      this.attempt = 0;
      this.target = frame.seq;
      this.poll?.abort();
      this.handlers.onStatus("online");
      if (frame.seq <= this.last) this.handlers.onEvents([], true);
    }
    if (frame.t === "event") this.take([frame.event]);
    if (frame.t === "welcome" || frame.t === "state") this.state(frame.state);
    if (frame.t === "typing" && frame.from !== "user") this.handlers.onTyping(frame.on);
  }

  private take(events: ChatEvent[]): void {
    const { fresh, gap } = this.sequence.take(events);
    if (fresh.length) {
      this.handlers.onEvents(fresh, this.last >= this.target);
      if (this.last >= this.target) this.tell({ t: "ack", seq: this.last });
    }
    if (gap) void this.refresh();
  }

  private state(state: ConversationState): void {
    this.queued = state.holder === "queue";
    this.handlers.onState(state);
  }

  private onClose(code: number, welcomed: boolean): void {
    this.link = null;
    if (this.stopped) return;
    if (code === BAD_TOKEN) return this.lost();
    if (welcomed) this.handlers.onStatus("reconnecting");
    this.retry = setTimeout(() => this.connect(), backoff(this.attempt++));
    void this.longPoll();
  }

  private async longPoll(): Promise<void> {
    if (this.polling) return;
    this.polling = true;
    let wait = 0;
    let failures = 0;
    while (!this.stopped && !this.link?.ready) {
      this.poll = new AbortController();
      try {
        const more = await this.fetchPage(wait, this.poll.signal);
        // In the queue the place changes without an event: look more often.
        wait = more ? 0 : this.queued ? 8 : 25;
        failures = 0;
      } catch (error) {
        if (this.poll.signal.aborted) break;
        this.failed(error);
        wait = 0;
        await this.pause.wait(backoff(failures++));
      }
    }
    this.polling = false;
    if (!this.stopped && !this.link?.ready) void this.longPoll();
  }

  /** Fetch what came after the last event, and the state, once. */
  private async refresh(): Promise<void> {
    if (this.fetching || this.stopped) return;
    this.fetching = true;
    try {
      while (await this.fetchPage(0)) if (this.stopped) return;
    } catch (error) {
      this.failed(error);
    } finally {
      this.fetching = false;
    }
  }

  private async fetchPage(wait: number, signal?: AbortSignal): Promise<boolean> {
    const path = `/web/events?after=${this.last}&wait=${wait}`;
    const page = await request<EventPage>(path, { token: this.token, signal, timeout: (wait + 10) * 1000 });
    if (this.stopped) return false;
    const more = page.events.length >= PAGE;
    const { fresh } = this.sequence.take(page.events);
    if (fresh.length || !more) this.handlers.onEvents(fresh, !more && this.last >= this.target);
    this.handlers.onStatus("online");
    this.state(page.state);
    return more;
  }

  private failed(error: unknown): void {
    if (this.stopped || !(error instanceof ApiError)) return;
    if (error.status === 401) this.lost();
    else if (!this.link?.ready) this.handlers.onStatus("offline");
  }

  private lost(): void {
    if (this.stopped) return;
    this.stop();
    this.handlers.onSessionLost();
  }
}
