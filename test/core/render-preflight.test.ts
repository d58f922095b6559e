import { describe, expect, it } from "vitest";
import type {
  PreflightFinding,
  PreflightReport,
  PreflightTarget,
} from "../../src/core/preflight/preflight-report.ts";
import { renderPreflight } from "../../src/core/view/render-preflight.ts";

const deploy = "charlie-mediawiki apply --support-only -e eqiad -s mw-web";

function finding(code: string, overrides: Partial<PreflightFinding> = {}): PreflightFinding {
  const subject = "release mw-web/prometheus";
  return { code, severity: "error", subject, message: "it is not deployed", remedy: deploy, ...overrides };
}

function target(id: string, findings: readonly PreflightFinding[] = [], ready?: boolean): PreflightTarget {
  const [namespace = "", release = ""] = id.split("/");
  const hasError = findings.some(({ severity }) => severity === "error");
  return { namespace, release, exists: true, ready: ready ?? !hasError, findings: [...findings] };
}

function report(
  targets: PreflightTarget[],
  couldNotCheck: PreflightReport["couldNotCheck"] = [],
): PreflightReport {
  const ready = targets.every((one) => one.ready);
  return { version: 1, environment: "eqiad", ready, targets, couldNotCheck };
}

const nothing = finding("nothing-required", {
  severity: "info",
  subject: "namespace mw-videoscaler",
  message: "MediaWiki needs nothing first",
  remedy: "",
});

describe("a preflight in words", () => {
  it("is one line where all is ready", () => {
    expect(renderPreflight(report([target("mw-web/main")]))).toBe("ready: 1 release of MediaWiki in eqiad");
  });

  it.each(["not-mediawiki", "class-unknown"])("does not call MediaWiki what is %s", (code) => {
    const other = finding(code, { severity: "info", subject: "release thumbor/production", remedy: "" });
    const [verdict] = renderPreflight(report([target("thumbor/production", [other])])).split("\n");
    expect(verdict).toBe("ready: 1 release in eqiad");
    const both = report([target("mw-web/main", [], false), target("thumbor/production", [other])]);
    expect(renderPreflight(both)).toMatch(/^not known whether ready: 1 of 2 releases in eqiad\n/);
  });

  it("says so where there is nothing to check", () => {
    expect(renderPreflight(report([]))).toBe("ready: there is no release of MediaWiki to check in eqiad");
  });

  it("tells each finding once, with the releases that it holds up, and notes last", () => {
    const missing = finding("support-missing");
    const stale = finding("container-older-than-service", {
      subject: "release mw-web/main",
      message: "1 container runs since before the Service",
      remedy: "kubectl rollout restart deployment/main",
    });
    const warning = finding("unclassified-release", {
      severity: "warning",
      subject: "release mw-web/cache",
      message: "nobody knows what it is",
      remedy: "add a line:\nnamespaces:\n  mw-web:",
    });
    const unlisted = finding("release-not-listed", {
      severity: "warning",
      subject: "release mw-debug/next",
      message: "no helmfile lists it",
      remedy: "",
    });
    const targets = [
      target("mw-debug/next", [unlisted]),
      target("mw-videoscaler/main", [nothing]),
      target("mw-web/canary", [missing, warning]),
      target("mw-web/main", [missing, stale, warning]),
    ];
    expect(renderPreflight(report(targets))).toMatchInlineSnapshot(`
      "not ready: 2 of 4 releases of MediaWiki in eqiad

      mw-debug:
        warning: release mw-debug/next: no helmfile lists it

      mw-web:
        error: release mw-web/prometheus: it is not deployed [canary, main]
          to do: charlie-mediawiki apply --support-only -e eqiad -s mw-web
        error: release mw-web/main: 1 container runs since before the Service
          to do: kubectl rollout restart deployment/main
        warning: release mw-web/cache: nobody knows what it is [canary, main]
          to do: add a line:
            namespaces:
              mw-web:

      note: namespace mw-videoscaler: MediaWiki needs nothing first"
    `);
  });

  it("tells once what could not be checked for one reason, and is then not known", () => {
    const unreachable = (namespace: string, subject: string) => ({
      namespace,
      subject,
      code: "unreachable" as const,
      message: "no connection to https://kube.example.org:6443",
    });
    const unchecked = [
      ...["mw-api-ext", "mw-web"].flatMap((namespace) =>
        ["helm releases", "Services", "pods"].map((subject) => unreachable(namespace, subject)),
      ),
      {
        namespace: "mw-debug",
        subject: "pods",
        code: "forbidden" as const,
        message: "pods are forbidden",
      },
    ];
    const targets = [
      target("mw-api-ext/main", [], false),
      target("mw-debug/next", [], false),
      target("mw-videoscaler/main", [nothing]),
      target("mw-web/main", [], false),
    ];
    expect(renderPreflight(report(targets, unchecked))).toMatchInlineSnapshot(`
      "not known whether ready: 3 of 4 releases of MediaWiki in eqiad

      could not be checked:
        helm releases, Services, pods of mw-api-ext, mw-web: no connection to https://kube.example.org:6443
        pods of mw-debug: pods are forbidden

      note: namespace mw-videoscaler: MediaWiki needs nothing first"
    `);
  });
});
