// derive FOLDER: which releases need which others, by manifests that `helmfile template` wrote to NAMESPACE/RELEASE/….
import { deriveDependencies, readManifests, renderDiagnostics } from "charlie-plugin-mediawiki";

const [folder = "rendered"] = process.argv.slice(2);
const read = await readManifests(folder, { signal: AbortSignal.timeout(60_000) });
if (!read.ok) throw new Error(renderDiagnostics(read.failure));

const { edges, unprovided } = deriveDependencies(read.value.releases);
for (const { from, to, kind, soft, evidence } of edges) {
  if (!soft) console.log(`${from} needs ${to}: ${kind} ${evidence[0]?.mention}`);
}
for (const { release, variable, why } of unprovided) console.log(`${release} lacks ${variable}: ${why}`);
