import fc from "fast-check";
import stringWidth from "string-width";
import { expect, it } from "vitest";
import { ProgressView } from "../../src/core/view/progress-view.ts";
import { renderProgress } from "../../src/core/view/render-progress.ts";
import { durationsOf } from "../support/random-plan.ts";
import { runs } from "../support/runs.ts";
import { anyEvent, smallPlan } from "./support/journal-events.ts";

const expected = { durations: durationsOf([["a", 9_000]]), runs: 1, schedule: { jobs: 2 } };

it("whatever happens in whatever order, the view is no wider than the screen and leaves room above itself", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(anyEvent, fc.nat({ max: 100_000 })), { maxLength: 40 }),
      fc.nat({ max: 220 }),
      fc.nat({ max: 60 }),
      fc.boolean(),
      (events, columns, rows, isKnown) => {
        const view = new ProgressView({
          plan: smallPlan,
          settled: new Map(),
          ...(isKnown && { expected }),
        });
        let nowMs = 0;
        for (const [event, ms] of events) {
          nowMs += ms;
          view.on(event, nowMs);
        }
        const lines = renderProgress(view, { columns, rows, nowMs });
        expect(lines.length).toBeLessThanOrEqual(rows < 5 ? Math.min(rows, 1) : rows - 3);
        for (const line of lines) {
          expect(stringWidth(line)).toBeLessThanOrEqual(Math.max(0, columns - 1));
          expect(line).not.toMatch(/[\p{Cc}]/u);
        }
        // At the same moment it is the same.
        expect(renderProgress(view, { columns, rows, nowMs })).toEqual(lines);
      },
    ),
    { numRuns: runs(300) },
  );
});
