/** Who waits for a person, as the server last told, with the wait counting on. */

import { ref } from "vue";
import type { QueueItem } from "@shared/staff/types";

export type Waiting = QueueItem & { /** When this wait began, on our own clock, in ms. */ since: number };

/** `arrived` is called with those who were not in the queue before; not for the first list. */
export function useQueue(arrived: (fresh: Waiting[]) => void) {
  const items = ref<Waiting[]>([]);
  const loaded = ref(false);

  function update(list: QueueItem[]): void {
    const before = new Set(items.value.map((item) => item.conversation));
    const first = !loaded.value;
    items.value = list.map((item) => ({ ...item, since: Date.now() - item.waiting_s * 1000 }));
    loaded.value = true;
    const fresh = items.value.filter((item) => !before.has(item.conversation));
    if (!first && fresh.length) arrived(fresh);
  }

  function remove(conversation: string): void {
    items.value = items.value.filter((item) => item.conversation !== conversation);
  }

  return { items, loaded, update, remove };
}
