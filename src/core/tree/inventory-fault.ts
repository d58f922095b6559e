import type { Diagnostic, Place } from "../common/diagnostic.ts";
import { describeIssue, type LateDiagnostic, shown, unknownVersion } from "../common/json-fault.ts";
import { type JsonPath, locateJson } from "../common/json-place.ts";
import { releaseId } from "../common/release.ts";
import * as z from "../common/zod.ts";

/** The keys that are known, by the list that holds the object; of the whole file under the empty text. */
export type KnownKeys = ReadonlyMap<string, readonly string[]>;

/** Every fault of an inventory that the schema refused: what the schema found, and what collides in what is sound. */
export function inventoryFaults({
  file,
  text,
  value,
  issues,
  knownKeys,
}: {
  readonly file: string;
  readonly text: string;
  readonly value: unknown;
  readonly issues: readonly z.core.$ZodIssue[];
  readonly knownKeys: KnownKeys;
}): readonly Diagnostic[] {
  const places = locateJson({ file, text });
  const version = unknownVersion(value);
  if (version) return [version(places)];
  const outline = z.safeParse(outlineSchema, value);
  const conflicts = outline.success ? inventoryConflicts(outline.data) : [];
  const refused = {
    value,
    whole: "the file",
    knownKeys: (_: unknown, path: JsonPath) => knownKeys.get(holderOf(path)) ?? [],
  };
  const faults = [...issues.flatMap((issue) => describeIssue(issue, refused)), ...conflicts];
  return faults.map((fault) => fault(places)).sort(byPlace);
}

/** The list that holds an object; empty for the whole file. */
function holderOf(path: JsonPath): string {
  return String(path.findLast((part) => typeof part === "string") ?? "");
}

function byPlace({ place: one }: Diagnostic, { place: other }: Diagnostic): number {
  return one && other ? one.line - other.line || one.column - other.column : 0;
}

/** What is named where, in an inventory of which other things may be wrong. */
export interface InventoryOutline {
  readonly services: readonly {
    readonly service: string;
    readonly releases: readonly { readonly namespace: string; readonly name: string }[];
  }[];
  readonly absent: readonly string[];
  readonly errors: readonly { readonly service: string }[];
}

const text = z.catch(z.string(), "");
const named = z.catch(z.object({ service: text }), { service: "" });
const outlineSchema: z.ZodMiniType<InventoryOutline> = z.object({
  services: z.catch(
    z.array(
      z.catch(
        z.object({
          service: text,
          releases: z.catch(
            z.array(z.catch(z.object({ namespace: text, name: text }), { namespace: "", name: "" })),
            [],
          ),
        }),
        { service: "", releases: [] },
      ),
    ),
    [],
  ),
  absent: z.catch(z.array(text), []),
  errors: z.catch(z.array(named), []),
});

/** Services and releases that are named twice. A release without a namespace is unique only within its service. */
export function inventoryConflicts(outline: InventoryOutline): readonly LateDiagnostic[] {
  return [...serviceConflicts(outline), ...releaseConflicts(outline)];
}

function serviceConflicts({ services, absent, errors }: InventoryOutline): LateDiagnostic[] {
  const mentions: [string, JsonPath][] = [
    ...services.map(({ service }, index): [string, JsonPath] => [service, ["services", index, "service"]]),
    ...absent.map((service, index): [string, JsonPath] => [service, ["absent", index]]),
    ...errors.map(({ service }, index): [string, JsonPath] => [service, ["errors", index, "service"]]),
  ];
  return repeated(mentions, (name, first, again) => {
    const [was, is] = [first[0], again[0]].map((list) => lists.get(String(list)) ?? "");
    const message =
      was === is
        ? `service ${name} is ${is} twice`
        : `service ${name} is both ${was} and ${is}: it can be only one`;
    return { code: "duplicate-service", message };
  });
}

const lists = new Map([
  ["services", "listed"],
  ["absent", "absent"],
  ["errors", "an error"],
]);

function releaseConflicts({ services }: InventoryOutline): LateDiagnostic[] {
  const mentions = services.flatMap(({ service, releases }, index) =>
    releases.map(({ namespace, name }, at): [string, JsonPath] => {
      const id = releaseId(namespace, name);
      const key = name === "" ? "" : namespace === "" ? `${id} of ${service}` : id;
      return [key, ["services", index, "releases", at, "name"]];
    }),
  );
  return repeated(mentions, (name) => ({
    code: "duplicate-release",
    message: `release ${name} is listed twice`,
  }));
}

/** One diagnostic for each mention of a name after its first. */
function repeated(
  mentions: readonly [string, JsonPath][],
  describe: (name: string, first: JsonPath, again: JsonPath) => { code: string; message: string },
): LateDiagnostic[] {
  const firsts = new Map<string, JsonPath>();
  const found: LateDiagnostic[] = [];
  for (const [name, path] of mentions) {
    const first = firsts.get(name);
    if (name === "") continue;
    if (first === undefined) firsts.set(name, path);
    else {
      found.push((places) => ({
        severity: "error",
        ...describe(name, first, path),
        ...shown(places.value(path)),
        ...related(places.value(first)),
      }));
    }
  }
  return found;
}

function related(place: Place): Pick<Diagnostic, "related"> {
  return { related: [{ message: "first named here", ...shown(place) }] };
}
