import type { CheckFacts } from "./check-facts.ts";
import type { ClassifiedRelease } from "./classify.ts";
import type { Found } from "./finding.ts";

/** Releases that have no class, or that two lines contradict; and those whose class is not the same everywhere. */
export function checkClasses({ environments }: CheckFacts): Found[] {
  return [
    ...environments.flatMap(({ environment, installed }) =>
      installed.flatMap((one) => unclassified(one, environment)),
    ),
    ...differing(environments),
  ];
}

function unclassified({ release, fault }: ClassifiedRelease, environment: string): Found[] {
  if (!fault) return [];
  const { code, message, remedy, place } = fault;
  return [
    {
      ...{ code, severity: "error", environment, subject: release.id, message },
      ...(remedy === undefined ? {} : { remedy }),
      ...(place ? { place } : {}),
    },
  ];
}

function differing(environments: CheckFacts["environments"]): Found[] {
  const classesOf = new Map<string, Map<string, { environments: string[]; one: ClassifiedRelease }>>();
  for (const { environment, installed } of environments) {
    for (const one of installed.filter(({ fault }) => !fault)) {
      const known = classesOf.get(one.release.id) ?? new Map();
      const before = known.get(one.class)?.environments ?? [];
      known.set(one.class, { environments: [...before, environment].toSorted(), one });
      classesOf.set(one.release.id, known);
    }
  }
  return [...classesOf]
    .filter(([, classes]) => classes.size > 1)
    .map(([id, classes]): Found => {
      const inOrder = [...classes].toSorted(([left], [right]) => (left < right ? -1 : 1));
      const told = inOrder.map(
        ([name, { environments: where, one }]) =>
          `${name} in ${where.join(", ")} (chart ${one.release.chart})`,
      );
      const place = inOrder.flatMap(([, { one }]) => one.reason.place ?? [])[0];
      return {
        ...{ code: "class-differs", severity: "warning", subject: id },
        message: `${id} is ${told.join(", and ")}`,
        remedy: `name ${id.slice(id.indexOf("/") + 1)} in the entry of its namespace, or give it one chart everywhere`,
        ...(place ? { place } : {}),
      };
    });
}
