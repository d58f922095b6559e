import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Release, Service } from "../../src/core/common/release.ts";
import { releaseId } from "../../src/core/common/release.ts";
import { type RenderOptions, renderManifests } from "../../src/io/render-manifests.ts";
import { isRunning } from "../support/fake-helmfile.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

/**
 * A helmfile that renders a Service for each release that it is asked for, and fails if one is called `bad`, hangs if
 * one is called `hanging`, or passes over one that is called `forgotten`. It writes down its arguments and SUPPRESS_SAL.
 */
const script = `#!/bin/sh
here=$(dirname "$0")
echo "$* SUPPRESS_SAL=$SUPPRESS_SAL" >> "$here/calls"
selectors=
while [ $# -gt 0 ]; do
  case $1 in
    --selector) selectors="$selectors $2"; shift ;;
    --output-dir) out=$2; shift ;;
  esac
  shift
done
for selector in $selectors; do
  name=\${selector##*name=}
  namespace=_
  case $selector in namespace=*) namespace=\${selector#namespace=}; namespace=\${namespace%%,*} ;; esac
  case $name in
    bad) echo "in ./helmfile.yaml: no site given" >&2; exit 1 ;;
    hanging) echo $$ > "$here/hanging"; exec sleep 1000 ;;
    forgotten) continue ;;
    empty) echo "Templating release=empty, chart=x" >&2; continue ;;
  esac
  mkdir -p "$out/$namespace/$name/chart/templates"
  printf 'kind: Service\\nmetadata: { name: %s }\\n' "$name" > "$out/$namespace/$name/chart/templates/s.yaml"
done
`;

function fakeHelmfile() {
  const folder = temporaryFolder();
  const program = join(folder, "helmfile");
  writeFileSync(program, script);
  chmodSync(program, 0o755);
  const text = (name: string) =>
    existsSync(join(folder, name)) ? readFileSync(join(folder, name), "utf8") : "";
  return {
    program,
    calls: () =>
      text("calls")
        .trim()
        .split("\n")
        .map((line) => line.replace(/--output-dir .*(?= SUPPRESS)/, "…")),
    hanging: () => Number(text("hanging")),
  };
}

function service(name: string, releases: readonly (string | Partial<Release>)[]): Service {
  return {
    name,
    helmfile: `${name}/helmfile.yaml`,
    releases: releases.map((one) => {
      const given = typeof one === "string" ? { name: one } : one;
      const { name: release = "r", namespace = name } = given;
      return {
        ...{ id: releaseId(namespace, release), service: name, namespace, name: release },
        ...{ chart: "x/x", installed: true, labels: {}, needs: [], ...given },
      };
    }),
  };
}

async function render(services: readonly Service[], options: Partial<RenderOptions>) {
  const result = await renderManifests({
    ...{ services, servicesDir: "/services", environment: "eqiad", env: process.env },
    ...options,
  });
  if (!result.ok) return result.failure;
  const { releases, notRendered, faults } = result.value;
  expect(faults).toEqual([]);
  return {
    releases: releases.map(({ id, objects }) => [id, ...objects.map(({ file }) => file)]),
    notRendered,
  };
}

test("each service is rendered by one helmfile, by the names of its releases that are installed", async () => {
  const helmfile = fakeHelmfile();
  const services = [
    service("a", ["x", "y", { name: "z", installed: false }]),
    service("b", [{ name: "bare", namespace: "" }]),
    service("c", [{ name: "gone", installed: false }]),
  ];
  expect(await render(services, { helmfile: helmfile.program })).toEqual({
    releases: [
      ["a/x", "a/x/chart/templates/s.yaml"],
      ["a/y", "a/y/chart/templates/s.yaml"],
      ["/bare", "bare/chart/templates/s.yaml"],
    ],
    notRendered: [],
  });
  expect(helmfile.calls().toSorted()).toEqual([
    "--file /services/a/helmfile.yaml --environment eqiad --selector namespace=a,name=x --selector namespace=a,name=y template --skip-tests … SUPPRESS_SAL=true",
    "--file /services/b/helmfile.yaml --environment eqiad --selector name=bare template --skip-tests … SUPPRESS_SAL=true",
  ]);
});

test("where a service fails its releases are rendered one by one, and only what cannot be is named", async () => {
  const helmfile = fakeHelmfile();
  const services = [service("a", ["x", "bad", "y"]), service("b", ["empty", "forgotten"])];
  expect(await render(services, { helmfile: helmfile.program, jobs: 1 })).toEqual({
    releases: [["a/x", "a/x/chart/templates/s.yaml"], ["a/y", "a/y/chart/templates/s.yaml"], ["b/empty"]],
    notRendered: [
      { release: "a/bad", service: "a", message: "in ./helmfile.yaml: no site given" },
      { release: "b/forgotten", service: "b", message: "helmfile left it out, and said nothing" },
    ],
  });
});

test("a helmfile that hangs is killed when its time is up", async () => {
  const helmfile = fakeHelmfile();
  expect(await render([service("a", ["hanging"])], { helmfile: helmfile.program, limitMs: 2_000 })).toEqual({
    releases: [],
    notRendered: [{ release: "a/hanging", service: "a", message: "helmfile did not answer within 2 s" }],
  });
  await expect.poll(() => isRunning(helmfile.hanging())).toBe(false);
});

test("without helmfile one message says so, and nothing is said of single releases", async () => {
  const failure = await render([service("a", ["x"]), service("b", ["y"])], { helmfile: "/nowhere/helmfile" });
  expect(failure).toEqual([
    {
      ...{ severity: "error", code: "helmfile-unavailable" },
      message:
        "no chart can be rendered with /nowhere/helmfile: there is no /nowhere/helmfile, or not the interpreter that it names",
      remedy:
        "install helmfile and helm and put them on PATH, or name manifests that are rendered already by --manifests",
    },
  ]);
});

test("a signal ends it", async () => {
  const helmfile = fakeHelmfile();
  const controller = new AbortController();
  const rendered = render([service("a", ["hanging"])], {
    helmfile: helmfile.program,
    signal: controller.signal,
  });
  await expect.poll(() => helmfile.hanging()).toBeGreaterThan(0);
  controller.abort();
  expect(await rendered).toMatchObject([{ code: "cancelled" }]);
});
