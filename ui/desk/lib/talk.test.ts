import { describe, expect, it } from "vitest";
import type { ChatEvent } from "@shared/contract";
import type { QueueItem, Story } from "@shared/staff/types";
import { adopt, lastWords, matter, newTalk, receive, settle, unread, type Outgoing, type Talk } from "./talk";

const line = { conversation: "c1" } as QueueItem;
const event = (seq: number, from: "user" | "agent" | "bot", text: string): ChatEvent => ({
  seq, id: `e${seq}`, from, kind: "text", body: { text }, ts: "2026-11-23T10:00:00+08:00",
});
const message = (cid: string, text: string, after: number): Outgoing => ({ cid, text, after, state: "pending", seq: 0, problem: "" });
const fresh = (outgoing: Outgoing[] = []): Talk => newTalk(line, { draft: "", outgoing, seen: 0 });
const story = (events: ChatEvent[], more: Partial<Story> = {}): Story =>
  ({ holder: "agent", read_seq: 0, last_seq: events.length, transcript: events, ...more }) as Story;

describe("receive", () => {
  it("takes events in order, once, and tells of gaps", () => {
    const talk = fresh();
    expect(receive(talk, event(1, "user", "您好"))).toBe("fresh");
    expect(receive(talk, event(1, "user", "您好"))).toBe("known");
    expect(receive(talk, event(3, "user", "在吗"))).toBe("gap");
    expect(talk.events.map((e) => e.seq)).toEqual([1]);
  });

  it("replaces a message on its way by its event, also before the answer to its request", () => {
    const talk = fresh([message("a", "好的", 0), message("b", "好的", 0)]);
    receive(talk, event(1, "agent", "好的"));
    expect(talk.outgoing.map((m) => m.cid)).toEqual(["b"]);
    receive(talk, event(2, "agent", "好的"));
    expect(talk.outgoing).toEqual([]);
  });

  it("does not take an older event of the same words for the message", () => {
    const talk = fresh();
    adopt(talk, story([event(1, "agent", "好的")]));
    talk.outgoing.push(message("a", "好的", 1));
    adopt(talk, story([event(1, "agent", "好的")]));
    expect(talk.outgoing).toHaveLength(1);
  });

  it("knows that a citizen who writes has read what was there", () => {
    const talk = fresh();
    receive(talk, event(1, "agent", "请问地址？"));
    receive(talk, event(2, "user", "幸福小区"));
    expect(talk.readSeq).toBe(2);
  });
});

describe("adopt", () => {
  it("keeps what is newer here than in a late answer", () => {
    const talk = fresh();
    adopt(talk, story([event(1, "user", "一"), event(2, "user", "二")]));
    adopt(talk, story([event(1, "user", "一")], { read_seq: 1 }));
    expect(talk.last).toBe(2);
    expect(talk.events).toHaveLength(2);
  });

  it("finds after a reload that a message of unknown fate arrived", () => {
    const talk = fresh([message("a", "已登记", 1)]);
    adopt(talk, story([event(1, "user", "一"), event(2, "agent", "已登记")]));
    expect(talk.outgoing).toEqual([]);
  });
});

it("settles by sequence number", () => {
  const talk = fresh([{ ...message("a", "x", 0), state: "sent", seq: 1 }]);
  settle(talk);
  expect(talk.outgoing).toHaveLength(1);
  receive(talk, event(1, "agent", "x "));
  expect(talk.outgoing).toEqual([]);
});

it("counts the citizen's unseen events, and finds the last words", () => {
  const talk = fresh();
  for (const e of [event(1, "user", "一"), event(2, "bot", "答"), event(3, "user", "二")]) receive(talk, e);
  expect(unread(talk)).toBe(2);
  talk.seen = 1;
  expect(unread(talk)).toBe(1);
  expect(lastWords(talk)).toEqual({ seq: 3, text: "二" });
});

it("takes longer words for the matter before 「转人工」", () => {
  const talk = fresh();
  receive(talk, event(1, "user", "转人工"));
  expect(matter(talk)).toBe("转人工");
  receive(talk, event(2, "user", "公积金怎么提取"));
  receive(talk, event(3, "user", "好的"));
  expect(matter(talk)).toBe("公积金怎么提取");
});
