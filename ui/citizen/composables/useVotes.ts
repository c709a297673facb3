import { shallowRef } from "vue";
import { request } from "@shared/http";
import { loadJson, saveJson } from "@shared/storage";

export type Vote = "up" | "down";

const KEPT = 200;
const votes = shallowRef<[event: string, vote: Vote][]>(loadJson("votes") ?? []);

/** The citizen's thumb for an answer, if there is one. */
export function voteOf(event: string): Vote | undefined {
  return votes.value.find(([id]) => id === event)?.[1];
}

/** Tell the server, then remember. Throws ApiError. */
export async function vote(token: string, event: string, thumb: Vote, words?: string): Promise<void> {
  const body = words ? { event, vote: thumb, words } : { event, vote: thumb };
  await request("/web/feedback", { method: "POST", token, body });
  votes.value = [...votes.value.filter(([id]) => id !== event), [event, thumb] as [string, Vote]].slice(-KEPT);
  saveJson("votes", votes.value);
}
