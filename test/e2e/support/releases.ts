import * as z from "zod";
import type { Cluster } from "./cluster.ts";

/** The releases of the fixtures' tree that belong to eqiad, by class. */
export const eqiad = {
  support: [
    "mw-cron/mediawiki-common",
    "mw-cron/prometheus",
    "mw-debug/prometheus",
    "mw-script/mediawiki-common",
    "mw-script/prometheus",
    "mw-web/prometheus",
    "shop/prometheus",
  ],
  mediawiki: ["mw-cron/main", "mw-debug/pinkunicorn", "mw-web/canary", "mw-web/main", "shop/main"],
  other: [
    "eventgate-main/canary",
    "eventgate-main/production",
    "miscweb/annualreport",
    "miscweb/bugzilla",
    "mw-mcrouter/main",
    "mw-page-content-change-enrich/main",
    "thumbor/main",
    "toolhub/main",
  ],
} as const;

/** What `OperatorShell.releases` says where these, and no others, were deployed once. */
export function deployedOnce(...releases: readonly string[]): Record<string, string> {
  return Object.fromEntries(releases.map((release) => [release, "deployed 1"]));
}

/**
 * What `OperatorShell.releases` says of one release (`namespace/name`), as helm labels what it stores: for asking many
 * times, as each helm costs a tenth of a second of a processor.
 */
export async function stateOf(
  { request }: Pick<Cluster, "request">,
  release: string,
): Promise<string | undefined> {
  const [namespace = "", name = ""] = release.split("/");
  const selector = encodeURIComponent(`owner=helm,name=${name}`);
  const list = await request("GET", `/api/v1/namespaces/${namespace}/secrets?labelSelector=${selector}`);
  const revisions = revisionsSchema.parse(list).items.map(({ metadata }) => metadata.labels);
  const newest = revisions.toSorted((a, b) => a.version - b.version).at(-1);
  return newest && `${newest.status} ${newest.version}`;
}

const revisionsSchema = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ labels: z.object({ status: z.string(), version: z.coerce.number() }) }),
    }),
  ),
});
