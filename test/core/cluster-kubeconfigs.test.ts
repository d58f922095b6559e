import { expect, it } from "vitest";
import { handOffKubeconfigs, kubeconfigsOf } from "../../src/core/plan/cluster-kubeconfigs.ts";

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

it("what is handed over is looked at with the registry's alone, of each of its namespaces once", () => {
  const plan = { environment: "eqiad", cluster: { kubeconfig: template, systemNamespaces: [] } };
  const runDeploys = ["mw-web/main", "mw-web/canary", "mw-cron/*", "/main"];
  expect(handOffKubeconfigs(plan, { runDeploys })).toEqual([
    ["/etc/mw-web-deploy-eqiad.config"],
    ["/etc/mw-cron-deploy-eqiad.config"],
  ]);
  expect(handOffKubeconfigs(plan, {})).toEqual([]);
});
