/** A time in milliseconds as people and programs write it: `2026-10-05T11:00:00Z`. */
export function isoTime(milliseconds: number): string {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone: "UTC",
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
  const parts = new Map(format.formatToParts(milliseconds).map(({ type, value }) => [type, value]));
  const date = [parts.get("year"), parts.get("month"), parts.get("day")].join("-");
  return `${date}T${[parts.get("hour"), parts.get("minute"), parts.get("second")].join(":")}Z`;
}
