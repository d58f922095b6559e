import { chmodSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  type HelmfileAnswer,
  helmfileEnvironment,
  readWithHelmfile,
  withheldVariables,
} from "../../src/io/helmfile.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

function run(
  script: string,
  options: { args?: string[]; env?: NodeJS.ProcessEnv; limitMs?: number; maxOutput?: number } = {},
): Promise<HelmfileAnswer> {
  const program = join(temporaryFolder({ helmfile: script }), "helmfile");
  chmodSync(program, 0o755);
  return readWithHelmfile({ program, args: [], env: process.env, limitMs: 20_000, ...options });
}

test("an exit code is told with all that was printed", async () => {
  expect(await run("#!/bin/sh\necho out; echo err >&2; exit 3\n")).toEqual({
    kind: "exited",
    exitCode: 3,
    stdout: "out\n",
    stderr: "err\n",
  });
});

test("arguments are handed on as they are, never through a shell", async () => {
  const args = ["--file", "a b'\"$(id)*", ""];
  expect(await run('#!/bin/sh\nprintf "%s\\n" "$@"\n', { args })).toMatchObject({
    stdout: "--file\na b'\"$(id)*\n\n",
  });
});

test("the environment is the operator's, without what would change the answer", async () => {
  const env = {
    PATH: process.env.PATH,
    RELEASE_NAME: "x",
    HELMFILE_ENVIRONMENT: "y",
    SUPPRESS_SAL: "",
    KEPT: "z",
  };
  const answer = await run("#!/bin/sh\nenv\n", { env });
  const lines = answer.kind === "exited" ? answer.stdout.split("\n") : [];
  expect(lines).toEqual(
    expect.arrayContaining([
      "KEPT=z",
      "SUPPRESS_SAL=true",
      "HELMFILE_RENDER_YAML=true",
      "HELMFILE_UPGRADE_NOTICE_DISABLED=true",
    ]),
  );
  expect(answer.kind === "exited" && /RELEASE_NAME|HELMFILE_ENVIRONMENT/.test(answer.stdout)).toBe(false);
});

test("every variable that is withheld is left out, and what is undefined too", () => {
  const env = Object.fromEntries(withheldVariables.map((name) => [name, "x"]));
  expect(Object.keys(helmfileEnvironment({ ...env, NOTHING: undefined })).sort()).toEqual([
    "HELMFILE_RENDER_YAML",
    "HELMFILE_UPGRADE_NOTICE_DISABLED",
    "SUPPRESS_SAL",
  ]);
});

test("a signal from elsewhere is told from an exit code", async () => {
  expect(await run("#!/bin/sh\nkill -SEGV $$\n")).toEqual({ kind: "signalled", signal: "SIGSEGV" });
});

test("what hangs is killed after the limit, also where it ignores signals and a child holds its output", async () => {
  const script = "#!/bin/sh\ntrap '' TERM\nsetsid sleep 15 &\nsleep 1000\n";
  expect(await run(script, { limitMs: 300 })).toEqual({ kind: "timed-out", limitMs: 300 });
});

test("output without end is cut off", async () => {
  expect(await run("#!/bin/sh\nyes >&2\n", { maxOutput: 1000 })).toEqual({
    kind: "printed-too-much",
    maxOutput: 16 * 1024 * 1024,
  });
  expect(await run("#!/bin/sh\nyes\n", { maxOutput: 1000 })).toEqual({
    kind: "printed-too-much",
    maxOutput: 1000,
  });
});

test("what is stopped before it began does not begin", async () => {
  const signal = AbortSignal.abort();
  const answer = await readWithHelmfile({
    program: "no-such-program",
    args: [],
    env: {},
    limitMs: 1000,
    signal,
  });
  expect(answer).toEqual({ kind: "cancelled" });
});

test("a program that is not there or cannot be run is told from one that failed", async () => {
  const start = async (program: string): Promise<string> => {
    const answer = await readWithHelmfile({ program, args: [], env: process.env, limitMs: 1000 });
    return answer.kind === "not-started" ? answer.message : answer.kind;
  };
  const folder = temporaryFolder({ plain: "#!/bin/sh\n", odd: "#!/no/such/interpreter\n" });
  chmodSync(join(folder, "odd"), 0o755);
  expect(await start("no-such-helmfile")).toBe("no-such-helmfile is not installed or not on PATH");
  expect(await start(join(folder, "gone"))).toBe(
    `there is no ${folder}/gone, or not the interpreter that it names`,
  );
  expect(await start(join(folder, "odd"))).toBe(
    `there is no ${folder}/odd, or not the interpreter that it names`,
  );
  expect(await start(join(folder, "plain"))).toBe(`${folder}/plain may not be executed: permission denied`);
});
