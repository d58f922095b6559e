import { releaseId } from "../../src/core/common/release.ts";
import { eqiadTree, simulatedJournal } from "./simulated-run.ts";

/** The journal of a restore of eqiad on the simulated cluster in which something failed, was retried, and took long. */
export function troubledRestore(): Promise<string> {
  const refused =
    'Get "https://10.64.0.1:6443/version": dial tcp 10.64.0.1:6443: connect: connection refused';
  return simulatedJournal(eqiadTree(), {
    faults: [
      {
        ...{ kind: "fail", release: releaseId("toolhub", "main"), times: 2 },
        message: `Kubernetes cluster unreachable: ${refused}`,
      },
      {
        ...{ kind: "fail", release: releaseId("mw-debug", "prometheus") },
        message:
          "UPGRADE FAILED: <b>values</b> don't meet the specifications of the schema(s) | in `prometheus`",
      },
      { kind: "slow", release: releaseId("eventgate-main", "canary"), factor: 40 },
    ],
  });
}
