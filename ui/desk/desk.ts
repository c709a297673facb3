/** The desk as one thing: its parts joined, made once by the page and used by its components. */

import { ElMessage } from "element-plus";
import "element-plus/theme-chalk/el-message.css";
import { computed, inject, onScopeDispose, provide, ref, type InjectionKey } from "vue";
import { whoAmI, wordsOf } from "@shared/staff/api";
import type { DeskFrame, Me, Presence } from "@shared/staff/types";
import { useAlerts } from "./composables/useAlerts";
import { useReadMarks } from "./composables/useReadMarks";
import { useQueue } from "./composables/useQueue";
import { useSending } from "./composables/useSending";
import { useSuggestions } from "./composables/useSuggestions";
import { useTalks } from "./composables/useTalks";
import { claim as claimIt, fetchQueue, setPresence } from "./lib/api";
import { DeskSocket, socketUrl } from "./lib/socket";

export type Desk = ReturnType<typeof makeDesk>;
const KEY: InjectionKey<Desk> = Symbol("desk");

export function useDesk(): Desk {
  const desk = inject(KEY);
  if (!desk) throw new Error("no desk is provided");
  return desk;
}

export function provideDesk(me: Me): Desk {
  const desk = makeDesk(me);
  provide(KEY, desk);
  return desk;
}

function makeDesk(me: Me) {
  /** null until the first attempt has succeeded or failed. */
  const online = ref<boolean | null>(null);
  const presence = ref<Presence>(me.presence);
  const claiming = ref("");

  const socket = new DeskSocket(socketUrl(), {
    frame: handle,
    line: (up) => {
      online.value = up;
      if (up) void talks.refresh();
    },
    // Refused with 401 or not reached at all: the browser does not say which, a request does.
    refused: () => void whoAmI().catch(() => undefined),
  });
  const talks = useTalks(me.user, socket, (talk) => alerts.alert(`${talk.line.zone_name}：有新消息`, `talk:${talk.id}`));
  const queue = useQueue((fresh) => {
    if (presence.value === "offline") return;
    const urgent = fresh.some((item) => item.urgency === "urgent");
    alerts.alert(`${fresh[0]!.zone_name}：有人在等待${urgent ? "（紧急）" : ""}`, "queue", urgent);
  });
  const waiting = computed(() => queue.items.value.length);
  const alerts = useAlerts(talks.unreadTotal, waiting);
  const suggestions = useSuggestions(talks.active);
  const sending = useSending();
  useReadMarks(talks);

  function handle(frame: DeskFrame): void {
    if (frame.t === "queue") queue.update(frame.items);
    else if (frame.t === "event") talks.onEvent(frame.conversation, frame.event);
    else if (frame.t === "state") talks.onState(frame.conversation, frame.holder);
    else if (frame.t === "typing" && frame.from === "user") talks.onTyping(frame.conversation, frame.on);
    else if (frame.t === "read") talks.onRead(frame.conversation, frame.seq);
  }

  async function claim(conversation: string): Promise<void> {
    if (claiming.value) return;
    claiming.value = conversation;
    try {
      await claimIt(conversation);
      queue.remove(conversation);
      await talks.refresh();
      talks.select(conversation);
    } catch (error) {
      ElMessage.warning({ message: wordsOf(error), duration: 6000, grouping: true });
      await reloadQueue();
    } finally {
      claiming.value = "";
    }
  }

  async function reloadQueue(): Promise<void> {
    try {
      queue.update(await fetchQueue());
    } catch {
      // the live line brings the queue as soon as it is back
    }
  }

  async function changePresence(status: Presence): Promise<void> {
    const before = presence.value;
    presence.value = status;
    try {
      await setPresence(status);
    } catch (error) {
      presence.value = before;
      ElMessage.error(wordsOf(error));
    }
  }

  function start(): void {
    socket.start();
    void reloadQueue();
    void talks.refresh();
    window.addEventListener("online", wake);
    window.addEventListener("focus", wake);
    document.addEventListener("visibilitychange", wake);
  }

  function wake(): void {
    socket.hurry();
    talks.see();
    if (document.visibilityState === "visible") void talks.refresh();
  }

  onScopeDispose(() => {
    socket.stop();
    window.removeEventListener("online", wake);
    window.removeEventListener("focus", wake);
    document.removeEventListener("visibilitychange", wake);
  });

  return { me, online, presence, claiming, socket, talks, queue, alerts, suggestions, sending, claim, changePresence, start };
}
