import { setMaxListeners } from "node:events";

/** The same signal. As many may listen to it as like: Node takes more than ten for a leak, and says so on stderr. */
export function heardByMany(signal: AbortSignal): AbortSignal {
  setMaxListeners(0, signal);
  return signal;
}
