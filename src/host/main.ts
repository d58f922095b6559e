#!/usr/bin/env node
import { Console } from "node:console";
import { endDespiteHungReads } from "../io/hung-reads.ts";
import { isTerminalGone, processTerminal } from "../io/terminal.ts";
import { runCommandLine } from "./command-line.ts";
import { whyNotHere } from "./current-folder.ts";
import { endProcess, keepTheEnd } from "./end-process.ts";
import { messageOf } from "./error-message.ts";
import { watchSignals } from "./interruption.ts";
import { exitCodes } from "./settings.ts";

const terminal = processTerminal(process.env);
const interruption = watchSignals(terminal.tell);

keepTheEnd();
// What a plugin prints is for people: standard output may be an answer that another program reads.
globalThis.console = new Console(process.stderr);

// A plugin that forgets to wait for a promise must not end us while helmfiles run.
let bug = false;
let isEnding = false;
process.on("uncaughtException", (error) => {
  if (!isTerminalGone(error)) {
    bug = true;
    terminal.tell(`a bug in charlie-mediawiki or in its plugin: ${messageOf(error)}`);
  }
  if (isEnding) process.exitCode = exitCodes.failed;
  else if (!interruption.signal.aborted) interruption.interrupt();
});

const whyNot = whyNotHere();
if (whyNot !== undefined) terminal.tell(whyNot);
const exitCode =
  whyNot === undefined
    ? await runCommandLine(process.argv.slice(2), { terminal, env: process.env, interruption })
    : exitCodes.usage;
const endsWith = () => (bug ? exitCodes.failed : exitCode);
process.exitCode = endsWith();
// Nor may one that left something open keep us from ending, once everything is written.
process.stdout.write("", () =>
  process.stderr.write("", () =>
    setImmediate(() => {
      endDespiteHungReads();
      isEnding = true;
      // The last of those who hear of the end: one of a plugin may have made a success of what is none.
      process.once("exit", () => {
        process.exitCode = endsWith() || process.exitCode;
      });
      endProcess();
    }),
  ),
);
