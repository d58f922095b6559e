export { assemblePlan } from "./assemble-plan.ts";
