import { onScopeDispose, ref, type Ref } from "vue";

/** The time in ms, once a second. */
export function useClock(): Ref<number> {
  const now = ref(Date.now());
  const timer = setInterval(() => (now.value = Date.now()), 1000);
  onScopeDispose(() => clearInterval(timer));
  return now;
}
