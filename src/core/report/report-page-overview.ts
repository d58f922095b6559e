import { appendTo } from "../common/grouped-by.ts";
import { html, Markup } from "./html.ts";
import { criticalKeys, keyOf } from "./run-critical-path.ts";
import type { RunReport } from "./run-report.ts";

/** Height of a lane, and of the bar in it. */
const [laneHeight, barHeight] = [7, 5];

/** Narrower bars would not be seen; of a width of 1000. */
const leastWidth = 1;

/** More lanes than this are drawn over one another. */
const mostLanes = 40;

interface Span {
  readonly look: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly critical: boolean;
}

/**
 * The whole run at a glance: what ran side by side, each in the first lane that is free. One path for each look, however
 * many steps there are.
 */
export function overview(report: RunReport): Markup {
  const { durationMs } = report;
  const critical = criticalKeys(report);
  const spans = [...report.steps, ...report.commands.map((one) => ({ ...one, id: one.stage }))].flatMap(
    (work): Span[] => {
      const { outcome: look, fromMs, toMs = durationMs } = work;
      const key = keyOf("service" in work ? "step" : "command", work.id);
      return fromMs === undefined ? [] : [{ look, fromMs, toMs, critical: critical.has(key) }];
    },
  );
  const paths = new Map<string, string[]>();
  const lanes: number[] = [];
  const scale = 1000 / Math.max(1, durationMs);
  for (const span of spans.toSorted((one, other) => one.fromMs - other.fromMs)) {
    const lane = freeLane(lanes, span);
    const [x, y] = [span.fromMs * scale, lane * laneHeight + 1];
    const width = Math.max(leastWidth, (span.toMs - span.fromMs) * scale - 0.5);
    appendTo(paths, span.look, box(x, y, width, barHeight));
    if (span.critical) appendTo(paths, "path", box(x, y + barHeight, width, 2));
  }
  const height = Math.max(1, lanes.length) * laneHeight + 3;
  const drawn = [...paths].map(
    ([look, boxes]) => html`<path class="${look}" d="${new Markup(boxes.join(""))}"/>`,
  );
  return html`<svg class="overview" viewBox="0 0 1000 ${height}" height="${height}" preserveAspectRatio="none" role="img" aria-label="What ran side by side, from the begin to the end; the table below has all of it">${drawn}</svg>`;
}

function freeLane(lanes: number[], { fromMs, toMs }: Span): number {
  const free = lanes.findIndex((busyUntil) => busyUntil <= fromMs);
  const lane = free === -1 ? Math.min(lanes.length, mostLanes - 1) : free;
  lanes[lane] = Math.max(toMs, lanes[lane] ?? 0);
  return lane;
}

function box(x: number, y: number, width: number, height: number): string {
  return `M${x.toFixed(1)} ${y}h${width.toFixed(1)}v${height}h-${width.toFixed(1)}z`;
}
