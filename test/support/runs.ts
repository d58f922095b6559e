/**
 * How many random cases a law is tried with: a quarter of these, so that the tests stay quick; all with LAWS=all, for whoever
 * has changed what the law is about.
 */
export function runs(all: number): number {
  return process.env.LAWS === "all" ? all : Math.ceil(all / 4);
}
