import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, delimiter, dirname, join } from "node:path";
import { execa, type ResultPromise } from "execa";
import * as z from "zod";
import type { Cluster } from "./cluster.ts";
import { allServices, charlieBundle, fixtures } from "./fixtures.ts";
import { installHelmDiffStandIn } from "./helm-diff.ts";
import { killProcessesOf } from "./processes.ts";

/**
 * What an operator has at hand on a deployment host, in a temporary folder: a home, a copy of the tree and its registry
 * that a test may edit, and the commands. Nothing of the environment of the tests gets in but PATH.
 */
export interface OperatorShell {
  /** Temporary; `close` removes it. Commands run in it. */
  readonly folder: string;
  /** Holds `services` and `global`. */
  readonly tree: string;
  /** charlie's `--services_dir`. */
  readonly servicesDir: string;
  /** On PATH. Holds `helmfile_log_sal`, `mediawiki-handoff`, and `charlie-mediawiki` with its registry. */
  readonly commands: string;
  /** The registry of the tree; its kubeconfigs are the cluster's, if there is one. */
  readonly registryFile: string;
  /** The variables of every command. HELMFILE_RENDER_YAML is not among them: what runs helmfile sets it. */
  readonly variables: Readonly<Record<string, string>>;
  /** What the helmfiles' hooks logged, line by line. */
  salLog(): string[];
  /** What the stand-in for scap logged, line by line. */
  handoffLog(): string[];
  /** helmfile itself, on the helmfile of one service. */
  helmfile(service: string, args: readonly string[], options?: CommandOptions): Command;
  helm(args: readonly string[], options?: CommandOptions): Command;
  /** The status of each of helm's releases in a namespace, by name. */
  releasesIn(namespace: string): Promise<Record<string, string>>;
  /** Of every release of helm in the cluster, by `namespace/name`: its status and revision, as `deployed 1`. */
  releases(): Promise<Record<string, string>>;
  /** The bundled command of this package, on the tree and its registry. */
  charlie(args: readonly string[], options?: CommandOptions): Command;
  /** A line as an operator types it, for example a remedy as it was told. */
  sh(line: string, options?: CommandOptions): Command;
  /** Kills what still runs in it. */
  close(): void;
}

interface CommandOptions {
  /** On top of the shell's variables; undefined takes one away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Its standard input; empty if absent. */
  readonly input?: string;
}

/** A running command. Awaited, it gives `exitCode`, `stdout` and `stderr`, and never rejects for how it ended. */
export type Command = ResultPromise<CommandSettings>;

interface CommandSettings {
  readonly cwd: string;
  readonly env: Record<string, string | undefined>;
  readonly extendEnv: false;
  readonly input: string;
  readonly reject: false;
}

export interface OperatorShellOptions {
  /** Without it, the kubeconfigs are where no file is. */
  readonly cluster?: Cluster;
  /** helm's timeout, in seconds; E2E_TIMEOUT sets another for one command. @default 30 */
  readonly timeout?: number;
  /** The services of the tree. Each costs whatever reads the tree some time. @default all */
  readonly services?: readonly string[];
  /** Whether the stand-in for helm-diff is installed. @default true */
  readonly helmDiff?: boolean;
}

export function openOperatorShell(options: OperatorShellOptions = {}): OperatorShell {
  const folder = mkdtempSync(join(tmpdir(), "charlie-e2e-shell-"));
  const root = join(folder, "e2e");
  const { services } = options;
  const isWanted = (path: string) =>
    services === undefined || dirname(path) !== allServices || services.includes(basename(path));
  cpSync(fixtures, root, { recursive: true, filter: isWanted });
  const { kubeconfigFile } = options.cluster ?? {};
  if (kubeconfigFile !== undefined) redirect(join(root, "registry.yaml"), kubeconfigFile);
  const variables = variablesOf(folder, root, options);
  if (options.helmDiff !== false) installHelmDiffStandIn(join(folder, "helm", "data"));
  installCharlie(join(root, "bin"));

  const run = (command: readonly string[], { env = {}, input = "" }: CommandOptions = {}): Command => {
    const [file = "", ...args] = command;
    const settings: CommandSettings = {
      cwd: folder,
      env: { ...variables, ...env },
      extendEnv: false,
      input,
      reject: false,
    };
    return execa(file, args, settings);
  };
  const helm: OperatorShell["helm"] = (args, options) => run(["helm", ...args], options);
  const servicesDir = join(root, "tree", "services");
  return {
    folder,
    tree: join(root, "tree"),
    servicesDir,
    commands: join(root, "bin"),
    registryFile: join(root, "registry.yaml"),
    variables,
    salLog: () => linesOf(join(folder, "sal.log")),
    handoffLog: () => linesOf(join(folder, "handoff.log")),
    helmfile: (service, args, { env, ...rest } = {}) =>
      run(["helmfile", "--file", join(servicesDir, service, "helmfile.yaml"), ...args], {
        ...rest,
        env: { HELMFILE_RENDER_YAML: "true", ...env },
      }),
    helm,
    releasesIn: async (namespace) => {
      const { stdout } = await helm(["list", "--all", "--namespace", namespace, "--output", "json"]);
      const releases = releaseListSchema.parse(JSON.parse(stdout));
      return Object.fromEntries(releases.map(({ name, status }) => [name, status]));
    },
    releases: async () => {
      const { stdout } = await helm(["list", "--all", "--all-namespaces", "--output", "json"]);
      const releases = releaseListSchema.parse(JSON.parse(stdout));
      return Object.fromEntries(
        releases.map(({ namespace, name, status, revision }) => [
          `${namespace}/${name}`,
          `${status} ${revision}`,
        ]),
      );
    },
    charlie: (args, options) => {
      if (!existsSync(charlieBundle)) throw new Error(`there is no ${charlieBundle}: run npm run build`);
      return run([process.execPath, charlieBundle, ...args, ...treeFlags(args, servicesDir, root)], options);
    },
    sh: (line, options) => run(["sh", "-c", line], options),
    close: () => {
      killProcessesOf({ variables });
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const releaseListSchema = z.array(
  z.object({ namespace: z.string(), name: z.string(), status: z.string(), revision: z.string() }),
);

/** A preflight goes by the registry alone unless it is given a tree. */
function treeFlags(args: readonly string[], servicesDir: string, root: string): string[] {
  const services = args[0] === "preflight" ? [] : ["--services_dir", servicesDir];
  const registry = args.includes("--no-plugin") ? [] : ["--registry", join(root, "registry.yaml")];
  return [...services, ...registry];
}

/** Puts the bundled command where a shell finds it by its name, with the registry of the tree. */
function installCharlie(commands: string): void {
  const flags = '--registry "$E2E_TREE/../registry.yaml"';
  const text = `#!/bin/sh
case $1 in
  preflight | hook) exec "${process.execPath}" "${charlieBundle}" "$@" ${flags} ;;
  *) exec "${process.execPath}" "${charlieBundle}" "$@" ${flags} --services_dir "$E2E_TREE/services" ;;
esac
`;
  writeFileSync(join(commands, "charlie-mediawiki"), text, { mode: 0o755 });
}

function variablesOf(
  folder: string,
  root: string,
  { cluster, timeout = 30 }: OperatorShellOptions,
): Record<string, string> {
  mkdirSync(join(folder, "home"));
  mkdirSync(join(folder, "tmp"));
  const kubeconfig = cluster?.kubeconfigFile;
  return {
    PATH: [join(root, "bin"), process.env.PATH ?? ""].join(delimiter),
    HOME: join(folder, "home"),
    TMPDIR: join(folder, "tmp"),
    LANG: "C.UTF-8",
    HELM_DATA_HOME: join(folder, "helm", "data"),
    HELM_CACHE_HOME: join(folder, "helm", "cache"),
    HELM_CONFIG_HOME: join(folder, "helm", "config"),
    HELMFILE_UPGRADE_NOTICE_DISABLED: "true",
    // helm and helmfile end before it pays to collect their garbage.
    GOGC: "400",
    // helmfile asks the cluster about releases that are not installed without the --kubeconfig that it gives to helm.
    ...(kubeconfig === undefined ? {} : { KUBECONFIG: kubeconfig, E2E_KUBECONFIG: kubeconfig }),
    E2E_TIMEOUT: `${timeout}`,
    E2E_TREE: join(root, "tree"),
    E2E_SAL_LOG: join(folder, "sal.log"),
    E2E_HANDOFF_LOG: join(folder, "handoff.log"),
  };
}

/** Points the templates of kubeconfigs in a registry at one file. */
function redirect(registryFile: string, kubeconfigFile: string): void {
  const text = readFileSync(registryFile, "utf8");
  writeFileSync(
    registryFile,
    text.replaceAll(/^(kubeconfig|readKubeconfig): .*$/gm, `$1: ${kubeconfigFile}`),
  );
}

function linesOf(file: string): string[] {
  return existsSync(file) ? readFileSync(file, "utf8").split("\n").slice(0, -1) : [];
}
