import { describe, expect, it } from "vitest";
import type { ChatEvent, Kind, Sender } from "@shared/contract";
import type { Outgoing } from "../lib/outbox";
import { liveQuestion, timeline } from "../lib/timeline";

let seq = 0;
function event(kind: Kind, body: object, from: Sender = "bot"): ChatEvent {
  seq += 1;
  return { seq, id: String(seq), from, kind, body, ts: "2026-11-23T10:00:00+08:00" } as unknown as ChatEvent;
}
function log(...made: (() => ChatEvent)[]): ChatEvent[] {
  seq = 0;
  return made.map((make) => make());
}
const text = (from: Sender) => () => event("text", { text: "好" }, from);
const ask = (...ids: string[]) => () => event("choices", { text: "?", choices: ids.map((id) => ({ id, title: id })) });
const ticket = (status: string) => () => event("ticket", { ticket: "A1", status, status_name: status, title: "灯" }, "system");
const out = (patch: Partial<Outgoing>): Outgoing => ({ cid: "c", content: { type: "text", text: "好" }, title: "好", at: 0, status: "pending", ...patch });

describe("timeline", () => {
  it("keeps one card for a ticket, with its latest status", () => {
    const items = timeline(log(ticket("received"), ticket("accepted"), ticket("assigned")), []);
    expect(items.map((item) => item.type)).toEqual(["time", "card"]);
    expect(items[1]).toMatchObject({ ticket: { status: "assigned" } });
  });

  it("tells news of a ticket below what was said since, once", () => {
    const items = timeline(log(ticket("received"), text("bot"), ticket("accepted"), ticket("assigned")), []);
    expect(items.map((item) => item.type)).toEqual(["time", "card", "event", "news"]);
    expect(items[3]).toMatchObject({ key: "e4" });
  });

  it("hides what is on its way once the log shows it", () => {
    const events = log(text("user"));
    expect(timeline(events, [out({ seq: 1 })]).filter((item) => item.type === "out")).toHaveLength(0);
    expect(timeline(events, [out({ seq: 2 })]).filter((item) => item.type === "out")).toHaveLength(1);
  });
});

describe("liveQuestion", () => {
  it("is the last question only, until it is answered", () => {
    expect(liveQuestion(log(ask("a"), ask("b")), [], "bot")).toBe(2);
    expect(liveQuestion(log(ask("a"), text("user")), [], "bot")).toBe(0);
    expect(liveQuestion(log(ask("a")), [out({})], "bot")).toBe(0);
    expect(liveQuestion(log(ask("a")), [out({ status: "failed", refused: true })], "bot")).toBe(1);
  });

  it("leaves the way out of the queue open while the citizen talks, and shuts it when an agent joins", () => {
    const joined = () => event("notice", { code: "agent_joined", text: "" }, "system");
    expect(liveQuestion(log(ask("queue:leave"), text("user")), [], "queue")).toBe(1);
    expect(liveQuestion(log(ask("queue:leave"), joined), [], "agent")).toBe(0);
  });
});
