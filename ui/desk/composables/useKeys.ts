import { onMounted, onUnmounted } from "vue";

interface Shortcuts {
  search: () => void;
  talk: (index: number) => void;
  next: () => void;
}

/** Ctrl+K (⌘K) searches, Alt+1…9 opens a talk, Alt+N takes the next one waiting. Never while composing. */
export function useKeys(shortcuts: Shortcuts): void {
  function pressed(event: KeyboardEvent): void {
    if (event.isComposing || event.defaultPrevented) return;
    const digit = /^Digit([1-9])$/.exec(event.code);
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.code === "KeyK") shortcuts.search();
    else if (event.altKey && !event.ctrlKey && digit) shortcuts.talk(Number(digit[1]) - 1);
    else if (event.altKey && !event.ctrlKey && event.code === "KeyN") shortcuts.next();
    else return;
    event.preventDefault();
  }
  onMounted(() => window.addEventListener("keydown", pressed));
  onUnmounted(() => window.removeEventListener("keydown", pressed));
}
