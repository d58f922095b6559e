import { exitCodes } from "./settings.ts";

/**
 * Keeps from a plugin, and from what it brings, what would end this process or stand in an answer of it by mistake.
 *
 * From now on `process.exit` throws: called by a plugin it would end us with the exit code that it likes, while helmfiles go on
 * with nobody to see how they end. What is printed by `console` is for people: standard output may be an answer that
 * another program reads.
 *
 * @returns `end`, which ends this process. What a plugin does when the process ends makes no success of a failure.
 */
export function keepForOurselves(): { readonly end: (exitCode: number) => never } {
  const exit = process.exit.bind(process);
  process.exit = (code) => {
    throw new Error(`process.exit(${code ?? ""}) was called, and a plugin may not end the process`);
  };
  const { error } = globalThis.console;
  const dir = (value: unknown) => error(value);
  Object.assign(globalThis.console, { log: error, info: error, debug: error, dir });
  return {
    end: (exitCode) => {
      // The last of those who hear of the end, unless one before it throws.
      process.once("exit", () => {
        process.exitCode = exitCode || process.exitCode;
      });
      process.once("uncaughtException", () => exit(exitCode || exitCodes.failed));
      return exit(exitCode);
    },
  };
}
