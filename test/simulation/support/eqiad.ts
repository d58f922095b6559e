import { readFileSync } from "node:fs";
import { type Release, releaseId, type Service, type Tree } from "../../../src/core/common/release.ts";

interface ListedRelease {
  readonly name: string;
  readonly namespace: string;
  readonly installed: boolean;
  readonly chart: string;
  readonly labels: string;
}

interface Inventory {
  readonly environment: string;
  readonly services: readonly { service: string; helmfile: string; releases: readonly ListedRelease[] }[];
}

/** The real services of eqiad. A reader of its own, so that these tests do not hang on the parser of another part. */
export function eqiad(): Tree {
  const file = new URL("../../../fixtures/inventories/services-eqiad.json", import.meta.url);
  const inventory: Inventory = JSON.parse(readFileSync(file, "utf8"));
  return {
    environment: inventory.environment,
    services: inventory.services.map(
      ({ service, helmfile, releases }): Service => ({
        name: service,
        helmfile,
        releases: releases.map((release) => listed(service, release)),
      }),
    ),
    absent: [],
    unreadable: [],
  };
}

function listed(service: string, { name, namespace, installed, chart, labels }: ListedRelease): Release {
  return {
    id: releaseId(namespace, name),
    service,
    namespace,
    name,
    chart,
    installed,
    labels: Object.fromEntries(labels.split(",").map((label) => label.split(":", 2))),
    needs: [],
  };
}
