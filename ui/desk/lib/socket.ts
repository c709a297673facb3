/** The live line to the server: it comes back by itself, and then asks for what it missed. */

import { backoff } from "../../citizen/lib/backoff";
import type { DeskFrame } from "@shared/staff/types";

const PING_MS = 20_000;
/** Without any frame for so long the line is dead, whatever the browser thinks. */
const SILENT_MS = 50_000;

export interface SocketHandlers {
  frame: (frame: DeskFrame) => void;
  /** The line is up or down. */
  line: (up: boolean) => void;
  /** A connection could not be made: the session may have ended. */
  refused: () => void;
}

export class DeskSocket {
  private socket: WebSocket | null = null;
  private attempt = 0;
  private stopped = true;
  private heard = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private pulse: ReturnType<typeof setInterval> | undefined;
  private readonly watched = new Map<string, () => number>();

  constructor(
    private readonly url: string,
    private readonly handlers: SocketHandlers,
  ) {}

  start(): void {
    this.stopped = false;
    this.pulse = setInterval(() => this.beat(), PING_MS);
    this.connect();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.retry);
    clearInterval(this.pulse);
    this.socket?.close();
    this.socket = null;
  }

  /** Reconnect now instead of after the pause, as when the network or the tab comes back. */
  hurry(): void {
    if (this.stopped || this.socket) return;
    clearTimeout(this.retry);
    this.connect();
  }

  /** Events of `conversation` after `last()`, now and after every reconnect. */
  watch(conversation: string, last: () => number): void {
    this.watched.set(conversation, last);
    this.post({ t: "watch", conversation, last_seq: last() });
  }

  unwatch(conversation: string): void {
    if (this.watched.delete(conversation)) this.post({ t: "unwatch", conversation });
  }

  /** Tell the citizen that a reply is being written; need not arrive. */
  typing(conversation: string): void {
    this.post({ t: "typing", conversation });
  }

  private connect(): void {
    const socket = new WebSocket(this.url);
    let opened = false;
    this.socket = socket;
    socket.onopen = () => {
      opened = true;
      this.up();
    };
    socket.onmessage = (message) => this.receive(message.data as string);
    socket.onclose = () => {
      if (this.socket === socket) this.down(opened);
    };
  }

  private up(): void {
    this.attempt = 0;
    this.heard = Date.now();
    this.handlers.line(true);
    for (const [conversation, last] of this.watched) this.post({ t: "watch", conversation, last_seq: last() });
  }

  private down(opened: boolean): void {
    this.socket = null;
    if (this.stopped) return;
    this.handlers.line(false);
    if (!opened) this.handlers.refused();
    this.retry = setTimeout(() => this.connect(), backoff(this.attempt++));
  }

  private receive(text: string): void {
    this.heard = Date.now();
    try {
      this.handlers.frame(JSON.parse(text) as DeskFrame);
    } catch (error) {
      console.error("desk frame", error instanceof Error ? error.name : error);
    }
  }

  private beat(): void {
    if (this.socket?.readyState !== WebSocket.OPEN) return;
    if (Date.now() - this.heard > SILENT_MS) this.drop();
    else this.post({ t: "ping" });
  }

  /** A dead line may take minutes to close by itself. */
  private drop(): void {
    const socket = this.socket;
    if (!socket) return;
    socket.onclose = null;
    socket.close();
    this.down(true);
  }

  private post(frame: object): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(frame));
  }
}

export const socketUrl = (): string => `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/desk/socket`;
