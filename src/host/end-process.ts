/** Ends this process: the real one, as nothing else has it once `keepTheEnd` was called. */
export const endProcess: typeof process.exit = process.exit.bind(process);

/**
 * From now on `process.exit` throws. A plugin, or what it brings, that calls it would end us with the exit code that it
 * likes: helmfiles would go on with nobody to see how they end, and nothing done would look like everything done.
 */
export function keepTheEnd(): void {
  process.exit = (code) => {
    throw new Error(`process.exit(${code ?? ""}) was called, and a plugin may not end the process`);
  };
}
