import { computed, inject, ref, shallowRef, type InjectionKey } from "vue";
import type { Audience, ChatEvent, ConversationState, MessageContent } from "@shared/contract";
import { ApiError } from "@shared/http";
import { wait } from "@shared/format";
import { useOutbox } from "./composables/useOutbox";
import { useUploads } from "./composables/useUploads";
import { backoff, Pause } from "./lib/backoff";
import { Connection, type Status } from "./lib/connection";
import type { Outgoing } from "./lib/outbox";
import { forgetSession, openSession, type Session } from "./lib/session";
import { liveQuestion, timeline } from "./lib/timeline";

const NOT_YET = new ApiError(0, "network", "正在连接，连上后自动发送。");
const SETTLE_MS = 40;
const REPLY_MS = 12_000;

/** One citizen's conversation for one audience: what the page shows and what it can do. */
export function createChat(audience: Audience) {
  const events = shallowRef<ChatEvent[]>([]);
  const state = shallowRef<ConversationState>({ holder: "bot" });
  const status = ref<Status>("connecting");
  /** The history is loaded; from here on, what comes is new. */
  const settled = ref(false);
  const typing = ref(false);
  /** A word for the citizen that belongs to no message. */
  const hint = ref("");
  /** Words that go back into the input. */
  const returned = ref("");

  let session: Session | null = null;
  let connection: Connection | null = null;
  let stopped = false;
  const pause = new Pause();
  const outbox = useOutbox(audience, (message) => (connection ? connection.send(message) : Promise.reject(NOT_YET)));
  const uploads = useUploads(
    () => session?.token ?? "",
    (file) => post({ type: "file", file_id: file.file_id }, file.name),
  );

  async function start(): Promise<void> {
    for (let attempt = 0; !stopped; attempt++) {
      try {
        session = await openSession(audience);
        if (!stopped) connect(session);
        return;
      } catch {
        status.value = "offline";
        await pause.wait(backoff(attempt));
      }
    }
  }

  function connect({ token }: Session): void {
    let held: ChatEvent[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const flush = (whole: boolean): void => {
      clearTimeout(timer);
      if (held.length) {
        events.value = events.value.concat(held);
        if (held.some((event) => event.from !== "user")) typing.value = false;
        outbox.seen(held);
        held = [];
      }
      if (whole) settled.value = true;
    };
    connection = new Connection(token, {
      onEvents(fresh, whole) {
        held.push(...fresh);
        // History comes as hundreds of frames: shown at once, not one by one.
        clearTimeout(timer);
        if (whole && settled.value) flush(true);
        else timer = setTimeout(() => flush(whole), SETTLE_MS);
      },
      onState: (next) => (state.value = next),
      onTyping: showTyping,
      onStatus(next) {
        status.value = next;
        if (next === "online") outbox.wake();
      },
      onSessionLost: () => renew(token),
    });
  }

  function renew(token: string): void {
    forgetSession(audience, token);
    connection = null;
    events.value = [];
    state.value = { holder: "bot" };
    settled.value = false;
    hint.value = "上次的会话已经过期，已为您重新开始；没发出去的内容会接着发。";
    void start();
  }

  let typingTimer: ReturnType<typeof setTimeout> | undefined;
  function showTyping(on: boolean): void {
    clearTimeout(typingTimer);
    typing.value = on;
    if (on) typingTimer = setTimeout(() => (typing.value = false), REPLY_MS);
  }

  function post(content: MessageContent, title: string): void {
    hint.value = "";
    outbox.post(content, title);
    if (state.value.holder === "bot" || state.value.holder === "closed") showTyping(true);
  }

  let told = 0;
  function callPerson(): void {
    const { holder, queue_position: place, estimated_wait_s: seconds, agent } = state.value;
    if (holder === "agent") hint.value = `坐席${agent ?? ""}正在为您服务，直接说就可以。`;
    else if (holder === "queue") {
      hint.value = `已经在为您转人工${place ? `，排在第${place}位` : ""}${seconds === undefined ? "" : `，预计${wait(seconds)}`}。`;
    } else if (Date.now() - told > 1500) {
      told = Date.now(); // a double tap is one message
      post({ type: "text", text: "转人工" }, "转人工");
    }
  }

  void start();
  return {
    audience,
    events,
    state,
    status,
    settled,
    typing,
    hint,
    returned,
    outbox,
    uploads,
    items: computed(() => timeline(events.value, outbox.messages.value)),
    live: computed(() => liveQuestion(events.value, outbox.messages.value, state.value.holder)),
    token: () => session?.token ?? "",
    sayText: (text: string) => post({ type: "text", text }, text),
    choose: (id: string, title: string) => post({ type: "choice", choice: id }, title),
    sendPlace: (lat: number, lng: number, label: string) =>
      post({ type: "location", location: { lat, lng, label } }, label || "我的位置"),
    callPerson,
    /** Give up sending: words go back into the input, anything else is dropped. */
    takeBack({ cid, content }: Outgoing): void {
      outbox.remove(cid);
      if (content.type === "text") returned.value = content.text;
    },
    tell: (frame: object) => connection?.tell(frame),
    lastSeq: () => connection?.last ?? 0,
    wake(): void {
      pause.end();
      connection?.wake();
      outbox.wake();
    },
    /** The device itself says that it has no network. */
    lineLost: () => (status.value = "offline"),
    stop(): void {
      stopped = true;
      pause.end();
      connection?.stop();
      outbox.stop();
    },
  };
}

export type Chat = ReturnType<typeof createChat>;
export const CHAT: InjectionKey<Chat> = Symbol("chat");

export function useChat(): Chat {
  const chat = inject(CHAT);
  if (!chat) throw new Error("no chat provided");
  return chat;
}
