import { constants, createWriteStream, rmSync, type WriteStream, writeFileSync } from "node:fs";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { stripVTControlCharacters } from "node:util";
import { renderDuration } from "../core/common/words.ts";
import { renderEvidence } from "../core/evidence/evidence.ts";
import type { RolloutEvent } from "../core/rollout/events.ts";
import type { StepOutcome } from "../core/rollout/outcome.ts";
import { untilDrained } from "./drain.ts";
import { describeFileFault } from "./file-fault.ts";
import { giveUpReading } from "./hung-reads.ts";
import { makeFolder } from "./make-folder.ts";
import { withinTime } from "./within-time.ts";

/** Writes the output of each step to a file of its own, and says where. */
export interface StepLog {
  readonly folder: string;
  /** The file of a step, or of the command of a stage, where there is one. */
  readonly fileOf: (id: string) => string | undefined;
  readonly on: (event: RolloutEvent) => void;
  /** A promise where the disk cannot follow, until it can; not for ever, as a step must not hang on its log. */
  readonly congested: () => Promise<void> | undefined;
  /** Waits until everything is written. Resolves with what could not be written: one message a file. */
  close(): Promise<readonly string[]>;
}

/** How long a file may take to take some more, in milliseconds: a file system that is away never does. */
const patienceMs = 30_000;

/** The same at the end of the rollout. */
const closingMs = 5_000;

/** Throws what the system throws where the folder cannot be made or written: nothing has been deployed then. */
export function openStepLog(folder: string): StepLog {
  makeFolder(folder);
  const probe = join(folder, `.probe-${process.pid}`);
  // A full disk may still have room for an empty file.
  writeFileSync(probe, Buffer.alloc(4_096));
  rmSync(probe);
  const open = new Map<string, LogFile>();
  const ended: LogFile[] = [];
  const faults: string[] = [];
  const names = new LogFileNames();
  const write = (name: string, line: string) => {
    let file = open.get(name);
    if (!file) {
      // A full disk must not end a rollout: the fault is told at the end.
      file = new LogFile(join(folder, names.take(name)), (fault) => faults.push(fault));
      open.set(name, file);
    }
    file.write(line);
  };
  const end = (name: string, line: string) => {
    write(name, line);
    const file = open.get(name);
    if (!file) return;
    file.end();
    ended.push(file);
    open.delete(name);
  };
  return {
    folder,
    fileOf: (id) => {
      const name = names.of(id);
      return name === undefined ? undefined : join(folder, name);
    },
    congested: () => {
      // Each is looked at, so that the time of all that hang begins at once.
      const [first] = [...open.values()].flatMap((file) => file.congested() ?? []);
      return first;
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
      await Promise.all(ended.map((file) => file.closed()));
      return [...new Set(faults)];
    },
  };
}

/** Lines come by the thousand, and each write has its price: those of one turn are written together. */
class LogFile {
  readonly #path: string;
  readonly #stream: WriteStream;
  readonly #onFault: (fault: string) => void;
  #lines: string[] = [];
  #drained: Promise<void> | undefined;
  #written: Promise<void> | undefined;
  #isGivenUp = false;

  constructor(path: string, onFault: (fault: string) => void) {
    this.#path = path;
    this.#onFault = onFault;
    // A pipe that nobody reads is a fault at once: to wait for its reader would hold up the step.
    const flags = constants.O_APPEND | constants.O_CREAT | constants.O_WRONLY | constants.O_NONBLOCK;
    // Typed as a text, and taken as a number, too.
    this.#stream = createWriteStream(path, { flags: flags as unknown as string, mode: 0o640 });
    this.#stream.on("error", (error) => {
      if (!this.#isGivenUp) onFault(`${path}: ${describeFileFault(error)}`);
    });
  }

  write(line: string): void {
    if (this.#isGivenUp) return;
    if (this.#lines.length === 0) process.nextTick(() => this.#flush());
    // Colours are for terminals.
    this.#lines.push(stripVTControlCharacters(line), "\n");
  }

  congested(): Promise<void> | undefined {
    this.#flush();
    const drained = this.#isGivenUp ? undefined : untilDrained(this.#stream);
    if (drained && !this.#drained) {
      this.#drained = this.#orGiveUp(drained, patienceMs).finally(() => {
        this.#drained = undefined;
      });
    }
    return drained && this.#drained;
  }

  /** Nothing more comes. */
  end(): void {
    this.#flush();
    this.#stream.end();
    this.#written = finished(this.#stream).catch(() => undefined);
  }

  /** Waits until all of it is written, or it is given up. */
  async closed(): Promise<void> {
    if (this.#written) await this.#orGiveUp(this.#written, closingMs);
  }

  async #orGiveUp(work: Promise<unknown>, ms: number): Promise<void> {
    if ((await withinTime(work, ms)) || this.#isGivenUp) return;
    this.#isGivenUp = true;
    this.#lines = [];
    this.#onFault(`${this.#path}: it takes nothing any more, and what came last is not in it`);
    this.#stream.destroy();
    giveUpReading();
  }

  #flush(): void {
    if (this.#lines.length === 0) return;
    this.#stream.write(this.#lines.join(""));
    this.#lines = [];
  }
}

/** The file of each step: its id with what is not plain in a file name replaced, and told apart where others are called so. */
class LogFileNames {
  readonly #names = new Map<string, string>();
  readonly #taken = new Set<string>();

  of(id: string): string | undefined {
    return this.#names.get(id);
  }

  take(id: string): string {
    const known = this.#names.get(id);
    if (known !== undefined) return known;
    // Longer ones no file system takes.
    const plain = id.replace(/[^A-Za-z0-9._-]/g, "_").slice(0, 200);
    let name = `${plain}.log`;
    for (let count = 2; this.#taken.has(name); count += 1) name = `${plain}-${count}.log`;
    this.#names.set(id, name);
    this.#taken.add(name);
    return name;
  }
}

function outcomeLine(outcome: StepOutcome): string {
  return `# ${outcome.kind}`;
}
