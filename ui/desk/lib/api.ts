/** The desk's endpoints. Each throws ApiError. */

import type { Accepted } from "@shared/contract";
import { get, send } from "@shared/staff/api";
import type { Catalog, Outcome, Presence, QueueItem, Story, Suggestion } from "@shared/staff/types";
import type { TicketBody } from "@shared/contract";

const talk = (id: string, rest = ""): string => `/desk/api/conversations/${encodeURIComponent(id)}${rest}`;

export const fetchQueue = async (): Promise<QueueItem[]> => (await get<{ items: QueueItem[] }>("/desk/api/queue")).items;

/** The conversations that this agent holds now. */
export const fetchMine = async (): Promise<QueueItem[]> =>
  (await get<{ items: QueueItem[] }>("/desk/api/conversations")).items;

export const fetchStory = (id: string): Promise<Story> => get(talk(id));

export const claim = (id: string): Promise<unknown> => send("POST", talk(id, "/claim"));

export const say = (id: string, cid: string, text: string): Promise<Accepted> =>
  send("POST", talk(id, "/messages"), { cid, text });

export const close = (id: string, outcome: Outcome, note: string): Promise<unknown> =>
  send("POST", talk(id, "/close"), note ? { outcome, note } : { outcome });

export const transfer = (id: string, zone: string, note: string): Promise<unknown> =>
  send("POST", talk(id, "/transfer"), { zone, note });

export const openTicket = (id: string, fields: object): Promise<TicketBody> => send("POST", talk(id, "/ticket"), fields);

/** For the citizen's last words, or for `query` when it is given. */
export const suggest = (id: string, query: string): Promise<{ query: string; hits: Suggestion[] }> =>
  get(talk(id, `/suggestions${query ? `?q=${encodeURIComponent(query)}` : ""}`));

export const setPresence = (status: Presence): Promise<unknown> => send("PUT", "/desk/api/presence", { status });

export const fetchCatalog = (): Promise<Catalog> => get("/desk/api/catalog");
