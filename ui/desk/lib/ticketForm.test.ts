import { expect, it } from "vitest";
import type { Catalog, TicketCategory } from "@shared/staff/types";
import { payload, prefilled, wrong } from "./ticketForm";

const road: TicketCategory = { code: "tk-traffic.city-road", name: "城市道路", unit: "urban", unit_name: "市城管局", examples: [] };
const catalog: Catalog = {
  districts: [{ code: "sucheng", name: "宿城区" }],
  request_types: [{ code: "help", name: "求助" }],
  categories: [{ code: "tk-traffic", name: "交通出行", categories: [road] }],
};
const slots = { description: "路灯坏了三天", category: "tk-traffic.city-road", unit: "power", district: "sucheng", confidential: true, contact_phone: "13800000000" };

it("starts from the assistant's slots, and from the citizen's words without them", () => {
  expect(prefilled(slots, "别的话", false)).toMatchObject({ description: "路灯坏了三天", district: "sucheng", confidential: true, urgent: false });
  expect(prefilled({}, "楼下积水", true)).toMatchObject({ description: "楼下积水", request_type: "help", urgent: true });
});

it("names the first field to mend", () => {
  const form = prefilled(slots, "", false);
  expect(wrong(form, catalog)).toBeNull();
  expect(wrong({ ...form, description: "坏了" }, catalog)?.field).toBe("description");
  expect(wrong({ ...form, category: "tk-traffic" }, catalog)?.field).toBe("category");
  expect(wrong({ ...form, district: "" }, catalog)?.field).toBe("district");
});

it("keeps the assistant's unit only with its category, and sends emptied fields empty", () => {
  const form = { ...prefilled(slots, "", false), contact_phone: " " };
  expect(payload(form, slots, road, "c")).toMatchObject({ unit: "power", contact_phone: "", urgency: "normal", cid: "c" });
  expect(payload(form, { ...slots, category: "tk-env.noise" }, road, "c")).toMatchObject({ unit: "urban" });
});
