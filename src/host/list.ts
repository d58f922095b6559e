import { type Diagnostic, renderDiagnostics } from "../core/common/diagnostic.ts";
import type { Release, Tree } from "../core/common/release.ts";
import { renderTable } from "../core/common/words.ts";
import type { HookAnswer } from "../core/hooks/hooks.ts";
import { selectServices } from "../core/tree/selection.ts";
import type { Terminal } from "../io/terminal.ts";
import type { Plugin } from "./plugin-loader.ts";
import { type ExitCode, exitCodes, Refusal, type Settings } from "./settings.ts";
import { tellUnreadable } from "./unreadable.ts";

type Listed = HookAnswer<"releases:classify">["releases"][number];

/** The verb `list`: every release of the selected services, with its class and what decided it. */
export async function list(
  tree: Tree,
  { plugin, settings, terminal }: { plugin: Plugin; settings: Settings; terminal: Terminal },
): Promise<ExitCode> {
  const selected = selectServices(tree, settings.selection);
  tell(terminal, selected.diagnostics);
  if (selected.diagnostics.some(({ severity }) => severity === "error")) return exitCodes.usage;

  const answer = await plugin.ask("releases:classify", { version: 1, tree, flags: settings.flags });
  const shown = answer.releases.filter(({ service }) => !selected.leftOut.has(service));
  const unreadable = tree.unreadable.filter(({ service }) => !selected.leftOut.has(service));
  const faults = [...answer.diagnostics, ...shown.flatMap(({ fault }) => fault ?? [])];
  tell(terminal, faults);
  tellUnreadable(terminal, unreadable);

  const releases = describe(shown, tree, plugin.name);
  if (settings.output === "json") {
    const absent = tree.absent.filter((service) => !selected.leftOut.has(service));
    terminal.answer(
      JSON.stringify({ version: 1, environment: tree.environment, releases, absent, unreadable }),
    );
  } else {
    const header = ["environment", "release", "chart", "class", "", "because"];
    const rows = releases.map((release) => [
      tree.environment,
      `${release.namespace}/${release.name}`,
      release.chart,
      release.class,
      release.installed ? "" : "not installed",
      release.reason.text,
    ]);
    terminal.answer(renderTable([header, ...rows]).join("\n"));
  }
  // Two lines of the configuration that contradict each other are a fault of the configuration, whatever asks.
  return faults.some(({ severity }) => severity === "error") ? exitCodes.usage : exitCodes.done;
}

function describe(listed: readonly Listed[], tree: Tree, plugin: string) {
  const known = new Map<string, Release>(
    tree.services.flatMap((service) =>
      service.releases.map((release) => [`${service.name} ${release.id}`, release] as const),
    ),
  );
  return listed.map(({ service, release: id, class: releaseClass, reason }) => {
    const release = known.get(`${service} ${id}`);
    if (!release) {
      throw new Refusal(
        `the plugin ${plugin} answered the hook releases:classify for ${id} of ${service}, which is not there`,
        exitCodes.usage,
      );
    }
    const { namespace, name, chart, installed } = release;
    return { service, namespace, name, chart, installed, class: releaseClass, reason };
  });
}

function tell(terminal: Terminal, diagnostics: readonly Diagnostic[]): void {
  if (diagnostics.length > 0) terminal.tell(`${renderDiagnostics(diagnostics)}\n`);
}
