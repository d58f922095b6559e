import { appendTo } from "../common/grouped-by.ts";
import {
  type Derived,
  type DerivedEdge,
  type DerivedEvidence,
  edgeKinds,
  type UnmadeObject,
  type UnprovidedVariable,
} from "./derived.ts";
import type { PlacedObject } from "./provided-objects.ts";

type Found = Omit<DerivedEdge, "to" | "evidence"> & { readonly evidence: DerivedEvidence };
type FoundVariable = {
  readonly release: string;
  readonly variable: string;
  readonly evidence: DerivedEvidence;
};

/** Collects what is found, each once, with all its evidence. */
export class Finds {
  readonly #edges = new Map<string, Omit<DerivedEdge, "evidence">>();
  readonly #unprovided = new Map<string, Omit<UnprovidedVariable, "evidence">>();
  readonly #unmade = new Map<string, Omit<UnmadeObject, "evidence">>();
  readonly #unlinked = new Map<string, Omit<FoundVariable, "evidence">>();
  readonly #evidence = new Map<string, DerivedEvidence[]>();

  addEdges(makers: readonly PlacedObject[], { evidence, ...found }: Found): void {
    // With several makers it is any of them, and the own release is one that comes along.
    if (makers.some(({ release }) => release === found.from)) return;
    for (const { release: to } of makers) {
      const key = `edge ${found.from} ${to} ${found.kind}`;
      // What is optional in one place may be needed in another.
      const soft = found.soft && this.#edges.get(key)?.soft !== false;
      this.#edges.set(key, { ...found, to, soft });
      appendTo(this.#evidence, key, evidence);
    }
  }

  addUnprovided({ evidence, ...found }: Omit<UnprovidedVariable, "evidence"> & FoundVariable): void {
    const key = `unprovided ${found.release} ${found.variable}`;
    this.#unprovided.set(key, found);
    appendTo(this.#evidence, key, evidence);
  }

  addUnmade({
    evidence,
    ...found
  }: Omit<UnmadeObject, "evidence"> & { readonly evidence: DerivedEvidence }): void {
    const key = `unmade ${found.release} ${found.kind} ${found.namespace} ${found.name}`;
    this.#unmade.set(key, found);
    appendTo(this.#evidence, key, evidence);
  }

  addFault({ evidence, ...found }: FoundVariable): void {
    const key = `fault ${found.release} ${found.variable}`;
    this.#unlinked.set(key, found);
    appendTo(this.#evidence, key, evidence);
  }

  sorted(): Derived {
    return {
      edges: this.#withEvidence(this.#edges).toSorted(
        (one, other) =>
          compare(one.from, other.from) ||
          compare(one.to, other.to) ||
          edgeKinds.indexOf(one.kind) - edgeKinds.indexOf(other.kind),
      ),
      unprovided: this.#withEvidence(this.#unprovided).toSorted(byReleaseAndVariable),
      notMade: this.#withEvidence(this.#unmade).toSorted(
        (one, other) =>
          compare(one.release, other.release) ||
          edgeKinds.indexOf(one.kind) - edgeKinds.indexOf(other.kind) ||
          compare(one.namespace, other.namespace) ||
          compare(one.name, other.name),
      ),
      faults: this.#withEvidence(this.#unlinked).toSorted(byReleaseAndVariable).map(noServiceLinks),
    };
  }

  #withEvidence<Value>(
    found: ReadonlyMap<string, Value>,
  ): (Value & { readonly evidence: readonly DerivedEvidence[] })[] {
    return [...found].map(([key, value]) => ({
      ...value,
      evidence: eachOnce(this.#evidence.get(key) ?? []),
    }));
  }
}

/** Of what one container mentions several times, the first line. */
function eachOnce(evidence: readonly DerivedEvidence[]): readonly DerivedEvidence[] {
  const first = new Map<string, DerivedEvidence>();
  for (const one of evidence.toSorted(byPlace)) {
    const key = [one.kind, one.name, one.container ?? "", one.mention].join(" ");
    if (!first.has(key)) first.set(key, one);
  }
  return [...first.keys()].toSorted(compare).flatMap((key) => first.get(key) ?? []);
}

function byPlace(one: DerivedEvidence, other: DerivedEvidence): number {
  return compare(one.file, other.file) || one.line - other.line || compare(one.mention, other.mention);
}

function byReleaseAndVariable(
  one: Pick<FoundVariable, "release" | "variable">,
  other: Pick<FoundVariable, "release" | "variable">,
): number {
  return compare(one.release, other.release) || compare(one.variable, other.variable);
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

function noServiceLinks({
  release,
  variable,
  evidence,
}: Omit<FoundVariable, "evidence"> & {
  readonly evidence: readonly DerivedEvidence[];
}): Derived["faults"][number] {
  const [first] = evidence;
  return {
    release,
    severity: "error",
    code: "no-service-links",
    message: `${release} reads ${variable}, and its pods ask for no variables of Services (enableServiceLinks: false)`,
    ...(first && {
      place: {
        file: first.file,
        line: first.line,
        column: 1,
        length: first.text.length,
        text: first.text,
      },
    }),
    remedy: `remove enableServiceLinks: false, or set ${variable} in the container's env`,
  };
}
