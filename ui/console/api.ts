/** The public knowledge API (contract 5), as the console looks at it. Each throws ApiError. */

import type { Audience, Citation } from "@shared/contract";
import { get } from "@shared/staff/api";

export interface Entry {
  topic: string;
  entry: string;
  question: string;
  answer: string;
  audience: Audience | "both";
  department: string;
  unit?: string;
  citations: Citation[];
  updated: string;
  effective_from?: string;
  expires?: string;
  review_by?: string;
}

/** `score` from 0 to 1. */
export interface Hit extends Entry {
  score: number;
}

/** `answered`: the assistant itself would answer with the first hit. */
export interface Found {
  query: string;
  answered: boolean;
  hits: Hit[];
}

export interface EntryDetail extends Entry {
  related: { topic: string; entry: string; question: string }[];
  confusable: { topic: string; difference: string }[];
}

const path = (name: string, fields: Record<string, string>): string => {
  const filled = Object.entries(fields).filter(([, value]) => value);
  return `/api/knowledge/${name}?${new URLSearchParams(filled).toString()}`;
};

export const search = (q: string, audience: string): Promise<Found> => get(path("search", { q, audience, limit: "10" }));

export const fetchEntry = (entry: string): Promise<EntryDetail> => get(`/api/knowledge/entries/${encodeURIComponent(entry)}`);

export const fetchHot = async (audience: string): Promise<Entry[]> =>
  (await get<{ hits: Entry[] }>(path("hot", { audience, limit: "20" }))).hits;
