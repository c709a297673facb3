import type { Accepted, OutMessage, ServerFrame } from "@shared/contract";
import { ApiError, unreachable } from "@shared/http";

const PING_EVERY = 25_000;
const SILENCE = 10_000;
const ANSWER = 8_000;
const WELCOME = 6_000;
/** Error codes by which the server says "later", not "never". */
const LATER = /^(rate_limited|internal|unavailable|busy|degraded)/;

interface Waiting {
  resolve(accepted: Accepted): void;
  reject(error: ApiError): void;
  timer: ReturnType<typeof setTimeout>;
}

export interface SocketHandlers {
  onFrame(frame: ServerFrame): void;
  /** Once; `code` is the WebSocket close code, `welcomed` whether it ever worked. */
  onClose(code: number, welcomed: boolean): void;
}

/** One WebSocket, from hello to close. It is never reopened: a new one is made. */
export class SocketLink {
  ready = false;
  private readonly socket: WebSocket;
  private readonly waiting = new Map<string, Waiting>();
  private ping: ReturnType<typeof setInterval> | undefined;
  private silence: ReturnType<typeof setTimeout> | undefined;
  private closed = false;

  /** Throws where WebSockets are forbidden. */
  constructor(url: string, hello: () => object, private readonly handlers: SocketHandlers) {
    this.socket = new WebSocket(url);
    this.socket.onopen = () => this.send({ t: "hello", v: 1, ...hello() });
    this.socket.onmessage = (message) => this.read(message.data);
    this.socket.onclose = (event) => this.end(event.code);
    this.silence = setTimeout(() => this.end(4000), WELCOME);
  }

  send(frame: object): boolean {
    if (this.socket.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  /** Resolves when the server has stored the message. */
  deliver(message: OutMessage): Promise<Accepted> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.end(4001), ANSWER);
      this.waiting.set(message.cid, { resolve, reject, timer });
      if (!this.send({ t: "msg", message })) this.end(4002);
    });
  }

  /** Find out soon whether the line still carries anything: phones drop sockets without a word. */
  probe(within = SILENCE): void {
    if (!this.send({ t: "ping" })) return this.end(4002);
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.end(4003), within);
  }

  close(): void {
    this.end(1000);
  }

  private read(data: unknown): void {
    if (this.closed) return;
    clearTimeout(this.silence);
    let frame: ServerFrame;
    try {
      frame = JSON.parse(String(data)) as ServerFrame;
    } catch {
      return;
    }
    if (frame.t === "welcome") this.welcome();
    else if (frame.t === "accepted") this.settle(frame.cid)?.resolve(frame);
    else if (frame.t === "error" && frame.cid) this.settle(frame.cid)?.reject(refusal(frame));
    this.handlers.onFrame(frame);
  }

  private welcome(): void {
    this.ready = true;
    this.ping = setInterval(() => this.probe(), PING_EVERY);
  }

  private settle(cid: string): Waiting | undefined {
    const waiting = this.waiting.get(cid);
    this.waiting.delete(cid);
    if (waiting) clearTimeout(waiting.timer);
    return waiting;
  }

  private end(code: number): void {
    if (this.closed) return;
    this.closed = true;
    const welcomed = this.ready;
    this.ready = false;
    clearInterval(this.ping);
    clearTimeout(this.silence);
    for (const cid of [...this.waiting.keys()]) this.settle(cid)?.reject(unreachable());
    this.socket.onclose = this.socket.onmessage = this.socket.onopen = null;
    this.socket.close();
    this.handlers.onClose(code, welcomed);
  }
}

function refusal(frame: { code: string; message: string; retry_after?: number }): ApiError {
  const status = frame.retry_after !== undefined || LATER.test(frame.code) ? 503 : 400;
  return new ApiError(status, frame.code, frame.message, frame.retry_after);
}
