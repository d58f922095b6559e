#!/usr/bin/env node
import { processTerminal } from "../io/terminal.ts";
import { runCommandLine } from "./command-line.ts";
import { watchSignals } from "./interruption.ts";

const terminal = processTerminal();
process.exitCode = await runCommandLine(process.argv.slice(2), {
  terminal,
  env: process.env,
  interruption: watchSignals(terminal.tell),
});
