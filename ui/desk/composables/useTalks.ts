/** The conversations that this agent holds: loading, live events, what is shown now. */

import { computed, reactive, ref, watch } from "vue";
import type { ChatEvent, Holder } from "@shared/contract";
import { wordsOf } from "@shared/staff/api";
import type { QueueItem } from "@shared/staff/types";
import { fetchMine, fetchStory } from "../lib/api";
import { forget, keep, keptOf } from "../lib/kept";
import type { DeskSocket } from "../lib/socket";
import { adopt, newTalk, receive, unread, type Talk } from "../lib/talk";

const TYPING_MS = 6_000;
/** The story is fetched again so long after news of the talk, once for all news within it. */
const REFRESH_MS = 800;

const LEFT: Partial<Record<Holder, string>> = {
  queue: "这次对话已回到队列。",
  closed: "这次对话已结束。",
  bot: "这次对话已不归您接待。",
};

export type Talks = ReturnType<typeof useTalks>;

/** `news` is called for each event of a citizen that came live. */
export function useTalks(user: string, socket: DeskSocket, news: (talk: Talk, event: ChatEvent) => void) {
  const talks = reactive<Talk[]>([]);
  const activeId = ref("");
  const problem = ref("");
  const loaded = ref(false);
  const timers = new Map<string, ReturnType<typeof setTimeout>>();

  const find = (id: string): Talk | undefined => talks.find((talk) => talk.id === id);
  const active = computed(() => find(activeId.value) ?? null);
  const unreadTotal = computed(() => talks.reduce((sum, talk) => sum + unread(talk), 0));

  function later(name: string, ms: number, work: () => void): void {
    clearTimeout(timers.get(name));
    timers.set(name, setTimeout(work, ms));
  }

  /** Bring the list in line with the server's: new ones come in, ones that are gone are ended. */
  async function refresh(): Promise<void> {
    try {
      const mine = await fetchMine();
      problem.value = "";
      await Promise.all(mine.map((line) => bring(line)));
      const held = new Set(mine.map((line) => line.conversation));
      for (const talk of talks) if (!held.has(talk.id)) await confirmGone(talk);
    } catch (error) {
      problem.value = wordsOf(error);
    }
    loaded.value = true;
    if (!active.value) select(talks[0]?.id ?? "");
  }

  /** A list that was asked for before a claim does not hold it; the conversation itself knows. */
  async function confirmGone(talk: Talk): Promise<void> {
    if (talk.ended) return;
    const mine = await fetchMine();
    if (!mine.some((line) => line.conversation === talk.id)) end(talk, LEFT.bot!);
  }

  async function bring(line: QueueItem): Promise<void> {
    const known = find(line.conversation);
    if (known?.ended) talks.splice(talks.indexOf(known), 1);
    if (known && !known.ended) {
      known.line = line;
      return;
    }
    talks.push(newTalk(line, keptOf(user, line.conversation)));
    const talk = find(line.conversation)!;
    await load(talk);
  }

  async function load(talk: Talk): Promise<void> {
    try {
      adopt(talk, await fetchStory(talk.id));
      socket.watch(talk.id, () => talk.last);
    } catch (error) {
      talk.problem = wordsOf(error);
    }
  }

  async function reload(talk: Talk): Promise<void> {
    if (talk.ended) return;
    try {
      adopt(talk, await fetchStory(talk.id));
    } catch {
      // what is shown stays; the next news tries again
    }
  }

  function onEvent(id: string, event: ChatEvent): void {
    const talk = find(id);
    if (!talk || talk.ended) return;
    const outcome = receive(talk, event);
    if (outcome === "gap") socket.watch(id, () => talk.last);
    if (outcome !== "fresh") return;
    later(`story:${id}`, REFRESH_MS, () => void reload(talk));
    if (event.from === "user") news(talk, event);
  }

  function onState(id: string, holder: Holder): void {
    const talk = find(id);
    if (!talk) return;
    talk.holder = holder;
    if (holder !== "agent" && !talk.ended) end(talk, LEFT[holder] ?? "");
  }

  function onTyping(id: string, on: boolean): void {
    const talk = find(id);
    if (!talk) return;
    talk.typing = on;
    if (on) later(`typing:${id}`, TYPING_MS, () => (talk.typing = false));
  }

  function onRead(id: string, seq: number): void {
    const talk = find(id);
    if (talk) talk.readSeq = Math.max(talk.readSeq, seq);
  }

  function end(talk: Talk, words: string): void {
    talk.ended = words;
    talk.typing = false;
    socket.unwatch(talk.id);
    // A draft that was never sent stays on the screen until the talk is put away.
    if (!talk.draft && !talk.outgoing.length) forget(user, talk.id);
  }

  function putAway(talk: Talk): void {
    forget(user, talk.id);
    socket.unwatch(talk.id);
    const at = talks.indexOf(talk);
    if (at >= 0) talks.splice(at, 1);
    if (activeId.value === talk.id) select(talks[Math.min(at, talks.length - 1)]?.id ?? "");
  }

  function select(id: string): void {
    activeId.value = id;
    see();
  }

  /** What is on the screen of somebody who looks at it counts as seen. */
  function see(): void {
    if (active.value && document.visibilityState === "visible") active.value.seen = active.value.last;
  }
  watch(() => active.value?.last, see);

  const lasting = (): unknown => talks.map((talk) => [talk.draft, talk.seen, ...talk.outgoing.map((m) => m.cid + m.state)]);
  watch(lasting, () => talks.filter((talk) => !talk.ended).forEach((talk) => keep(user, talk)));

  return { talks, active, activeId, problem, loaded, unreadTotal, refresh, bring, load, reload, select, see, putAway, end, onEvent, onState, onTyping, onRead };
}
