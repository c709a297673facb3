import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Accepted, ChatEvent, OutMessage } from "@shared/contract";
import { ApiError } from "@shared/http";
import { useOutbox } from "../composables/useOutbox";
import { left } from "../lib/outbox";

const gone = () => new ApiError(0, "network", "网络不通");
const taken = (message: OutMessage, seq: number): Accepted => ({ cid: message.cid, seq, dup: false });
const shown = (seq: number, text: string): ChatEvent => ({ seq, id: "x", from: "user", kind: "text", body: { text }, ts: "" });
const text = (words: string) => ({ type: "text", text: words }) as const;

describe("outbox", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    for (const message of left("citizen")) useOutbox("citizen", () => Promise.reject(gone())).remove(message.cid);
  });

  it("sends in order, one at a time, and keeps a message until it is stored", async () => {
    const sent: string[] = [];
    let accept: () => void = () => undefined;
    const box = useOutbox("citizen", (message) => {
      sent.push(message.type === "text" ? message.text : "");
      return new Promise((resolve) => (accept = () => resolve(taken(message, sent.length))));
    });
    box.post(text("一"), "一");
    box.post(text("二"), "二");
    await vi.advanceTimersByTimeAsync(1);
    expect(sent).toEqual(["一"]);
    expect(left("citizen")).toHaveLength(2);
    accept();
    await vi.advanceTimersByTimeAsync(1);
    expect(sent).toEqual(["一", "二"]);
    expect(left("citizen")).toHaveLength(1);
    box.stop();
  });

  it("tries again with the same cid, says so after a while, and sends when the line is back", async () => {
    const cids: string[] = [];
    let line = false;
    const box = useOutbox("citizen", (message) => {
      cids.push(message.cid);
      return line ? Promise.resolve(taken(message, 1)) : Promise.reject(gone());
    });
    box.post(text("一"), "一");
    await vi.advanceTimersByTimeAsync(40_000);
    expect(box.messages.value[0]).toMatchObject({ status: "failed" });
    line = true;
    box.wake();
    await vi.advanceTimersByTimeAsync(1);
    expect(new Set(cids).size).toBe(1);
    expect(box.messages.value[0]).toMatchObject({ status: "sent", seq: 1 });
    box.seen([shown(1, "一")]);
    expect(box.messages.value).toHaveLength(0);
    box.stop();
  });

  it("does not repeat what the server refuses, and goes on with the next", async () => {
    let calls = 0;
    const box = useOutbox("citizen", (message) => {
      calls += 1;
      return calls === 1 ? Promise.reject(new ApiError(400, "too_long", "太长")) : Promise.resolve(taken(message, 1));
    });
    box.post(text("长"), "长");
    box.post(text("短"), "短");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(calls).toBe(2);
    expect(box.messages.value[0]).toMatchObject({ status: "failed", refused: true, error: "太长" });
    box.stop();
  });

  it("shows a message once when its event comes before its acceptance", async () => {
    let accept: () => void = () => undefined;
    const box = useOutbox("citizen", (message) => new Promise((resolve) => (accept = () => resolve(taken(message, 7)))));
    box.post(text("一"), "一");
    await vi.advanceTimersByTimeAsync(1);
    box.seen([shown(7, "一")]);
    expect(box.messages.value[0]).toMatchObject({ seq: 7, status: "pending" });
    accept();
    await vi.advanceTimersByTimeAsync(1);
    expect(box.messages.value).toHaveLength(0);
    box.stop();
  });
});
