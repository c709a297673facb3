/** The form of a ticket: filled from what the assistant knows, and what of it is sent. */

import type { Catalog, TicketCategory } from "@shared/staff/types";

export interface TicketForm {
  description: string;
  title: string;
  request_type: string;
  category: string;
  district: string;
  address: string;
  contact_name: string;
  contact_phone: string;
  confidential: boolean;
  urgent: boolean;
}

export type TicketField = keyof TicketForm;

const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** `spoken`: the citizen's own words, for a description that nobody has written yet. */
export function prefilled(slots: Record<string, unknown>, spoken: string, urgent: boolean): TicketForm {
  return {
    description: text(slots.description) || spoken,
    title: text(slots.title),
    request_type: text(slots.request_type) || "help",
    category: text(slots.category),
    district: text(slots.district),
    address: text(slots.address),
    contact_name: text(slots.contact_name),
    contact_phone: text(slots.contact_phone),
    confidential: slots.confidential === true,
    urgent: urgent || slots.urgency === "urgent",
  };
}

/** The first thing to mend, or null. The server checks again. */
export function wrong(form: TicketForm, catalog: Catalog): { field: TicketField; words: string } | null {
  const length = [...form.description.trim()].length;
  if (length < 4 || length > 4000) return { field: "description", words: "请写清是什么事，4到4000字。" };
  if (!catalog.categories.some((group) => group.categories.some((c) => c.code === form.category)))
    return { field: "category", words: "请选择类别。" };
  if (!catalog.districts.some((d) => d.code === form.district)) return { field: "district", words: "请选择区县。" };
  return null;
}

/** What is sent. The server fills what is left out from the assistant's draft, so what was emptied is sent empty, and the
 * unit always: the draft's unit may belong to another category. */
export function payload(form: TicketForm, slots: Record<string, unknown>, category: TicketCategory | undefined, cid: string): object {
  const keepsUnit = slots.category === form.category && typeof slots.unit === "string";
  const { urgent, ...fields } = form;
  const trimmed = Object.fromEntries(Object.entries(fields).map(([name, v]) => [name, typeof v === "string" ? v.trim() : v]));
  return { ...trimmed, cid, unit: keepsUnit ? slots.unit : category?.unit, urgency: urgent ? "urgent" : "normal" };
}
