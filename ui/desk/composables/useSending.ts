/** Sending: one message after the other in each talk, the same id on every try. */

import { ApiError } from "@shared/http";
import { wordsOf } from "@shared/staff/api";
import { uuid } from "@shared/uuid";
import { say } from "../lib/api";
import { settle, type Outgoing, type Talk } from "../lib/talk";

const AGAIN_MS = [800, 2500];

export function useSending() {
  const chains = new Map<string, Promise<void>>();

  function send(talk: Talk, text: string): void {
    const message: Outgoing = { cid: uuid(), text, after: talk.last, state: "pending", seq: 0, problem: "" };
    talk.outgoing.push(message);
    queue(talk, message.cid);
  }

  function retry(talk: Talk, cid: string): void {
    const message = talk.outgoing.find((m) => m.cid === cid);
    if (message?.state !== "failed") return;
    message.state = "pending";
    message.problem = "";
    queue(talk, cid);
  }

  /** Take a failed message back into the draft. */
  function takeBack(talk: Talk, cid: string): void {
    const at = talk.outgoing.findIndex((m) => m.cid === cid && m.state === "failed");
    if (at < 0) return;
    const [message] = talk.outgoing.splice(at, 1);
    talk.draft = [talk.draft, message!.text].filter(Boolean).join("\n");
  }

  function queue(talk: Talk, cid: string): void {
    const before = chains.get(talk.id) ?? Promise.resolve();
    chains.set(talk.id, before.then(() => deliver(talk, cid)));
  }

  async function deliver(talk: Talk, cid: string): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      const message = talk.outgoing.find((m) => m.cid === cid);
      if (!message) return;
      try {
        message.seq = (await say(talk.id, cid, message.text)).seq;
        message.state = "sent";
        return settle(talk);
      } catch (error) {
        const pause = AGAIN_MS[attempt];
        const passing = error instanceof ApiError && error.passing;
        if (!passing || pause === undefined) return failed(talk, cid, wordsOf(error));
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    }
  }

  function failed(talk: Talk, cid: string, words: string): void {
    const message = talk.outgoing.find((m) => m.cid === cid);
    if (message) Object.assign(message, { state: "failed", problem: words });
  }

  return { send, retry, takeBack };
}
