// What programs ask, loaded together: see looking-verbs.ts for why.
export { answerHook, chooseHook } from "./hook.ts";
export { preflight } from "./preflight.ts";
