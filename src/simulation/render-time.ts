/** `10m 03s`, as scap and people write it. */
export function clockTime(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  const rest = String(seconds % 60).padStart(2, "0");
  const hours = Math.floor(minutes / 60);
  if (hours === 0) return `${String(minutes).padStart(2, "0")}m ${rest}s`;
  return `${hours}h ${String(minutes % 60).padStart(2, "0")}m ${rest}s`;
}
