import { expect, it } from "vitest";
import { masked, slotLines } from "./slots";

const names = { district: () => "宿城区", request_type: () => "求助", category: () => "城市道路" };

it("says slots in words and leaves out what is empty or internal", () => {
  const slots = { district: "sucheng", unit: "urban", confidential: false, title: "", skipped: ["address"], file_ids: ["a", "b"] };
  expect(slotLines(slots, names).map((line) => `${line.label}:${line.value}`)).toEqual(["区县:宿城区", "是否保密:否", "附件:2个"]);
});

it("masks phone numbers only", () => {
  expect(masked("contact_phone", "13812345678")).toBe("138****5678");
  expect(masked("address", "幸福小区")).toBe("幸福小区");
});
