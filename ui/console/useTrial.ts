/** A question tried out: what is asked lives in the address, so that a result can be shown to a colleague. */

import { ref } from "vue";
import { wordsOf } from "@shared/staff/api";
import { search, type Found } from "./api";

export function useTrial() {
  const given = new URLSearchParams(location.search);
  const question = ref(given.get("q") ?? "");
  const audience = ref(given.get("audience") === "enterprise" ? "enterprise" : "citizen");
  const found = ref<Found | null>(null);
  const busy = ref(false);
  const problem = ref("");
  let turn = 0;

  async function run(): Promise<void> {
    const asked = question.value.trim();
    if (!asked) return void (problem.value = "请先输入一个问题。");
    const mine = ++turn;
    busy.value = true;
    problem.value = "";
    history.replaceState(null, "", `?${new URLSearchParams({ q: asked, audience: audience.value }).toString()}`);
    try {
      const answer = await search(asked, audience.value);
      if (mine === turn) found.value = answer;
    } catch (error) {
      if (mine === turn) problem.value = wordsOf(error);
    } finally {
      if (mine === turn) busy.value = false;
    }
  }

  return { question, audience, found, busy, problem, run };
}
