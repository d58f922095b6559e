import { homedir } from "node:os";
import { resolve } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import own from "../../plugin.json" with { type: "json" };
import { manifestSchema } from "../../src/core/hooks/plugin-manifest.ts";
import { parseArguments, pluginFlags } from "../../src/host/arguments.ts";
import { refuseTwoValues } from "../../src/host/given-once.ts";
import { Refusal, type Settings } from "../../src/host/settings.ts";
import { knownFlags, listVerbs } from "../../src/host/verbs.ts";

const manifest = manifestSchema.parse(own);

function parse(
  argv: readonly string[],
  given: { manifest: typeof manifest | undefined } = { manifest },
): Settings {
  const settings = parseArguments(argv, { ...given, version: "1.2.3" });
  if (settings === "answered") throw new Error("it answered instead");
  return settings;
}

/** What a command line is refused with; the exit code is that of usage. */
function refusal(argv: readonly string[], given?: { manifest: typeof manifest | undefined }): string {
  try {
    parse(argv, given);
  } catch (error) {
    if (error instanceof Refusal && error.exitCode === 2) return error.message;
    throw error;
  }
  throw new Error(`${argv.join(" ")} was not refused`);
}

afterEach(() => vi.restoreAllMocks());

describe("a flag of one value that is given twice", () => {
  it.each([
    [["-e", "eqiad", "list", "-e", "codfw"], "-e eqiad and -e codfw"],
    [["-eeqiad", "list", "--environment=a b"], "-e eqiad and --environment 'a b'"],
    [["list", "--services_dir", "a", "--services-dir", "b"], "--services_dir a and --services-dir b"],
    [
      ["list", "-e", "eqiad", "--inventory", "a", "--inventory=a", "--inventory=b"],
      "--inventory a and --inventory b",
    ],
  ])("is refused where that decides what is deployed: %j", (argv, both) => {
    const message = `${both} contradict each other: give one of them`;
    expect(() => refuseTwoValues(argv)).toThrow(new Refusal(message, 2));
  });

  it.each([
    [["list", "-e", "eqiad", "--environment=eqiad"]],
    [["list", "-e", "eqiad", "--jobs", "2", "--jobs", "3"]],
    [["list", "-s", "a", "-s", "b", "--exclude", "c", "--exclude", "d"]],
    [["list", "-e", "eqiad", "--", "-e", "codfw"]],
    [["list", "-e", "eqiad", "-e"]],
    [["restore", "--resume", "-e", "eqiad"]],
  ])("is none where nothing is ignored by that: %j", (argv) => {
    expect(() => refuseTwoValues(argv)).not.toThrow();
  });

  it("is refused unless its values come together, or it only says how", () => {
    const flags = [...knownFlags(listVerbs(manifest))].filter(([, { takesValue }]) => takesValue !== false);
    const again = flags.flatMap(([flag]) => {
      try {
        refuseTwoValues([`${flag}=a`, `${flag}=b`].map((word) => word.replace(/^(-\w)=/, "$1")));
        return [flag];
      } catch {
        return [];
      }
    });
    expect(again.sort()).toEqual([
      ...["--exclude", "--jobs", "--jobs-per-namespace", "--log-dir", "--output", "--priority", "--release"],
      ...["--rollback-limit", "--service", "--skip-gate", "--timeout", "--tries", "--wait", "-o", "-s"],
    ]);
  });
});

/** What is written to standard output meanwhile. */
function answered(argv: readonly string[]): string {
  const written: string[] = [];
  vi.spyOn(process.stdout, "write").mockImplementation((chunk) => {
    written.push(String(chunk));
    return true;
  });
  expect(parseArguments(argv, { manifest, version: "1.2.3" })).toBe("answered");
  vi.restoreAllMocks();
  return written.join("");
}

describe("the verb", () => {
  it("is diff where none is named", () => {
    expect(parse([]).verb).toBe("diff");
    expect(parse(["-e", "eqiad"]).verb).toBe("diff");
  });

  it.each([
    ["before the flags", ["list", "-e", "eqiad", "--yes"]],
    ["between them", ["-e", "eqiad", "list", "--yes"]],
    ["behind them", ["-e", "eqiad", "--yes", "list"]],
    ["behind a lone --", ["-e", "eqiad", "--yes", "--", "list"]],
  ])("may stand %s", (_, argv) => {
    expect(parse(argv)).toMatchObject({ verb: "list", environment: "eqiad", yes: true });
  });

  it("is not the value of a flag that is called like one", () => {
    expect(parse(["-s", "list", "plan"])).toMatchObject({ verb: "plan", selection: { service: ["list"] } });
    expect(parse(["--log_dir", "apply"]).verb).toBe("diff");
  });

  it.each([
    [["lst"], 'unknown verb "lst": did you mean list?'],
    [["restor"], 'unknown verb "restor": did you mean restore?'],
    [["APPLY"], 'unknown verb "APPLY": did you mean apply?'],
    [
      ["-"],
      'unknown verb "-": the verbs are diff, list, plan, apply, inventory, demo, explain, runbook, derive, runs, report, preflight, check, hook, restore',
    ],
    [
      [""],
      'unknown verb "": the verbs are diff, list, plan, apply, inventory, demo, explain, runbook, derive, runs, report, preflight, check, hook, restore',
    ],
    [["list", "foo", "bar"], '"foo" is one word too many: behind the verb list stand only flags'],
    [["list", "--", "--yes"], '"--yes" is one word too many: behind the verb list stand only flags'],
  ])("%j is refused: %s", (argv, message) => {
    expect(refusal(argv)).toBe(message);
  });
});

describe("flags", () => {
  it("may be written with _ and with -, also with = behind them", () => {
    const expected = { servicesDir: "/a_b-c", logDir: "/d_e-f", selection: { resumeAt: "x_y-z" } };
    const values = ["/a_b-c", "x_y-z", "/d_e-f"];
    for (const names of [
      ["--services_dir", "--resume_at", "--log_dir"],
      ["--services-dir", "--resume-at", "--log-dir"],
    ]) {
      const spaced = names.flatMap((name, at) => [name, values[at] ?? ""]);
      const joined = names.map((name, at) => `${name}=${values[at]}`);
      expect(parse(["list", ...spaced])).toMatchObject(expected);
      expect(parse(["list", ...joined])).toMatchObject(expected);
    }
    expect(parse(["apply", "--dry_run", "--skip_gate", "a_b"])).toMatchObject({
      dryRun: true,
      skipGates: ["a_b"],
    });
    expect(parse(["apply", "--support_only"]).flags).toEqual({ "support-only": true });
  });

  it("keep an = in their value", () => {
    expect(parse(["--inventory=a=b_c=d"]).inventory).toBe("a=b_c=d");
  });

  it("have charlie's short forms, with the value beside them or behind", () => {
    expect(parse(["-e", "eqiad", "-s", "a_*", "-o", "json"])).toMatchObject({
      environment: "eqiad",
      selection: { service: ["a_*"] },
      output: "json",
    });
    expect(parse(["-eeqiad", "-sa_*", "-ojson"])).toMatchObject({
      environment: "eqiad",
      selection: { service: ["a_*"] },
      output: "json",
    });
  });

  it("that are lists take commas, spaces around them, and are added to when they come again", () => {
    expect(
      parse([
        "--exclude",
        "a, b,,c",
        "--exclude=d",
        "--priority",
        "x,y",
        "--skip-gate",
        "g,h",
        "-s",
        "m",
        "-s",
        "n",
      ]),
    ).toMatchObject({
      selection: { exclude: ["a", "b", "c", "d"], priority: ["x", "y"], service: ["m", "n"] },
      skipGates: ["g", "h"],
    });
  });

  it("-s takes a glob as it is: a comma may be part of it", () => {
    expect(parse(["-s", "a,b"]).selection.service).toEqual(["a,b"]);
  });

  it("have defaults", () => {
    const { jobs, ...settings } = parse([]);
    expect(jobs).toBeGreaterThanOrEqual(4);
    expect(settings).toEqual({
      verb: "diff",
      servicesDir: "/srv/deployment-charts/helmfile.d/services",
      selection: { service: [], exclude: [], priority: [] },
      flags: {},
      skipGates: [],
      rolloutName: "apply",
      dryRun: false,
      verbose: false,
      yes: false,
      waitSeconds: 0,
      tries: 1,
      fixPending: false,
      rollbackLimitSeconds: 900,
      without: false,
      looksAtCluster: false,
      writes: false,
      namesServicesDir: false,
      failFast: false,
      releases: [],
      stdin: false,
      timeoutSeconds: 30,
      namesTimeout: false,
    });
  });

  it.each([
    ["services", "/srv/deployment-charts/helmfile.d/services"],
    ["services/", "/srv/deployment-charts/helmfile.d/services"],
    ["dse-k8s_services", "/srv/deployment-charts/helmfile.d/dse-k8s_services"],
    ["a/../b", "/srv/deployment-charts/helmfile.d/b"],
    [".hidden", "/srv/deployment-charts/helmfile.d/.hidden"],
    ["..x", "/srv/deployment-charts/helmfile.d/..x"],
    ["~", "/srv/deployment-charts/helmfile.d/~"],
    [".", resolve(".")],
    ["./", resolve(".")],
    ["./x", resolve("x")],
    ["..", resolve("..")],
    ["../x", resolve("../x")],
    ["/absolute/x", "/absolute/x"],
    [homedir(), homedir()],
  ])("--services_dir %s is %s", (given, expected) => {
    expect(parse(["--services_dir", given]).servicesDir).toBe(expected);
  });

  it.each(["0", "-1", "x", "1.5", "1001", "1e2", "0x10", " 4", "4 jobs", "∞", "99999999999999999999"])(
    "--jobs %s is refused",
    (jobs) => {
      expect(refusal([`--jobs=${jobs}`])).toBe(
        `option '--jobs <n>' argument '${jobs}' is invalid. expected a whole number from 1 to 1000.`,
      );
    },
  );

  it("--jobs takes whole numbers", () => {
    expect(parse(["--jobs", "1"]).jobs).toBe(1);
    expect(parse(["--jobs", "1000"]).jobs).toBe(1000);
    expect(parse(["plan"]).jobsPerNamespace).toBeUndefined();
    expect(parse(["plan", "--jobs_per_namespace", "2"]).jobsPerNamespace).toBe(2);
    expect(refusal(["plan", "--jobs_per_namespace", "0"])).toContain("a whole number from 1 to 1000.");
  });

  it.each([
    [["--servics_dir", "x"], 'unknown flag "--servics_dir": did you mean --services-dir?'],
    [["--servce", "foo", "list"], 'unknown flag "--servce": did you mean --service?'],
    [["--dryrun"], 'unknown flag "--dryrun": did you mean --dry-run?'],
    [["--support-onyl"], 'unknown flag "--support-onyl": did you mean --support-only?'],
    [["--environmnet=x"], 'unknown flag "--environmnet": did you mean --environment?'],
    [["--zzzzz"], 'unknown flag "--zzzzz": --help lists the flags'],
    [["-z"], 'unknown flag "-z": --help lists the flags'],
    [["-é"], 'unknown flag "-é": --help lists the flags'],
    [["---"], 'unknown flag "---": --help lists the flags'],
    [["--="], 'unknown flag "--": --help lists the flags'],
    [["list", "--mode", "restore"], "list has no flag --mode: it is one of plan, explain, runbook"],
    [["apply", "--without"], "apply has no flag --without: it is one of demo"],
    [
      ["inventory", "--support-only"],
      "inventory has no flag --support-only: it is one of diff, list, plan, apply, demo, explain, runbook, restore",
    ],
    [["--support_only=1"], "--support_only takes no value"],
    [["--yes="], "--yes takes no value"],
    [
      ["-o", "xml"],
      "option '-o, --output <format>' argument 'xml' is invalid. Allowed choices are text, json.",
    ],
  ])("%j is refused: %s", (argv, message) => {
    expect(refusal(argv)).toBe(message);
  });

  it.each(["--jobs", "-e", "-s", "--exclude", "--registry", "--plugin", "--log_dir", "--resume_at"])(
    "%s without a value is refused",
    (flag) => {
      expect(refusal(["list", flag])).toBe(`${flag} needs a value`);
      expect(refusal(["list", flag, ""])).toBe(`${flag} needs a value, and this one is empty`);
    },
  );

  it("a value that is left out does not swallow the flag behind it", () => {
    expect(refusal(["apply", "--exclude", "--yes"])).toBe(
      "--exclude needs a value, and --yes looks like a flag: write --exclude=--yes if it is the value",
    );
    expect(refusal(["-s", "-l"])).toBe(
      "-s needs a value, and -l looks like a flag: write -s-l if it is the value",
    );
    expect(refusal(["--jobs", "-1"])).toContain("--jobs needs a value");
  });

  it("a value that begins with - may be given with =, and stays a value", () => {
    expect(parse(["--exclude=--yes", "-s-l", "--resume_at=-x_y", "--environment=--file"])).toMatchObject({
      yes: false,
      environment: "--file",
      selection: { exclude: ["--yes"], service: ["-l"], resumeAt: "-x_y" },
    });
  });

  it("a list of nothing but commas is refused, or what it was to leave out would be deployed", () => {
    expect(refusal(["--exclude", ","])).toBe(
      "option '--exclude <services>' argument ',' is invalid. expected names with commas between them.",
    );
    expect(refusal(["--exclude="])).toBe("--exclude needs a value, and this one is empty");
  });
});

describe("what the plugin adds", () => {
  const none = { manifest: undefined };

  it("is known with its manifest", () => {
    expect(parse(["restore", "--support-only"])).toMatchObject({
      verb: "restore",
      flags: { "support-only": true },
    });
    expect(parse(["apply", "--with_mediawiki"]).flags).toEqual({ "with-mediawiki": true });
  });

  it("is for rollouts, and would mean nothing where runs are listed", () => {
    expect(refusal(["runs", "--support-only"])).toContain(
      "runs has no flag --support-only: it is one of diff,",
    );
  });

  it("is unknown without it", () => {
    expect(refusal(["restore"], none)).toBe(
      'unknown verb "restore": the verbs are diff, list, plan, apply, inventory, demo, explain, runbook, derive, runs, report, hook',
    );
    expect(refusal(["--support-only"], none)).toBe('unknown flag "--support-only": --help lists the flags');
    expect(refusal(["--registry", "x"], none)).toBe("--registry is for a plugin, and --no-plugin loads none");
  });

  it.each([
    [{ verbs: [{ ...restoreVerb(), name: "list" }] }, "adds the verb list, which is there already"],
    [{ verbs: [restoreVerb(), restoreVerb()] }, "adds the verb restore, which is there already"],
    [{ flags: [{ name: "yes", summary: "" }] }, "adds --yes, which is there already"],
    [{ flags: [{ name: "mode", summary: "" }] }, "adds --mode, which is there already"],
    [{ flags: [{ name: "help", summary: "" }] }, "adds --help, which is there already"],
    [
      {
        flags: [
          { name: "a", summary: "" },
          { name: "a", summary: "" },
        ],
      },
      "adds --a, which is there already",
    ],
    [{ flags: [{ name: "no-gates", summary: "" }] }, "adds --no-gates, which is no name for a flag"],
    [{ flags: [{ name: "a--b", summary: "" }] }, "adds --a--b, which is no name for a flag"],
    [{ flags: [{ name: "a-", summary: "" }] }, "adds --a-, which is no name for a flag"],
  ])("must be new and have a name: %j is refused", (added, message) => {
    const { verbs: _verbs, flags: _flags, ...rest } = manifest;
    expect(refusal([], { manifest: { ...rest, ...added } })).toBe(`the plugin ${manifest.name} ${message}`);
  });

  function restoreVerb() {
    const [verb] = manifest.verbs ?? [];
    if (!verb) throw new Error("the plugin has no verb");
    return verb;
  }
});

describe("the plugin that is loaded", () => {
  it.each([
    [["--plugin", "a_b"], { path: "a_b", none: false }],
    [["list", "--plugin=a_b"], { path: "a_b", none: false }],
    [["--plugin", "a", "--plugin=b"], { path: "b", none: false }],
    [["--plugin=b", "--plugin", "a"], { path: "a", none: false }],
    [["--no_plugin"], { none: true }],
    [["--plugin"], { none: false }],
    [["--plugin", "--yes"], { none: false }],
    [["-s", "plugin"], { none: false }],
  ])("of %j is %j", (argv, expected) => {
    expect(pluginFlags(argv)).toEqual(expected);
  });
});

describe("what is asked of the tool itself", () => {
  const ofThisMachine = /(side by side \(default: )\d+\)/;

  it("--version says the version, wherever it stands", () => {
    for (const argv of [["--version"], ["-V"], ["list", "--version"], ["--yes", "-V"]]) {
      expect(answered(argv)).toBe("1.2.3\n");
    }
  });

  it("hook takes the name of one hook, and few flags", () => {
    expect(parse(["hook", "--timeout", "5", "stage:after"])).toMatchObject({
      ...{ verb: "hook", subject: "stage:after" },
      ...{ timeoutSeconds: 5, namesTimeout: true },
    });
    expect(refusal(["hook"])).toBe("hook what? Name one, for example rollout:plan");
    expect(refusal(["hook", ""])).toBe("hook what? Name one, for example rollout:plan");
    expect(refusal(["report", ""])).toBe(
      "an empty word stands behind report, where it would be one run, or the file of its journal",
    );
    expect(refusal(["hook", "rollout:plan", "--no-plugin"])).toContain("hook has no flag --no-plugin");
    expect(refusal(["hook", "rollout:plan", "--timeout", "86401"])).toContain("at most 86400");
  });

  it("explain takes one word behind it, wherever it stands, and not as the value of a flag", () => {
    const asked = { verb: "explain", subject: "shop/main" };
    expect(parse(["explain", "shop/main"])).toMatchObject(asked);
    expect(parse(["-e", "eqiad", "explain", "--support-only", "shop/main"])).toMatchObject(asked);
    expect(parse(["explain", "-e", "eqiad", "/main"])).toMatchObject({ subject: "/main" });
    expect(refusal(["explain", "-e", "eqiad"])).toBe(
      "explain what? Name a release (NAMESPACE/NAME) or a service",
    );
    expect(refusal(["runbook", "shop"])).toBe(
      '"shop" is one word too many: behind the verb runbook stand only flags',
    );
  });

  it("explain and runbook are about the plugin's own rollout where none is named", () => {
    for (const verb of [["explain", "shop"], ["runbook"]]) {
      expect(parse(verb).rolloutName).toBe("restore");
      expect(parse([...verb, "--mode", "apply"]).rolloutName).toBe("apply");
      expect(parse(verb, { manifest: undefined }).rolloutName).toBe("apply");
    }
    expect(parse(["plan"]).rolloutName).toBe("apply");
  });

  it("--help lists the verbs, the plugin's among them", async () => {
    await expect(answered(["--help"])).toMatchFileSnapshot("__snapshots__/help.txt");
    expect(answered(["-h", "--yes"])).toBe(answered(["--help"]));
  });

  it.each([
    "diff",
    "list",
    "plan",
    "apply",
    "restore",
    "preflight",
    "inventory",
    "demo",
    "explain",
    "runbook",
    "hook",
    "derive",
  ])("%s --help tells its flags", async (verb) => {
    const help = answered([verb, "--help"]).replace(ofThisMachine, "$1N)");
    await expect(help).toMatchFileSnapshot(`__snapshots__/help-${verb}.txt`);
    expect(answered(["--help", verb, "-e", "x"]).replace(ofThisMachine, "$1N)")).toBe(help);
  });

  it("an unknown verb is refused, also when help is asked for", () => {
    expect(refusal(["lst", "--help"])).toBe('unknown verb "lst": did you mean list?');
  });
});
