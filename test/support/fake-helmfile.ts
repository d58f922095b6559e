import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "./temporary-folder.ts";

/**
 * How the fake answers for a service, as the first line of its helmfile says:
 * - `sound`: one release, `main` in the namespace of the directory's name;
 * - `absent`: nothing in this environment;
 * - `eqiad`: sound in eqiad, and nothing in other environments;
 * - `broken`: fails with a message that names the service; `unnamed`: with one that names nobody;
 * - `hanging`: never ends, whatever signal it gets but SIGKILL, and has a child that never ends;
 * - `garbage`: prints words; `silent`: prints nothing; `killed`: is ended by a signal.
 */
export type Manner =
  | "sound"
  | "eqiad"
  | "absent"
  | "broken"
  | "unnamed"
  | "hanging"
  | "garbage"
  | "silent"
  | "killed";

/** A helmfile that the fake answers as told, and real helmfile the same way (where it can). */
function helmfileOf(manner: Manner, namespace: string): string {
  const environment = manner === "absent" ? "nowhere" : "eqiad";
  const chart = manner === "broken" ? "{{ .Values.missing }}" : "wmf-stable/x";
  const release = `releases:\n  - name: main\n    namespace: ${namespace}\n    chart: ${chart}\n`;
  return `# ${manner}\nenvironments:\n  ${environment}: {}\n---\n${release}`;
}

/** A services directory with a service for each name. */
export function servicesOf(manners: Readonly<Record<string, Manner>>): string {
  const files = Object.entries(manners).map(([name, manner]) => [
    `services/${name}/helmfile.yaml`,
    helmfileOf(manner, name),
  ]);
  return join(temporaryFolder(Object.fromEntries(files)), "services");
}

export interface FakeHelmfile {
  readonly program: string;
  /** What it was asked for in each call, in the order of the calls: the services by name. */
  calls(): string[][];
  /** The processes that hang, and their children. */
  hanging(): number[];
}

export function fakeHelmfile(): FakeHelmfile {
  const folder = temporaryFolder();
  const program = join(folder, "helmfile");
  writeFileSync(program, script);
  chmodSync(program, 0o755);
  const lines = (name: string): string[] => {
    const file = join(folder, name);
    return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
  };
  return {
    program,
    calls: () => lines("calls").map((line) => line.trim().split(" ")),
    hanging: () => lines("hanging").map(Number),
  };
}

/** Whether a process runs: one that was killed may stay in the table until somebody asks how it ended. */
export function isRunning(pid: number): boolean {
  const stat = `/proc/${pid}/stat`;
  return existsSync(stat) && !/\) Z /.test(readFileSync(stat, "utf8"));
}

const script = `#!/bin/sh
here=$(dirname "$0")
file=$2
environment=$4
alone=
case $file in
  */services-*.yaml) paths=$(sed -n 's/^  - path: "\\(.*\\)"$/\\1/p' "$file") ;;
  *) paths=$file; alone=yes ;;
esac
IFS='
'
names=
for path in $paths; do names="$names $(basename "$(dirname "$path")")"; done
echo "$names" >> "$here/calls"
for path in $paths; do
  case $(head -n 1 "$path") in
    '# garbage') echo hello; exit 0 ;;
    '# silent') exit 0 ;;
  esac
done
index=0
found=
for path in $paths; do
  name=$(basename "$(dirname "$path")")
  way="in $file: in .helmfiles[$index]: "
  [ -n "$alone" ] && way=
  manner=$(head -n 1 "$path")
  [ "$manner" = '# eqiad' ] && [ "$environment" = eqiad ] && manner='# sound'
  case $manner in
    '# sound')
      found=yes
      printf -- '---\\n#  Source: %s/helmfile.yaml\\n\\nfilepath: helmfile.yaml\\n' "$(cd "$(dirname "$path")" && pwd -P)"
      printf 'releases:\\n  - chart: wmf-stable/x\\n    name: main\\n    namespace: %s\\n' "$name"
      printf '    labels:\\n      chart: x\\n      name: main\\n      namespace: %s\\ntemplates: {}\\nrenderedvalues: {}\\n' "$name" ;;
    '# broken')
      echo "WARNING: something else" >&2
      echo "\${way}in $path: error during helmfile.yaml.part.1 parsing: it is broken" >&2
      exit 1 ;;
    '# unnamed') echo 'panic: it is broken' >&2; exit 2 ;;
    '# killed') kill -KILL $$ ;;
    '# hanging')
      trap '' TERM INT HUP
      sleep 1000 &
      printf '%s\\n' $$ $! >> "$here/hanging"
      wait ;;
  esac
  index=$((index + 1))
done
[ -n "$alone" ] || printf -- '---\\n#  Source: %s\\n\\nfilepath: x\\ntemplates: {}\\nrenderedvalues: {}\\n' "$file"
[ -n "$found" ] && exit 0
echo "err: no releases found that matches specified selector() and environment($environment), in any helmfile" >&2
exit 3
`;
