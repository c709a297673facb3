import { ref } from "vue";
import { load, save } from "@shared/storage";

/** The sizes of text, smallest first. They are classes of `<html>`; everything else is in rem. */
const SIZES = [
  { id: "normal", name: "标准" },
  { id: "large", name: "大字" },
  { id: "larger", name: "特大字" },
] as const;

const at = ref(Math.max(0, SIZES.findIndex((size) => size.id === load("size"))));

function apply(): void {
  const root = document.documentElement;
  for (const size of SIZES) root.classList.toggle(`size-${size.id}`, size === SIZES[at.value]);
}

export function useTextSize() {
  return {
    name: () => SIZES[at.value]!.name,
    nextName: () => SIZES[(at.value + 1) % SIZES.length]!.name,
    enlarged: () => at.value > 0,
    next(): void {
      at.value = (at.value + 1) % SIZES.length;
      save("size", SIZES[at.value]!.id);
      apply();
    },
    apply,
  };
}
