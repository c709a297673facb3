/** Sound, notifications and the tab's title. Nothing a citizen said leaves the page in a notification. */

import { ref, watch, type Ref } from "vue";
import { load, save } from "@shared/storage";

const TITLE = "坐席工作台 · 宿迁12345";

export function titleOf(unread: number, waiting: number): string {
  const parts = [unread ? `${unread}条未读` : "", waiting ? `${waiting}人排队` : ""].filter(Boolean);
  return parts.length ? `（${parts.join("，")}）${TITLE}` : TITLE;
}

type Permission = NotificationPermission | "unsupported";

const permitted = (): Permission => (typeof Notification === "undefined" ? "unsupported" : Notification.permission);

export function useAlerts(unread: Ref<number>, waiting: Ref<number>) {
  const muted = ref(load("desk.muted") === "1");
  const permission = ref<Permission>(permitted());
  let context: AudioContext | null = null;

  watch(muted, (on) => save("desk.muted", on ? "1" : "0"));
  watch([unread, waiting], ([u, w]) => (document.title = titleOf(u, w)), { immediate: true });

  /** The browser asks the agent once; afterwards only its own settings change the answer. */
  async function ask(): Promise<void> {
    if (permission.value === "default") permission.value = await Notification.requestPermission();
  }

  function alert(words: string, tag: string, urgent = false): void {
    if (!muted.value) beep(urgent);
    if (document.visibilityState === "visible" && document.hasFocus()) return;
    if (permission.value === "granted") show(words, tag);
  }

  function show(words: string, tag: string): void {
    const shown = new Notification("宿迁12345 坐席工作台", { body: words, tag });
    shown.onclick = () => {
      window.focus();
      shown.close();
    };
  }

  /** Two soft notes; three higher ones for what is urgent. Silent until the browser lets the page sound. */
  function beep(urgent: boolean): void {
    context ??= new AudioContext();
    void context.resume().catch(() => undefined);
    const notes = urgent ? [988, 988, 988] : [660, 880];
    notes.forEach((pitch, i) => note(context!, pitch, context!.currentTime + i * 0.18));
  }

  return { muted, permission, ask, alert };
}

function note(context: AudioContext, pitch: number, at: number): void {
  const tone = context.createOscillator();
  const gain = context.createGain();
  tone.frequency.value = pitch;
  gain.gain.setValueAtTime(0.12, at);
  gain.gain.exponentialRampToValueAtTime(0.001, at + 0.16);
  tone.connect(gain).connect(context.destination);
  tone.start(at);
  tone.stop(at + 0.17);
}
