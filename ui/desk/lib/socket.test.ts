import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { DeskSocket } from "./socket";

/** The browser's WebSocket, driven by hand. */
class Wire {
  static readonly OPEN = 1;
  static made: Wire[] = [];
  readyState = 0;
  sent: { t: string; conversation?: string; last_seq?: number }[] = [];
  onopen: () => void = () => undefined;
  onclose: (() => void) | null = null;
  onmessage: (message: { data: string }) => void = () => undefined;
  constructor() {
    Wire.made.push(this);
  }
  open(): void {
    this.readyState = 1;
    this.onopen();
  }
  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }
  close(): void {
    this.readyState = 3;
    this.onclose?.();
  }
}

const handlers = { frame: vi.fn(), line: vi.fn(), refused: vi.fn() };
let socket: DeskSocket;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", Wire);
  Wire.made = [];
  socket = new DeskSocket("ws://x/desk/socket", handlers);
  socket.start();
});
afterEach(() => {
  socket.stop();
  vi.unstubAllGlobals();
  vi.useRealTimers();
  vi.clearAllMocks();
});

it("asks again from the last event after a reconnect", () => {
  let last = 3;
  Wire.made[0]!.open();
  socket.watch("c1", () => last);
  last = 7;
  Wire.made[0]!.close();
  expect(handlers.line).toHaveBeenLastCalledWith(false);
  vi.advanceTimersByTime(1000);
  Wire.made[1]!.open();
  expect(Wire.made[1]!.sent).toEqual([{ t: "watch", conversation: "c1", last_seq: 7 }]);
});

it("tells of a connection that never opened, and of no other", () => {
  Wire.made[0]!.close();
  expect(handlers.refused).toHaveBeenCalledOnce();
  vi.advanceTimersByTime(1000);
  Wire.made[1]!.open();
  Wire.made[1]!.close();
  expect(handlers.refused).toHaveBeenCalledOnce();
});

it("drops a line on which nothing comes, and makes no two at once", () => {
  Wire.made[0]!.open();
  vi.advanceTimersByTime(62_000);
  expect(handlers.line).toHaveBeenCalledWith(false);
  expect(Wire.made).toHaveLength(2);
  socket.hurry();
  expect(Wire.made).toHaveLength(2);
});

it("stays closed when stopped", () => {
  Wire.made[0]!.open();
  socket.stop();
  vi.advanceTimersByTime(60_000);
  expect(Wire.made).toHaveLength(1);
});

it("survives a frame that is not JSON", () => {
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  Wire.made[0]!.open();
  Wire.made[0]!.onmessage({ data: "{" });
  Wire.made[0]!.onmessage({ data: '{"t":"pong"}' });
  expect(handlers.frame).toHaveBeenCalledOnce();
});
