import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isRunning } from "../support/fake-helmfile.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { type BuiltCommand, buildCommand, repository } from "./support/built-command.ts";
import { clusterBehind } from "./support/cluster-behind.ts";
import { type ControlledHelmfile, controlledHelmfile } from "./support/controlled-helmfile.ts";
import { hasPseudoTerminal, onTerminal, type Session } from "./support/pseudo-terminal.ts";
import { inventoryOf, mediawikiInventory } from "./support/small-inventory.ts";

let command: BuiltCommand;
beforeAll(async () => {
  command = await buildCommand();
});
afterAll(() => command.remove());

/** The command with an operator before it. */
function operate(argv: readonly string[], helmfile: ControlledHelmfile, path = helmfile.path): Session {
  const env = { PATH: path, HOME: temporaryFolder(), TERM: "xterm", LANG: "C.UTF-8" };
  const logs = join(temporaryFolder(), "logs");
  return onTerminal([process.execPath, command.program, ...argv, "--log_dir", logs], {
    env,
    cwd: repository,
  });
}

const enter = "\r";
const interrupt = "\x03";
const endOfInput = "\x04";
/** Both say that nobody answers. */
const noAnswers = [
  ["Ctrl-C", interrupt],
  ["Ctrl-D", endOfInput],
] as const;

// Without python3 there is no terminal to ask on: then these are skipped, and said to be.
describe.skipIf(!hasPseudoTerminal)("on a terminal", { timeout: 20_000 }, () => {
  describe("restore", () => {
    const argv = async (helmfile: ControlledHelmfile): Promise<string[]> => {
      const { registryFile } = await clusterBehind(helmfile);
      return ["restore", "--registry", registryFile, "--inventory", mediawikiInventory()];
    };

    it("asks to start, between stages, and before the hand-off", async () => {
      const helmfile = controlledHelmfile();
      const handOff = controlledHelmfile("mediawiki-handoff");
      const path = `${handOff.path.split(":")[0]}:${helmfile.path}`;
      const { sees, types, ended, screen } = operate(await argv(helmfile), helmfile, path);
      await sees("restore north?");
      expect(screen()).toContain("restore of the cluster north:");
      expect(helmfile.calls()).toEqual([]);
      types(`y${enter}`);
      await sees("go on with stage priority (1 step)?");
      expect(helmfile.calls()).toHaveLength(2);
      types(`y${enter}`);
      await sees("mediawiki of north: run mediawiki-handoff north?");
      expect(helmfile.calls()).toHaveLength(3);
      expect(handOff.calls()).toEqual([]);
      types(`y${enter}`);
      expect(await ended).toEqual({ exitCode: 0, echoBefore: true, echoAfter: true });
      expect(handOff.calls()).toEqual(["north"]);
    });

    it("asks, where it goes on with a run, about the steps that are left and no others", async () => {
      const helmfile = controlledHelmfile();
      const { registryFile } = await clusterBehind(helmfile, {
        registry: {
          stages: "[{ name: first, services: [toolhub] }, { name: support, class: support }]",
        },
      });
      const state = ["--state_dir", temporaryFolder(), "--inventory", mediawikiInventory()];
      const words = ["restore", "--registry", registryFile, ...state];
      for (const key of ["toolhub", "shop_prometheus"]) helmfile.answer(key, "exit 1");
      expect((await operate([...words, "--yes"], helmfile).ended).exitCode).toBe(1);
      for (const key of ["toolhub", "shop_prometheus"]) helmfile.answer(key, "exit 0");
      const { sees, types, ended, screen } = operate([...words, "--resume"], helmfile);
      await sees("restore north?");
      expect(screen()).toMatch(/^ *support +1 release in 1 step$/m);
      types(`y${enter}`);
      await sees("go on with stage support (1 step)?");
      types(`y${enter}`);
      expect((await ended).exitCode).toBe(0);
    });

    it("deploys nothing where the answer is no", async () => {
      const helmfile = controlledHelmfile();
      const { sees, types, ended, screen } = operate(await argv(helmfile), helmfile);
      await sees("restore north?");
      types(`n${enter}`);
      expect((await ended).exitCode).toBe(1);
      expect(screen()).toContain("nothing was deployed");
      expect(helmfile.calls()).toEqual([]);
    });

    it("shows what the letters mean where none is typed, and takes no other", async () => {
      const helmfile = controlledHelmfile();
      const { sees, types, ended } = operate(await argv(helmfile), helmfile);
      await sees("restore north?");
      types(enter);
      await sees("yes, deploy all of this");
      types(`x${enter}`);
      await sees('"x" isn\'t an available option');
      types("\x7f");
      types(`n${enter}`);
      expect((await ended).exitCode).toBe(1);
      expect(helmfile.calls()).toEqual([]);
    });

    it("stops between stages where the answer is q", async () => {
      const helmfile = controlledHelmfile();
      const { sees, types, ended, screen } = operate(await argv(helmfile), helmfile);
      await sees("restore north?");
      types(`y${enter}`);
      await sees("go on with stage priority (1 step)?");
      types(`q${enter}`);
      expect((await ended).exitCode).toBe(1);
      expect(screen()).toContain("stopped: stopped by the operator");
      expect(helmfile.calls()).toHaveLength(2);
    });

    it("leaves the hand-off to the operator where the answer is no", async () => {
      const helmfile = controlledHelmfile();
      const { sees, types, ended } = operate(await argv(helmfile), helmfile);
      await sees("restore north?");
      types(`y${enter}`);
      await sees("go on with stage");
      types(`y${enter}`);
      await sees("mediawiki of north: run");
      types(`n${enter}`);
      expect((await ended).exitCode).toBe(0);
    });

    it("asks about a gate that stays shut, and tries again", async () => {
      const helmfile = controlledHelmfile();
      const once = 'if [ ! -f "$here/tried" ]; then touch "$here/tried"; echo "Error: no quota"; exit 1; fi';
      helmfile.answer("shop_prometheus", once);
      const { sees, types, ended } = operate(await argv(helmfile), helmfile);
      await sees("restore north?");
      types(`y${enter}`);
      await sees("shop/prometheus failed (exit code 1: Error: no quota):");
      types(`n${enter}`);
      await sees("the gate of support stays shut (shop/prometheus failed):");
      types(`r${enter}`);
      await sees("go on with stage priority");
      types(`y${enter}`);
      await sees("mediawiki of north: run");
      types(`n${enter}`);
      expect((await ended).exitCode).toBe(0);
    });

    it.each(noAnswers)(
      "%s at the first question: exit code 130, nothing deployed, the terminal as it was",
      async (_, key) => {
        const helmfile = controlledHelmfile();
        const { sees, types, ended } = operate(await argv(helmfile), helmfile);
        await sees("restore north?");
        types(key);
        expect(await ended).toEqual({ exitCode: 130, echoBefore: true, echoAfter: true });
        expect(helmfile.calls()).toEqual([]);
      },
    );

    it.each(noAnswers)("%s at a later question: exit code 130, and a summary", async (_, key) => {
      const helmfile = controlledHelmfile();
      const { sees, types, ended, screen } = operate(await argv(helmfile), helmfile);
      await sees("restore north?");
      types(`y${enter}`);
      await sees("go on with stage");
      types(key);
      expect(await ended).toEqual({ exitCode: 130, echoBefore: true, echoAfter: true });
      expect(screen()).toContain("restore of north took");
      expect(helmfile.calls()).toHaveLength(2);
    });

    it("Ctrl-D behind something that is typed is no end", async () => {
      const helmfile = controlledHelmfile();
      const { sees, types, ended } = operate(await argv(helmfile), helmfile);
      await sees("restore north?");
      types(`n${endOfInput}`);
      types(enter);
      expect((await ended).exitCode).toBe(1);
    });

    it("Ctrl-C while helmfile runs reaches it once, though the terminal tells all of its processes", async () => {
      const helmfile = controlledHelmfile();
      helmfile.hold("shop_prometheus");
      const { sees, types, ended } = operate(await argv(helmfile), helmfile);
      await sees("restore north?");
      types(`y${enter}`);
      await helmfile.until("start shop_prometheus");
      types(interrupt);
      expect((await ended).exitCode).toBe(130);
      expect(helmfile.events()).toEqual(["start shop_prometheus", "INT shop_prometheus"]);
      expect(helmfile.pids().filter(isRunning)).toEqual([]);
    });
  });

  describe("apply", () => {
    const argv = (): string[] => ["apply", "--no-plugin", "--inventory", inventoryOf(["a", "b", "c"])];
    const changing = (): ControlledHelmfile => {
      const helmfile = controlledHelmfile();
      helmfile.answer("diff", "echo '+ changed'; exit 2");
      helmfile.answer("diff.c", "exit 0");
      return helmfile;
    };
    const applied = (helmfile: ControlledHelmfile): string[] =>
      helmfile
        .calls()
        .filter((call) => !call.includes(" diff "))
        .map((call) => call.replace(/^.*services\/(\w)\/.*$/, "$1"))
        .sort();

    it("asks once, behind all diffs, and applies all that change something", async () => {
      const helmfile = changing();
      const { sees, types, ended, screen } = operate(argv(), helmfile);
      await sees("apply 2 steps?");
      expect(screen()).toContain("[a north] a:\n+ changed");
      expect(screen()).toContain("3 steps: 2 changed, 1 unchanged, 0 failed");
      types(`a${enter}`);
      expect(await ended).toEqual({ exitCode: 0, echoBefore: true, echoAfter: true });
      expect(applied(helmfile)).toEqual(["a", "b"]);
    });

    it("lets the operator choose per service", async () => {
      const helmfile = changing();
      const { sees, types, ended } = operate(argv(), helmfile);
      await sees("apply 2 steps?");
      types(`c${enter}`);
      await sees("apply a?");
      types(`n${enter}`);
      await sees("apply b?");
      types(`y${enter}`);
      expect((await ended).exitCode).toBe(0);
      expect(applied(helmfile)).toEqual(["b"]);
    });

    it.each([
      ["q at once", [["apply 2 steps?", "q"]]],
      [
        "q for a service",
        [
          ["apply 2 steps?", "c"],
          ["apply a?", "q"],
        ],
      ],
      [
        "no to every service",
        [
          ["apply 2 steps?", "c"],
          ["apply a?", "n"],
          ["apply b?", "n"],
        ],
      ],
    ])("%s: deploys nothing", async (_, answers) => {
      const helmfile = changing();
      const { sees, types, ended, screen } = operate(argv(), helmfile);
      for (const [question = "", letter = ""] of answers) {
        await sees(question);
        types(`${letter}${enter}`);
      }
      expect((await ended).exitCode).toBe(1);
      expect(screen()).toContain("nothing was deployed");
      expect(applied(helmfile)).toEqual([]);
    });

    it("asks nothing with --yes", async () => {
      const helmfile = changing();
      const { ended } = operate([...argv(), "--yes"], helmfile);
      expect((await ended).exitCode).toBe(0);
      expect(applied(helmfile)).toEqual(["a", "b"]);
    });

    it("asks nothing where nothing changes", async () => {
      const { ended, screen } = operate(argv(), controlledHelmfile());
      expect((await ended).exitCode).toBe(0);
      expect(screen()).not.toContain("?");
    });

    it("a step that fails: r tries it again, with its last words above the question", async () => {
      const helmfile = changing();
      const once = 'if [ ! -f "$here/tried" ]; then touch "$here/tried"; echo "Error: timed out"; exit 1; fi';
      helmfile.answer("apply.a", once);
      const { sees, types, ended } = operate(argv(), helmfile);
      await sees("apply 2 steps?");
      types(`a${enter}`);
      await sees("a failed (exit code 1: Error: timed out):");
      types(`r${enter}`);
      expect((await ended).exitCode).toBe(0);
      expect(applied(helmfile)).toEqual(["a", "a", "b"]);
    });

    it.each([
      ["n goes on with the others", "n", "go on with the others", ["a", "b", "c"]],
      ["q begins nothing more", "q", "begin nothing more", ["a", "b"]],
    ])("a step that fails: %s", async (_, letter, meaning, expected) => {
      const helmfile = changing();
      helmfile.answer("apply.a", "exit 1");
      // A question takes no worker: b begins while it stands.
      helmfile.hold("b");
      for (const key of ["b", "c"]) helmfile.answer(`diff.${key}`, "exit 2");
      const { sees, types, ended } = operate([...argv(), "--jobs", "1"], helmfile);
      await sees("apply 3 steps?");
      types(`a${enter}`);
      await sees("a failed (exit code 1):");
      await helmfile.until("start b");
      types(`${letter}${enter}`);
      await sees(`a failed (exit code 1): ${meaning}`);
      await helmfile.release("b");
      expect((await ended).exitCode).toBe(1);
      expect(applied(helmfile)).toEqual(expected);
    });

    it("asks about two failures one after the other, each below its own last words", async () => {
      const helmfile = changing();
      helmfile.answer("apply.a", "echo 'Error: of a'; exit 1");
      helmfile.hold("b");
      helmfile.answer("diff.b", "exit 2");
      const { sees, types, ended, screen } = operate(argv(), helmfile);
      await sees("apply 2 steps?");
      types(`a${enter}`);
      await sees("a failed (exit code 1: Error: of a):");
      await helmfile.release("b", 3);
      await helmfile.until("end b");
      types(`n${enter}`);
      await sees("b failed (exit code 3):");
      types(`n${enter}`);
      expect((await ended).exitCode).toBe(1);
      expect(screen().indexOf("b failed (exit code 3)")).toBeGreaterThan(
        screen().indexOf("a failed (exit code 1"),
      );
    });

    it("holds the output of other steps back while a question stands, and shows it then", async () => {
      const helmfile = changing();
      helmfile.answer("apply.a", "exit 1");
      helmfile.hold("b");
      helmfile.answer("diff.b", "exit 2");
      const { sees, types, ended, screen } = operate(argv(), helmfile);
      await sees("apply 2 steps?");
      types(`a${enter}`);
      await sees("a failed (exit code 1):");
      const before = screen();
      await helmfile.release("b");
      await helmfile.until("end b");
      expect(screen().slice(before.length)).not.toContain("succeeded");
      types(`n${enter}`);
      await sees("[b north] b succeeded");
      expect((await ended).exitCode).toBe(1);
    });
  });
});
