import { expect, it } from "vitest";
import { renderEvent } from "../../src/core/view/render-event.ts";
import { everyEvent } from "./support/every-event.ts";

it("every event is a line for people, with how it is to be taken, or is not worth one", () => {
  const lines = everyEvent.map((event) => {
    const [kind, text] = renderEvent(event, "eqiad") ?? ["-", ""];
    return `${kind.padEnd(7)} ${text}`.trimEnd();
  });
  expect(`\n${lines.join("\n")}\n`).toMatchInlineSnapshot(`
    "
    info    restore of eqiad: 2 steps, 8 at a time
    info    apply of eqiad: 1 step, 1 at a time
    info    stage rest: 2 steps
    info    stage rest: 1 step
    info    stage hand-off
    log     [mw-web eqiad] mw-web/main: sync
    log     [shop eqiad] shop: apply (try 2)
    log     [mw-web eqiad]   Upgrading release=main
    warn    [mw-web eqiad] pod mw-web/a-1: exits with 137
    warn    [mw-web eqiad] pod mw-web/a-1: its last lines
      [mw-web eqiad]   | one
      [mw-web eqiad]   | two
      [mw-web eqiad]   to do: deploy a first
    warn    [mw-web eqiad] mw-web/main failed: exit code 1: Error: no; as the connection was refused, it is tried again in 30.0 s
    warn    [mw-web eqiad] mw-web/main is pending-upgrade: helm rollback main
    success [mw-web eqiad] mw-web/main succeeded in 1 min 1 s
    error   [mw-web eqiad] mw-web/main failed after 7.0 s: exit code 1: Error: no
    error   [mw-web eqiad] mw-web/main failed after 7.0 s: exit code 1: Error: no; not tried again: main is pending
    warn    [mw-web eqiad] mw-web/main blocked: shop failed
    warn    [mw-web eqiad] mw-web/main skipped: no change
    warn    [mw-web eqiad] mw-web/main cancelled: interrupted
    info    gate support:mw-web waits: Service mw-web/a has no cluster IP
    info    gate support:mw-web open: 1 Service is there
    warn    gate support:mw-web stays shut: mw-web/prometheus failed
    warn    [hand-off eqiad] runs all the same: 1 step failed
    info    [hand-off eqiad] scap sync-world --k8s-only
    log     [hand-off eqiad] Started sync
    success [hand-off eqiad] succeeded in 9.0 s
    error   [hand-off eqiad] failed after 9.0 s: exit code 1: Error: no
    warn    [hand-off eqiad] skipped: not wanted by the operator
    -
    warn    interrupted: no new steps; waiting for mw-web/main, shop to end
    warn    stopped by the operator: no new steps
    -
    -
    "
  `);
});
