import { type Release, releaseId, type Service, type Tree } from "../../src/core/common/release.ts";

/** A release for a test; what is left out is what most releases have. */
export function release(id: string, overrides: Partial<Release> & { chart?: string } = {}): Release {
  const [namespace = "", name = ""] = id.split("/");
  return {
    id: releaseId(namespace, name),
    service: namespace,
    namespace,
    name,
    chart: "wmf-stable/miscweb",
    installed: true,
    labels: {},
    needs: [],
    ...overrides,
  };
}

function service(name: string, releases: readonly Release[]): Service {
  return {
    name,
    helmfile: `${name}/helmfile.yaml`,
    releases: releases.map((one) => ({ ...one, service: name })),
  };
}

/** A tree of services named after the namespaces of their releases. */
export function tree(releases: readonly Release[], overrides: Partial<Tree> = {}): Tree {
  const names = [...new Set(releases.map((one) => one.service))].sort();
  return {
    environment: "eqiad",
    services: names.map((name) =>
      service(
        name,
        releases.filter((one) => one.service === name),
      ),
    ),
    absent: [],
    unreadable: [],
    ...overrides,
  };
}

export const mediawiki = { chart: "wmf-stable/mediawiki" } as const;
export const exporter = { chart: "wmf-stable/statsd-exporter" } as const;
