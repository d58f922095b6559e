import { expect, it } from "vitest";
import { preflightReason } from "../../src/core/preflight/preflight-reason.ts";
import type { PreflightReport } from "../../src/core/preflight/preflight-report.ts";

const missing = (name: string, severity: "error" | "warning" = "error", remedy = `deploy ${name}`) => ({
  ...{
    code: "support-missing",
    severity,
    subject: `release mw-web/${name}`,
    message: "it is not deployed",
    remedy,
  },
});
const unread = (subject: string) => ({
  ...{ namespace: "mw-web", subject, code: "forbidden" as const, message: `${subject} may not be read` },
});

function reason(
  findings: PreflightReport["targets"][number]["findings"][],
  couldNotCheck: PreflightReport["couldNotCheck"] = [],
): string {
  const targets = findings.map((own, at) => ({
    ...{ namespace: "mw-web", release: `r${at}`, exists: true, ready: false, findings: own },
  }));
  return preflightReason({ version: 1, environment: "eqiad", ready: false, targets, couldNotCheck });
}

it("a preflight that is not ready says the first reasons, each once, how to see the others, and what to do first", () => {
  const told = [
    reason([[missing("a", "warning"), missing("b")], [missing("b")]]),
    reason([[missing("a"), missing("b"), missing("c")]]),
    reason([[missing("a"), missing("b"), missing("c"), missing("d")]], [unread("Services")]),
    reason([[missing("a", "error", "")]]),
    reason([[missing("a", "warning")]], [unread("Services"), unread("pods")]),
  ];
  expect(told.join("\n")).toMatchInlineSnapshot(`
    "the preflight is not ready: release mw-web/b: it is not deployed; to do first: deploy b
    the preflight is not ready: release mw-web/a: it is not deployed; release mw-web/b: it is not deployed; release mw-web/c: it is not deployed; to do first: deploy a
    the preflight is not ready: release mw-web/a: it is not deployed; release mw-web/b: it is not deployed; release mw-web/c: it is not deployed; and 2 more (charlie-mediawiki preflight -e eqiad tells all); to do first: deploy a
    the preflight is not ready: release mw-web/a: it is not deployed
    the preflight could not find out whether it is ready: Services may not be read; pods may not be read"
  `);
});
