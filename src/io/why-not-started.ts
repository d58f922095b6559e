/** Why the system did not start a program, in words for people; undefined where its error is none that people know. */
export function whyNotStarted(program: string, code: string | undefined): string | undefined {
  const isPath = program.includes("/");
  switch (code) {
    case "ENOENT":
      return isPath
        ? `there is no ${program}, or not the interpreter that it names`
        : `${program} is not installed or not on PATH`;
    case "EACCES":
      return `${nameOnPath(program)} may not be executed: permission denied`;
    case "ENOEXEC":
      return `${nameOnPath(program)} is not a program that this machine can run`;
    default:
      return undefined;
  }
}

/** The program, and where it was looked for. */
export function nameOnPath(program: string): string {
  return program.includes("/") ? program : `${program} (from PATH)`;
}
