/** Districts, categories and kinds of request: fetched when first needed, then kept. */

import { ref } from "vue";
import { wordsOf } from "@shared/staff/api";
import type { Catalog, TicketCategory } from "@shared/staff/types";
import { fetchCatalog } from "../lib/api";

const catalog = ref<Catalog | null>(null);
const problem = ref("");

export function useCatalog() {
  async function need(): Promise<void> {
    if (catalog.value) return;
    try {
      catalog.value = await fetchCatalog();
      problem.value = "";
    } catch (error) {
      problem.value = wordsOf(error);
    }
  }

  function category(code: unknown): TicketCategory | undefined {
    return catalog.value?.categories.flatMap((group) => group.categories).find((c) => c.code === code);
  }

  function nameOf(list: "districts" | "request_types", code: unknown): string {
    return catalog.value?.[list].find((named) => named.code === code)?.name ?? String(code ?? "");
  }

  return { catalog, problem, need, category, nameOf };
}
