import { expect, it } from "vitest";
import { kubeconfigsOf } from "../../src/core/plan/cluster-kubeconfigs.ts";

const template = "/etc/{namespace}-deploy-{environment}.config";

it("the template comes first, then what helmfiles name, each once", () => {
  const named = ["/etc/other.config", "/etc/mw-web-deploy-eqiad.config", "/etc/other.config"];
  expect(kubeconfigsOf("mw-web", { template, environment: "eqiad", named })).toEqual([
    "/etc/mw-web-deploy-eqiad.config",
    "/etc/other.config",
  ]);
});

it("without a template or a namespace to fill in, there is only what helmfiles name", () => {
  expect(kubeconfigsOf("mw-web", { environment: "eqiad" })).toEqual([]);
  expect(kubeconfigsOf("", { template, environment: "eqiad", named: ["/etc/a"] })).toEqual(["/etc/a"]);
  expect(kubeconfigsOf("", { template: "/etc/{environment}", environment: "eqiad" })).toEqual(["/etc/eqiad"]);
});
