import { nextTick, onBeforeUnmount, onMounted, ref, watch, type Ref } from "vue";

const NEAR = 60;

export interface Scroll {
  /** Messages that came while the citizen was reading further up. */
  unseen: Ref<number>;
  toEnd(): void;
  /** Whether the log follows its end. */
  follows(): boolean;
}

/**
 * Follows the end of the log while the citizen is there, and leaves them in peace when they are not.
 * `own` says whether the newest line is theirs: then the log always follows. `count` counts the lines.
 */
export function useScroll(box: Ref<HTMLElement | null>, count: () => number, own: () => boolean, onEnd: () => void): Scroll {
  const unseen = ref(0);
  let stick = true;
  let top = 0;
  let observer: ResizeObserver | undefined;

  const jump = (): void => {
    // Before the first message the greeting is read from its beginning.
    if (box.value && count()) box.value.scrollTop = box.value.scrollHeight;
  };
  const toEnd = (): void => {
    stick = true;
    unseen.value = 0;
    jump();
    onEnd();
  };
  const onScroll = (): void => {
    const el = box.value;
    if (!el) return;
    // Growth under way also takes the end out of sight; only a hand that scrolls up means to leave it.
    if (el.scrollHeight - el.scrollTop - el.clientHeight < NEAR) stick = true;
    else if (el.scrollTop < top) stick = false;
    top = el.scrollTop;
    if (!stick) return;
    unseen.value = 0;
    onEnd();
  };

  watch(count, async (now, before) => {
    await nextTick();
    if (stick || own()) toEnd();
    else if (now > before) unseen.value += now - before;
  });
  onMounted(() => {
    box.value?.addEventListener("scroll", onScroll, { passive: true });
    if (typeof ResizeObserver === "undefined" || !box.value) return;
    // Pictures load, the keyboard opens, the text grows: the end stays in sight.
    observer = new ResizeObserver(() => stick && jump());
    observer.observe(box.value);
    if (box.value.firstElementChild) observer.observe(box.value.firstElementChild);
  });
  onBeforeUnmount(() => observer?.disconnect());
  return { unseen, toEnd, follows: () => stick };
}
