/** A plan of steps that wait for nothing, each with these arguments. @returns {import("../dist/core/plan/plan.js").Plan} */
export function independentSteps(/** @type {number} */ count, /** @type {readonly string[]} */ args) {
  const ids = Array.from({ length: count }, (_, at) => `service-${at}`);
  return {
    ...{ version: 1, environment: "eqiad", mode: "apply", gates: [], excluded: [], unreadable: [] },
    stages: [{ name: "apply", gate: "none", steps: ids }],
    steps: ids.map((id) => ({
      ...{ id, service: id, helmfile: `/srv/${id}/helmfile.yaml`, releases: [`${id}/main`], class: "other" },
      ...{ action: "apply", args: [...args], after: [], stage: "apply" },
    })),
  };
}
