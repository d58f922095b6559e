import { expect, it } from "vitest";
import { journalEvent, mustLast } from "../../src/core/journal/journal-event.ts";
import { eventLineSchema, eventTypes } from "../../src/core/journal/journal-line.ts";
import { everyEvent } from "./support/every-event.ts";

const kept = everyEvent.flatMap((event) => journalEvent(event) ?? []);

it("every event but output is kept in the journal, by ids and names, as the schema has it", () => {
  expect(`\n${kept.map((line) => JSON.stringify(line)).join("\n")}\n`).toMatchInlineSnapshot(`
    "
    {"type":"rollout-started","jobs":8}
    {"type":"rollout-started","jobs":1}
    {"type":"stage-started","stage":"rest"}
    {"type":"stage-started","stage":"rest"}
    {"type":"stage-started","stage":"hand-off"}
    {"type":"step-started","step":"mw-web/main","attempt":1}
    {"type":"step-started","step":"shop","attempt":2}
    {"type":"step-noticed","step":"mw-web/main","evidence":{"kind":"crashed","subject":"pod mw-web/a-1","message":"exits with 137"}}
    {"type":"step-noticed","step":"mw-web/main","evidence":{"kind":"log","subject":"pod mw-web/a-1","message":"its last lines","remedy":"deploy a first","lines":["one","two"]}}
    {"type":"step-retrying","step":"mw-web/main","reason":"the connection was refused","afterMs":30000}
    {"type":"release-mending","step":"mw-web/main","release":"mw-web/main","status":"pending-upgrade","command":["helm","rollback","main"]}
    {"type":"step-finished","step":"mw-web/main","outcome":{"kind":"succeeded","durationMs":61000}}
    {"type":"step-finished","step":"mw-web/main","outcome":{"kind":"failed","durationMs":7000,"failure":{"kind":"exit","exitCode":1,"lastLines":["Error: no"]}}}
    {"type":"step-finished","step":"mw-web/main","outcome":{"kind":"failed","durationMs":7000,"failure":{"kind":"exit","exitCode":1,"lastLines":["Error: no"],"notTriedAgain":"main is pending"}}}
    {"type":"step-finished","step":"mw-web/main","outcome":{"kind":"blocked","on":["shop"],"reason":"shop failed"}}
    {"type":"step-finished","step":"mw-web/main","outcome":{"kind":"skipped","reason":"no change"}}
    {"type":"step-finished","step":"mw-web/main","outcome":{"kind":"cancelled","reason":"interrupted"}}
    {"type":"gate-waiting","gate":"support:mw-web","reason":"Service mw-web/a has no cluster IP"}
    {"type":"gate-opened","gate":"support:mw-web","reason":"1 Service is there"}
    {"type":"gate-stayed-shut","gate":"support:mw-web","reason":"mw-web/prometheus failed"}
    {"type":"command-allowed","stage":"hand-off","reason":"1 step failed"}
    {"type":"command-started","stage":"hand-off","command":["scap","sync-world","--k8s-only"]}
    {"type":"command-finished","stage":"hand-off","outcome":{"kind":"succeeded","durationMs":9000}}
    {"type":"command-finished","stage":"hand-off","outcome":{"kind":"failed","durationMs":9000,"failure":{"kind":"exit","exitCode":1,"lastLines":["Error: no"]}}}
    {"type":"command-finished","stage":"hand-off","outcome":{"kind":"skipped","reason":"not wanted by the operator"}}
    {"type":"stage-finished","stage":"rest"}
    {"type":"rollout-stopping","reason":"interrupted","running":["mw-web/main","shop"]}
    {"type":"rollout-stopping","reason":"stopped by the operator","running":[]}
    {"type":"rollout-finished","durationMs":1}
    {"type":"rollout-finished","durationMs":1,"stopped":"interrupted"}
    "
  `);
  const when = { time: "2026-10-05T11:00:00.000Z", elapsedMs: 1 };
  for (const line of kept) expect(eventLineSchema.parse({ ...line, ...when })).toEqual({ ...line, ...when });
  expect(new Set(kept.map(({ type }) => type))).toEqual(eventTypes);
});

it("what was begun, and how it ended, is written to the disk before the run goes on", () => {
  expect([...new Set(kept.filter(mustLast).map(({ type }) => type))]).toEqual([
    ...["step-started", "step-finished", "command-started", "command-finished", "rollout-finished"],
  ]);
});
