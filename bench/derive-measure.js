// One measure of derive.js, in a process of its own. Arguments: the folder with the manifests, how many releases of it
// need another one. Prints JSON: how long reading and deriving took, in milliseconds, and the most memory that the
// process ever had.
import { deriveDependencies } from "../dist/core/manifests/derive.js";
import { readManifests } from "../dist/io/read-manifests.js";

const [folder = "", expected] = process.argv.slice(2);
const began = performance.now();
const read = await readManifests(folder, { signal: new AbortController().signal });
if (!read.ok || read.value.faults.length > 0) throw new Error("the manifests could not be read");
const { edges } = deriveDependencies(read.value.releases);
const ms = performance.now() - began;
if (edges.length !== Number(expected)) throw new Error(`${edges.length} edges, and not ${expected}`);
console.log(JSON.stringify({ ms, peakBytes: process.resourceUsage().maxRSS * 1024 }));
