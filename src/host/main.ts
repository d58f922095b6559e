#!/usr/bin/env node
import { config } from "zod";
import { processTerminal } from "../io/terminal.ts";
import { runCommandLine } from "./command-line.ts";
import { watchSignals } from "./interruption.ts";

// What is parsed once gains nothing from code that zod would generate and compile for it first.
config({ jitless: true });

const terminal = processTerminal();
process.exitCode = await runCommandLine(process.argv.slice(2), {
  terminal,
  env: process.env,
  interruption: watchSignals(terminal.tell),
});
