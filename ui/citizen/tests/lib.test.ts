import { describe, expect, it } from "vitest";
import type { ChatEvent } from "@shared/contract";
import { day, fileSize, wait, when } from "@shared/format";
import { backoff } from "../lib/backoff";
import { cut, parse } from "../lib/markdown";
import { Sequence } from "../lib/sequence";
import { objection } from "../lib/upload";

const events = (...seqs: number[]): ChatEvent[] => seqs.map((seq) => ({ seq }) as unknown as ChatEvent);

describe("markdown", () => {
  it("knows paragraphs, headings and lists, and nothing else", () => {
    expect(parse("先说结论。\n第二行\n\n### 材料\n- 身份证\n- **照片**\n1. 到窗口\n<b>不是标记</b>")).toEqual([
      { type: "p", lines: ["先说结论。", "第二行"] },
      { type: "h", text: "材料" },
      { type: "ul", items: ["身份证", "照片"] },
      { type: "p", lines: ["1. 到窗口", "<b>不是标记</b>"] },
    ]);
  });

  it("folds all but the first paragraph", () => {
    expect(cut("能。\n\n条件一").rest).toHaveLength(1);
    expect(cut("能。").rest).toHaveLength(0);
    expect(cut("- 一\n\n二").rest).toHaveLength(0);
  });

  it("loses no figures", () => {
    expect(parse("3.5元每吨")).toEqual([{ type: "p", lines: ["3.5元每吨"] }]);
    expect(parse("-5度")).toEqual([{ type: "p", lines: ["-5度"] }]);
  });
});

describe("sequence", () => {
  it("lets each event through once", () => {
    const sequence = new Sequence();
    expect(sequence.take(events(1, 2)).fresh).toHaveLength(2);
    expect(sequence.take(events(1, 2, 3)).fresh.map((event) => event.seq)).toEqual([3]);
  });

  it("stops before a gap and takes the missing ones later", () => {
    const sequence = new Sequence();
    expect(sequence.take(events(1, 3))).toMatchObject({ gap: true });
    expect(sequence.last).toBe(1);
    expect(sequence.take(events(2, 3)).gap).toBe(false);
    expect(sequence.last).toBe(3);
  });
});

describe("words", () => {
  it("names times by their distance", () => {
    const now = new Date(2026, 10, 23, 12, 0);
    expect(when(new Date(2026, 10, 23, 9, 5).toISOString(), now)).toBe("09:05");
    expect(when(new Date(2026, 10, 22, 23, 5).toISOString(), now)).toBe("昨天 23:05");
    expect(when(new Date(2025, 0, 2, 3, 4).toISOString(), now)).toBe("2025年1月2日 03:04");
    expect(when("什么", now)).toBe("");
  });

  it("names dates, sizes and waits", () => {
    expect(day("2021-10-25")).toBe("2021年10月25日");
    expect(fileSize(100)).toBe("1 KB");
    expect(fileSize(2.4 * 1024 * 1024)).toBe("2.4 MB");
    expect([wait(20), wait(170), wait(7200)]).toEqual(["不到1分钟", "约3分钟", "约2小时"]);
  });

  it("says why a file cannot be sent", () => {
    expect(objection({ name: "a.jpg", size: 10 * 1024 * 1024, type: "image/jpeg" })).toBe("");
    expect(objection({ name: "a.jpg", size: 10 * 1024 * 1024 + 1, type: "image/jpeg" })).toContain("10 MB");
    expect(objection({ name: "a.exe", size: 9, type: "application/x-msdownload" })).toContain("格式");
    expect(objection({ name: "a.pdf", size: 0, type: "application/pdf" })).toContain("空");
  });
});

describe("backoff", () => {
  it("doubles to a bound, half of it chance", () => {
    expect(backoff(0, () => 0)).toBe(250);
    expect(backoff(3, () => 1)).toBe(4000);
    expect(backoff(50, () => 1)).toBe(20_000);
  });
});
