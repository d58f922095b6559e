import type { HookAnswer } from "../hooks/hooks.ts";
import type { Classification } from "./classify.ts";

/** Which class each release has, and why: what the hook `releases:classify` answers, and `explain` takes. */
export type Verdicts = HookAnswer<"releases:classify">["releases"];

/**
 * What a classification says, without the releases themselves.
 *
 * @example verdictsOf(classify(tree, registry))[0]?.class // "support"
 */
export function verdictsOf({ releases }: Pick<Classification, "releases">): Verdicts {
  return releases.map(({ release, class: releaseClass, reason, fault }) => ({
    service: release.service,
    release: release.id,
    class: releaseClass,
    reason,
    ...(fault ? { fault } : {}),
  }));
}
