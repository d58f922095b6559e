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
