import { createWriteStream, rmSync, type WriteStream, writeFileSync } from "node:fs";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { stripVTControlCharacters } from "node:util";
import { renderDuration } from "../core/common/words.ts";
import { renderEvidence } from "../core/evidence/evidence.ts";
import type { RolloutEvent } from "../core/rollout/events.ts";
import type { StepOutcome } from "../core/rollout/outcome.ts";
import { untilDrained } from "./drain.ts";
import { makeFolder } from "./make-folder.ts";

/** Writes the output of each step to a file of its own, and says where. */
export interface StepLog {
  readonly folder: string;
  /** The file of a step, or of the command of a stage, where there is one. */
  readonly fileOf: (id: string) => string | undefined;
  readonly on: (event: RolloutEvent) => void;
  /** A promise where the disk cannot follow, until it can. */
  readonly congested: () => Promise<void> | undefined;
  /** Waits until everything is written. Resolves with what could not be written: one message a file. */
  close(): Promise<readonly string[]>;
}

/** Throws what the system throws where the folder cannot be made or written: nothing has been deployed then. */
export function openStepLog(folder: string): StepLog {
  makeFolder(folder);
  const probe = join(folder, `.probe-${process.pid}`);
  // A full disk may still have room for an empty file.
  writeFileSync(probe, Buffer.alloc(4_096));
  rmSync(probe);
  const open = new Map<string, LogFile>();
  const closing: Promise<unknown>[] = [];
  const faults: string[] = [];
  const written = new Set<string>();
  const write = (name: string, line: string) => {
    let file = open.get(name);
    if (!file) {
      written.add(name);
      // A full disk must not end a rollout: the fault is told at the end.
      file = new LogFile(join(folder, logFileName(name)), (error) => faults.push(error.message));
      open.set(name, file);
    }
    file.write(line);
  };
  const end = (name: string, line: string) => {
    write(name, line);
    const file = open.get(name);
    if (!file) return;
    closing.push(file.end());
    open.delete(name);
  };
  return {
    folder,
    fileOf: (id) => (written.has(id) ? join(folder, logFileName(id)) : undefined),
    congested: () => {
      for (const file of open.values()) {
        const drained = file.congested();
        if (drained) return drained;
      }
      return undefined;
    },
    on: (event) => {
      if (event.type === "step-started") write(event.step.id, `$ helmfile ${event.step.args.join(" ")}`);
      if (event.type === "step-printed") write(event.step.id, event.line);
      if (event.type === "step-noticed") {
        for (const line of renderEvidence(event.evidence))
          write(event.step.id, `# seen in the cluster: ${line}`);
      }
      if (event.type === "release-mending") {
        write(event.step.id, `# ${event.release} is ${event.status}`);
        write(event.step.id, `$ ${event.command.join(" ")}`);
      }
      if (event.type === "step-retrying") {
        write(event.step.id, `# failed, as ${event.reason}; tried again in ${renderDuration(event.afterMs)}`);
      }
      if (event.type === "step-finished" && open.has(event.step.id))
        end(event.step.id, outcomeLine(event.outcome));
      if (event.type === "command-started") write(event.stage.name, `$ ${event.command.join(" ")}`);
      if (event.type === "command-printed") write(event.stage.name, event.line);
      if (event.type === "command-finished" && open.has(event.stage.name)) {
        end(event.stage.name, outcomeLine(event.outcome));
      }
    },
    close: async () => {
      for (const name of [...open.keys()]) end(name, "# not finished");
      await Promise.all(closing);
      return [...new Set(faults)];
    },
  };
}

/** Lines come by the thousand, and each write has its price: those of one turn are written together. */
class LogFile {
  readonly #stream: WriteStream;
  #lines: string[] = [];

  constructor(path: string, onFault: (error: Error) => void) {
    this.#stream = createWriteStream(path, { flags: "a", mode: 0o640 });
    this.#stream.on("error", onFault);
  }

  write(line: string): void {
    if (this.#lines.length === 0) process.nextTick(() => this.#flush());
    // Colours are for terminals.
    this.#lines.push(stripVTControlCharacters(line), "\n");
  }

  congested(): Promise<void> | undefined {
    this.#flush();
    return untilDrained(this.#stream);
  }

  end(): Promise<unknown> {
    this.#flush();
    this.#stream.end();
    return finished(this.#stream).catch(() => undefined);
  }

  #flush(): void {
    if (this.#lines.length === 0) return;
    this.#stream.write(this.#lines.join(""));
    this.#lines = [];
  }
}

/** The file of a step: its id with what is not plain in a file name replaced. */
function logFileName(id: string): string {
  return `${id.replace(/[^A-Za-z0-9._-]/g, "_")}.log`;
}

function outcomeLine(outcome: StepOutcome): string {
  return `# ${outcome.kind}`;
}
