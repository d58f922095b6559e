import { appendFileSync, existsSync, readFileSync } from "node:fs";
import type { ReleaseStanding } from "../../../src/core/cluster/release-standing.ts";

/** A release that was touched, as helm would say it now. */
interface Release {
  readonly revision: number;
  readonly standing: ReleaseStanding;
}

/**
 * What a cluster saw, in a file that outlives whoever deploys to it: `life RUN` when a run begins, `begin RELEASE`,
 * and how that ended: `end RELEASE`, `fail RELEASE` or, where nobody was left to say so, `undo RELEASE`, or `leave
 * RELEASE` where its helm died and left it pending.
 */
export class WorldFile {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  add(...words: readonly string[]): void {
    appendFileSync(this.#file, `${words.join(" ")}\n`);
  }

  lines(): readonly string[] {
    return existsSync(this.#file) ? readFileSync(this.#file, "utf8").trimEnd().split("\n") : [];
  }

  releases(): Map<string, Release> {
    const releases = new Map<string, Release>();
    for (const line of this.lines()) {
      const [what = "", id = ""] = line.split(" ");
      const revision = releases.get(id)?.revision ?? 0;
      if (what === "begin") {
        const standing = { kind: "pending", status: "pending-install" } as const;
        releases.set(id, { revision: revision + 1, standing });
      }
      if (what === "end") releases.set(id, { revision, standing: { kind: "deployed", revision } });
      // With a release helm takes away what it knew of it: the next one counts from 1.
      if (what === "fail" || what === "undo") releases.set(id, { revision: 0, standing: { kind: "absent" } });
    }
    return releases;
  }

  /** Those that a helm is at work on. */
  inWork(): string[] {
    const last = new Map(this.lines().map((line) => [line.split(" ")[1] ?? "", line.split(" ")[0]]));
    return [...last].flatMap(([id, what]) => (what === "begin" ? [id] : []));
  }
}
