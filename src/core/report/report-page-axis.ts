import { html, type Markup } from "./html.ts";

const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400];

/** How far apart the ticks of the axis are, in milliseconds: at most ten, at round times. */
export function tickMs(durationMs: number): number {
  const wanted = durationMs / 8 / 1000;
  const step = steps.find((seconds) => seconds >= wanted) ?? Math.ceil(wanted / 86_400) * 86_400;
  return step * 1000;
}

/** The times above the timeline. On narrow screens every second one is left out. */
export function axis(durationMs: number): Markup {
  const step = tickMs(durationMs);
  const ticks: Markup[] = [];
  for (let at = 0; step * at <= durationMs; at++) {
    const place = percent(step * at, durationMs);
    // One at the very end would stand outside.
    if (Number(place) > 92) break;
    ticks.push(html`<text${at % 2 === 1 ? odd : ""} x="${place}%" dx="3" y="11">${clock(step * at)}</text>`);
  }
  return html`<svg>${ticks}</svg>`;
}

const odd = html` class="odd"`;

/** Where in a run a moment is, as a coordinate of the drawing. */
export function percent(ms: number, durationMs: number): string {
  return ((100 * ms) / Math.max(1, durationMs)).toFixed(2);
}

/** `0:00`, `12:05`, `1:02:03` since the begin. */
export function clock(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const rest = String(seconds % 60).padStart(2, "0");
  return hours === 0 ? `${minutes}:${rest}` : `${hours}:${String(minutes).padStart(2, "0")}:${rest}`;
}
