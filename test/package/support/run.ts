import { execFile } from "node:child_process";

/** How a program ended, and what it printed. */
export interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, in a folder, with nothing of this process's environment but what finds programs. */
export function run(
  [program = "", ...args]: readonly string[],
  {
    cwd,
    env = {},
    input = "",
  }: {
    readonly cwd: string;
    readonly env?: Readonly<Record<string, string>>;
    /** On standard input. */
    readonly input?: string;
  },
): Promise<Ended> {
  const { PATH = "", HOME = "" } = process.env;
  return new Promise((resolve, reject) => {
    const options = { cwd, env: { PATH, HOME, ...env }, maxBuffer: 64 * 1024 * 1024 };
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      if (error && typeof error.code !== "number") reject(error);
      else resolve({ exitCode: typeof error?.code === "number" ? error.code : 0, stdout, stderr });
    });
    child.stdin?.end(input);
  });
}
