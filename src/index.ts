export { assemblePlan } from "./core/assemble-plan.ts";
