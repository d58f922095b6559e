import { expect, it } from "vitest";
import { answerCheck } from "../../src/core/check/check-answer.ts";
import { deployments, known, well } from "./support/check-mistakes.ts";

const question = { version: 1 as const, ...well, trees: [...well.trees], rendered: [], cluster: false };

async function answerTo(asked: Partial<Parameters<typeof answerCheck>[0]>) {
  const { findings, diagnostics, proposal } = await answerCheck(
    { ...question, ...asked },
    { registry: known, openCluster: undefined },
  );
  return {
    findings: findings.map(({ code }) => code),
    diagnostics: diagnostics.map(({ code, place }) => `${code} ${place?.file}:${place?.line}`),
    proposed: proposal?.mended.map(({ code }) => code),
  };
}

it("a list of deployments that cannot be read is a fault, and one that names nothing here a finding", async () => {
  const none = { findings: [], diagnostics: [], proposed: undefined };
  expect(await answerTo({})).toEqual(none);
  expect(await answerTo({ deployments: deployments("- { namespace: mw-web }\n") })).toEqual({
    ...none,
    diagnostics: ["missing-key deployments.yaml:1"],
  });
  const elsewhere = "- { namespace: mw-web, clusters: [codfw], releases: { main: {} } }\n";
  expect(await answerTo({ deployments: deployments(elsewhere) })).toEqual({
    ...none,
    findings: ["not-in-deployments"],
  });
});

it("a cluster that cannot be opened is a fault, and so is a registry that is to be changed and cannot be read", async () => {
  expect(await answerTo({ cluster: true })).toMatchObject({
    diagnostics: ["no-cluster undefined:undefined"],
  });
  const source = (text: string) => ({ file: "registry.yaml", text });
  expect(await answerTo({ registry: source("version: 2\n") })).toMatchObject({
    diagnostics: [expect.stringMatching(/registry\.yaml:1$/)],
    proposed: undefined,
  });
  const misspelled = "version: 1\nnamespaces: { mw-wbe: { support: [prometheus], mediawiki: [main] } }\n";
  expect(await answerTo({ registry: source(misspelled) })).toMatchObject({
    findings: [],
    proposed: expect.arrayContaining(["unused-entry"]),
  });
});
