import { execFileSync } from "node:child_process";
import {
  chmodSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { delimiter, join } from "node:path";
import { expect } from "vitest";
import { temporaryFolder } from "../../support/temporary-folder.ts";

/**
 * A helmfile that does what the test says, and waits for its orders where it is told to: nothing here depends on time.
 * Calls go by a key: `namespace_name` of the selected release, or the service where there is no selector;
 * those of a program that is no helmfile by their first word.
 */
export interface ControlledHelmfile {
  /** For `PATH`: the folder of the fake, then the rest. */
  readonly path: string;
  /** Says what a call does, as lines of shell. Without that, it ends with 0. The key may have a verb before it: `diff.a_b`. */
  answer(key: string, shell: string): void;
  /** Lets a call wait for its order. */
  hold(key: string, options?: { readonly ignoresInterrupt?: boolean }): void;
  /** Waits until the call has begun to wait, and lets it end with the exit code. */
  release(key: string, exitCode?: number): Promise<void>;
  /** Where it stands. */
  readonly folder: string;
  /** What it was called with, in order. */
  calls(): string[];
  /** `start`, `end` and `INT` of calls that are held, in order. */
  events(): string[];
  /** `sync mw-web_prometheus 0` of each call that has ended, in order. */
  ends(): string[];
  /** Waits until there is such an event. */
  until(event: string): Promise<void>;
  /** The processes of calls that are held. */
  pids(): number[];
}

export function controlledHelmfile(name = "helmfile"): ControlledHelmfile {
  const folder = temporaryFolder();
  const file = (...names: string[]): string => join(folder, ...names);
  for (const sub of ["answers", "orders"]) mkdirSync(file(sub));
  writeFileSync(file(name), script);
  chmodSync(file(name), 0o755);
  const lines = (kind: string): string[] => {
    if (!existsSync(file(kind))) return [];
    return readFileSync(file(kind), "utf8").split("\n").slice(0, -1);
  };
  const fake: ControlledHelmfile = {
    folder,
    path: [folder, process.env.PATH].join(delimiter),
    answer: (key, shell) => writeFileSync(file("answers", key), shell),
    hold: (key, { ignoresInterrupt = false } = {}) => {
      execFileSync("/bin/sh", ["-c", 'mkfifo "$0"', file("orders", key)]);
      fake.answer(key, held(key, ignoresInterrupt));
    },
    release: async (key, exitCode = 0) => {
      await fake.until(`start ${key}`);
      // Without a reader this fails at once, where a plain open would wait for one for ever.
      const order = openSync(file("orders", key), constants.O_WRONLY | constants.O_NONBLOCK);
      writeSync(order, `${exitCode}\n`);
      closeSync(order);
    },
    calls: () => lines("calls"),
    events: () => lines("events"),
    ends: () => lines("ends"),
    until: async (event) => {
      await expect.poll(() => fake.events(), { timeout: 10_000, interval: 5 }).toContain(event);
    },
    pids: () => lines("pids").map(Number),
  };
  return fake;
}

/** Opened for both ways, so that neither side waits for the other to open it. */
function held(key: string, ignoresInterrupt: boolean): string {
  return `exec 3<> "$here/orders/${key}"
trap 'echo "INT ${key}" >> "$here/events"${ignoresInterrupt ? "" : "; exit 130"}' INT
echo $$ >> "$here/pids"
echo "start ${key}" >> "$here/events"
order=
until [ -n "$order" ]; do read -r order <&3; done
echo "end ${key}" >> "$here/events"
exit "$order"
`;
}

/** The question for the version, which each run asks beside the others, is no call that a test is about. */
const script = `#!/bin/sh
[ "$1" = version ] && { echo v9.8.7; exit; }
here=\${0%/*}
printf '%s\\n' "$*" >> "$here/calls"
key=$1 verb= previous=
for word in "$@"; do
  case $previous in
    --file) key=\${word%/*}; key=\${key##*/} ;;
    -l) key=\${word#namespace=}; key=\${key%%,*}_\${word##*name=} ;;
  esac
  case $word in build | diff | sync | apply) verb=$word ;; esac
  previous=$word
done
trap 'echo "$verb $key $?" >> "$here/ends"' EXIT
for answer in "$verb.$key" "$key" "$verb"; do
  if [ -f "$here/answers/$answer" ]; then . "$here/answers/$answer"; break; fi
done
exit 0
`;
