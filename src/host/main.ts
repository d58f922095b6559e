#!/usr/bin/env node
import { endAtOnce, endDespiteHungReads, isReading } from "../io/hung-reads.ts";
import { isTerminalGone, processTerminal } from "../io/terminal.ts";
import { runCommandLine } from "./command-line.ts";
import { whyNotHere } from "./current-folder.ts";
import { hostFault, messageOf } from "./error-message.ts";
import { watchSignals } from "./interruption.ts";
import { keepForOurselves } from "./keep-for-ourselves.ts";
import { exitCodes } from "./settings.ts";

const { end } = keepForOurselves();
const terminal = processTerminal(process.env);
const interruption = watchSignals({
  tell: terminal.tell,
  end: (exitCode) => (isReading() ? endAtOnce({ interrupted: true }) : end(exitCode)),
});

// A plugin that forgets to wait for a promise must not end us while helmfiles run.
let bug = false;
let isEnding = false;
process.on("uncaughtException", (error) => {
  if (!isTerminalGone(error)) {
    bug = true;
    terminal.tell(hostFault(error) ?? `a bug in charlie-mediawiki or in its plugin: ${messageOf(error)}`);
  }
  if (!isEnding && !interruption.signal.aborted) interruption.interrupt();
});

const whyNot = whyNotHere();
if (whyNot !== undefined) terminal.tell(whyNot);
const exitCode =
  whyNot === undefined
    ? await runCommandLine(process.argv.slice(2), { terminal, env: process.env, interruption })
    : exitCodes.usage;
// Nor may one that left something open keep us from ending, once everything is written.
process.stdout.write("", () =>
  process.stderr.write("", () =>
    setImmediate(() => {
      isEnding = true;
      const { aborted: interrupted } = interruption.signal;
      void endDespiteHungReads(() => end(bug ? exitCodes.failed : exitCode), { interrupted });
    }),
  ),
);
