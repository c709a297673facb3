/** Answers from the knowledge base: for the citizen's last words, or for what the agent searches. */

import { computed, ref, watch, type Ref } from "vue";
import { wordsOf } from "@shared/staff/api";
import type { Suggestion } from "@shared/staff/types";
import { suggest } from "../lib/api";
import { lastWords, matter, type Talk } from "../lib/talk";

const PAUSE_MS = 250;
/** Characters that the server searches for. */
const MAX_QUERY = 500;
/** Offered unasked only from here on; what the agent searches for is shown however weak. */
const WORTH_OFFERING = 0.1;

export function useSuggestions(active: Ref<Talk | null>) {
  const hits = ref<Suggestion[]>([]);
  const query = ref("");
  const asked = ref("");
  const searched = ref(false);
  const busy = ref(false);
  const problem = ref("");
  let turn = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function fetchFor(id: string, words: string): Promise<void> {
    const mine = ++turn;
    busy.value = true;
    try {
      const found = await suggest(id, words);
      if (mine !== turn) return;
      hits.value = searched.value ? found.hits : found.hits.filter((hit) => hit.score >= WORTH_OFFERING);
      asked.value = found.query;
      problem.value = "";
    } catch (error) {
      if (mine === turn) problem.value = wordsOf(error);
    } finally {
      if (mine === turn) busy.value = false;
    }
  }

  function search(): void {
    if (!active.value) return;
    const typed = query.value.trim();
    searched.value = Boolean(typed);
    const words = [...(typed || matter(active.value))].slice(0, MAX_QUERY).join("");
    void fetchFor(active.value.id, words);
  }

  /** Back to what fits the citizen's words. */
  function clear(): void {
    query.value = "";
    search();
  }

  const spoken = computed(() => (active.value ? `${active.value.id}:${lastWords(active.value).seq}` : ""));
  watch(() => active.value?.id, () => {
    query.value = "";
    searched.value = false;
    hits.value = [];
    asked.value = "";
    problem.value = "";
    busy.value = false;
    turn++;
  });
  watch(spoken, () => {
    clearTimeout(timer);
    // What the agent searched for is not pushed away by the citizen's next words.
    if (!active.value || searched.value) return;
    busy.value = true;
    timer = setTimeout(search, PAUSE_MS);
  }, { immediate: true });

  return { hits, query, asked, searched, busy, problem, search, clear };
}
