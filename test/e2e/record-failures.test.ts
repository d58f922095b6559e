import { accessSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { writeRecordedFailure } from "../support/recorded-failures.ts";
import { useEmptyCluster } from "./support/empty-cluster.ts";
import type { FailureScenario, Trouble } from "./support/failure-scenario.ts";
import { failureScenarios } from "./support/failure-scenarios.ts";
import type { Command, OperatorShell } from "./support/operator-shell.ts";
import { describeWithTools } from "./support/tools.ts";

// Takes a quarter of an hour, and writes fixtures/failures: RECORD=1 npx vitest run --project e2e record-failures
const describeRecording = process.env.RECORD === "1" ? describeWithTools : describe.skip;

describeRecording("what helmfile and helm print when they fail", () => {
  const at = useEmptyCluster();
  let trouble: Trouble = {};

  afterEach(async () => {
    await trouble.mend?.();
    trouble = {};
  });

  it.each(failureScenarios)("$fate: $name", async (scenario) => {
    trouble = await scenario.arrange(at);
    const { service = "toolhub", selector = ["-l", "name=main"], verb = "sync", env = {} } = trouble;
    const args = ["--environment", "eqiad", ...selector, verb];
    const command = at.shell.helmfile(service, args, { env: { E2E_TIMEOUT: "30", ...env } });
    const printed = collect(command);
    await trouble.meanwhile?.(command);
    const { exitCode } = await command;
    expect(exitCode).not.toBe(0);
    const left = await at.shell.releases();
    await trouble.mend?.();
    trouble = {};
    const again = await at.shell.helmfile(service, args, { env: { E2E_TIMEOUT: "30" } });
    const header = [
      ...about(scenario, await versions(at.shell)),
      `# helmfile ${["--file", `services/${service}/helmfile.yaml`, ...args].join(" ")}: exit code ${exitCode}`,
      `# leaves behind: ${describeReleases(left)}`,
      `# a second try: ${describeEnd(again)}`,
    ];
    const lines = plain(at, header.join("\n"), printed());
    writeRecordedFailure({ ...scenario, ...lines });
  });
});

/** Its output as it came, of both streams. */
function collect(command: Command): () => string {
  let text = "";
  for (const stream of [command.stdout, command.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      text += chunk;
    });
  }
  return () => text;
}

function about({ done }: FailureScenario, tools: string): string[] {
  return [`# ${done}`, `# ${tools}`];
}

async function versions(shell: OperatorShell): Promise<string> {
  const helm = await shell.helm(["version", "--short"]);
  const helmfile = await shell.sh("helmfile version -o short");
  const server = await shell.sh("kube-apiserver --version");
  const words = [`helmfile ${helmfile.stdout}`, `helm ${helm.stdout}`, server.stdout.toLowerCase()];
  return words.join(", ").replaceAll(/[+]g\b/g, "");
}

function describeReleases(releases: Readonly<Record<string, string>>): string {
  const entries = Object.entries(releases);
  return entries.length === 0 ? "no release" : entries.map(([id, status]) => `${id} ${status}`).join(", ");
}

function describeEnd({ exitCode, stdout, stderr }: Awaited<Command>): string {
  if (exitCode === 0) return "succeeds";
  const lines = `${stdout}\n${stderr}`.split("\n").map((line) => line.trim());
  return `fails: ${lines.findLast((line) => line.startsWith("Error:")) ?? lines.findLast((line) => line !== "")}`;
}

/** Without what differs from one machine to the next. */
function plain(
  { shell, cluster }: Pick<ReturnType<typeof useEmptyCluster>, "shell" | "cluster">,
  header: string,
  output: string,
): { header: string[]; lines: string[] } {
  const clean = (text: string): string[] =>
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what colours begin with
      .replaceAll(/\x1b\[[0-9;]*m/g, "")
      .replaceAll(join(shell.folder, "e2e", "tree"), "/srv/deployment-charts")
      .replaceAll(join(shell.folder, "e2e"), "/srv")
      .replaceAll(`${shell.folder}/tmp/`, "/tmp/")
      .replaceAll(shell.folder, "/home/operator")
      .replaceAll(
        new RegExp(`${cluster.folder}/[a-z0-9-]+\\.config`, "g"),
        "/etc/kubernetes/toolhub-deploy-eqiad.config",
      )
      .replaceAll(cluster.folder, "/etc/kubernetes")
      .replaceAll(folderOf("helm"), "/usr/bin")
      .replaceAll(/\/tmp\/(helmfile|chart|charlie)[a-z-]*\d+/g, "/tmp/$11")
      .replaceAll(/ on [0-9.]+:53: /g, " on 192.0.2.53:53: ")
      .replaceAll(/127_0_0_1_\d+/g, "127_0_0_1_8080")
      .replaceAll(/(http|oci):\/\/127\.0\.0\.1:\d+/g, "$1://127.0.0.1:8080")
      .replaceAll(/127\.0\.0\.1:\d{5}->/g, "127.0.0.1:40000->")
      .replaceAll(/127\.0\.0\.1:(?!40000->)\d{5}\b/g, "127.0.0.1:6443")
      .split("\n");
  return { header: clean(header), lines: clean(output) };
}

function folderOf(tool: string): string {
  const found = (process.env.PATH ?? "").split(delimiter).find((folder) => {
    try {
      accessSync(join(folder, tool));
      return true;
    } catch {
      return false;
    }
  });
  return found ?? dirname(process.execPath);
}
