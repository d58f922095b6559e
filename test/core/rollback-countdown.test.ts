import { describe, expect, it } from "vitest";
import { renderCountdown, untilNextLine } from "../../src/core/rollout/rollback-countdown.ts";

describe("the countdown of a rollback", () => {
  it("names what runs, and says when it is killed", () => {
    expect(renderCountdown(["shop/main", "b/main"], 890_000)).toBe(
      "rolling back: shop/main, b/main; killed in 14 min 50 s (Ctrl-C: now)",
    );
    expect(renderCountdown(["a"], 9_999.6)).toBe("rolling back: a; killed in 10 s (Ctrl-C: now)");
  });

  it("says of many only how many more there are", () => {
    const ids = Array.from({ length: 12 }, (_, at) => `s${at}`);
    expect(renderCountdown(ids, 1000)).toContain("s9 and 2 more; killed");
  });

  /** What is left at each line, with timers that are late or early by a little as they are. */
  const linesFrom = (limitMs: number, isTerminal: boolean): number[] => {
    const lines: number[] = [];
    for (let left = limitMs, at = 0; left > 0; at += 1) {
      lines.push(Math.round(left / 1000));
      left -= untilNextLine(left, { isTerminal }) + (at % 2 === 0 ? 2 : -0.6);
      if (left < 100) break;
    }
    return lines;
  };

  it("on a terminal comes each ten seconds, and in the last ten each second", () => {
    expect(linesFrom(35_000, true)).toEqual([35, 30, 20, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
  });

  it("elsewhere comes each minute, and in the last one each ten seconds", () => {
    expect(linesFrom(200_000, false)).toEqual([200, 180, 120, 60, 50, 40, 30, 20, 10]);
  });

  it("of a limit below a second comes once", () => {
    expect(linesFrom(900, true)).toEqual([1]);
  });
});
