import { expect, it } from "vitest";
import { clock, sendable, sourceName } from "./words";

it("counts in minutes, and in hours when there are some", () => {
  expect([0, 45, 725, 3725, -3].map(clock)).toEqual(["0:00", "0:45", "12:05", "1:02:05", "0:00"]);
});

it("names a source once bracketed", () => {
  expect(sourceName({ document: "社会保险法", clause: "第十条" })).toBe("《社会保险法》第十条");
  expect(sourceName({ document: "《社会保险法》" })).toBe("《社会保险法》");
});

it("makes an answer sendable as plain words with its source", () => {
  const text = sendable("可以打。\n\n### 说明\n- **双号**并行", [{ document: "方案", number: "宿政办发〔2021〕38号" }]);
  expect(text).toBe("可以打。\n\n说明\n- 双号并行\n（依据：《方案》宿政办发〔2021〕38号）");
  expect(sendable("可以。", [])).toBe("可以。");
});
