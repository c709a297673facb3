import { onBeforeUnmount, onMounted } from "vue";

/** Call `wake` whenever the page may have missed something: seen again, restored, back on the network. */
export function useWaking(wake: () => void, lost: () => void): void {
  const visible = (): void => {
    if (!document.hidden) wake();
  };
  onMounted(() => {
    document.addEventListener("visibilitychange", visible);
    window.addEventListener("online", wake);
    window.addEventListener("pageshow", wake);
    window.addEventListener("offline", lost);
  });
  onBeforeUnmount(() => {
    document.removeEventListener("visibilitychange", visible);
    window.removeEventListener("online", wake);
    window.removeEventListener("pageshow", wake);
    window.removeEventListener("offline", lost);
  });
}
