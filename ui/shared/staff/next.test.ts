import { describe, expect, it } from "vitest";
import { homeOf, loginUrl, safePath } from "./next";

const ORIGIN = "https://12345.example";

describe("safePath", () => {
  it.each([["/desk"], ["/console?q=%E7%A4%BE%E4%BF%9D"], ["/desk#a"]])("keeps %s", (path) => {
    expect(safePath(path, ORIGIN)).toBe(path);
  });

  it.each([
    [null], [""], ["desk"], ["//evil.example/desk"], ["/\\evil.example"], ["https://evil.example/"], ["/\t/evil.example"],
    ["javascript:alert(1)"], ["/login"], ["/login/?next=/login"], ["/.//evil.example"],
  ])("refuses %j", (path) => {
    expect(safePath(path, ORIGIN)).toBeNull();
  });

  it("takes back what loginUrl carries", () => {
    const carried = new URL(loginUrl("/desk?a=1&b=2"), ORIGIN).searchParams.get("next");
    expect(safePath(carried, ORIGIN)).toBe("/desk?a=1&b=2");
  });
});

describe("homeOf", () => {
  it("sends pure editors to the console and everybody else to the desk", () => {
    expect(homeOf(["editor"])).toBe("/console");
    expect(homeOf(["editor", "agent"])).toBe("/desk");
    expect(homeOf(["agent"])).toBe("/desk");
    expect(homeOf(["administrator"])).toBe("/desk");
  });
});
