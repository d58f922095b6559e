import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import type { Cluster } from "./cluster.ts";
import { type Kubelet, startKubelet } from "./kubelet.ts";
import { treeNamespaces } from "./namespaces.ts";
import { type OperatorShell, type OperatorShellOptions, openOperatorShell } from "./operator-shell.ts";
import { takeCluster } from "./worker-cluster.ts";

/** What a test has at hand while it runs. */
export interface EmptyCluster {
  readonly cluster: Cluster;
  readonly kubelet: Kubelet;
  readonly shell: OperatorShell;
}

/**
 * One cluster for all tests of a block, empty at the start of each but for the tree's namespaces; a shell for each.
 *
 * @param options.services those of the shells' tree: all, if none are named
 */
export function useEmptyCluster(options: Pick<OperatorShellOptions, "services"> = {}): EmptyCluster {
  let cluster: Cluster | undefined;
  let kubelet: Kubelet | undefined;
  let shell: OperatorShell | undefined;

  beforeAll(async () => {
    cluster = await takeCluster();
    kubelet = await startKubelet(cluster, { backOff: 1 });
    await cluster.createNamespaces(...treeNamespaces);
  });

  beforeEach(() => {
    shell = openOperatorShell({ ...options, cluster: started(cluster), timeout: 600 });
  });

  afterEach(async () => {
    shell?.close();
    await cluster?.wipe();
  });

  afterAll(async () => {
    await kubelet?.stop();
    await cluster?.stop();
  });

  return {
    get cluster() {
      return started(cluster);
    },
    get kubelet() {
      return started(kubelet);
    },
    get shell() {
      return started(shell);
    },
  };
}

function started<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error("only a test that runs has a cluster");
  return value;
}
