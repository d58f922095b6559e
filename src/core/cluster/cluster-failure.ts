/**
 * Why something about a cluster could not be found out. None of them says that something is not there.
 *
 * - `no-kubeconfig`: no file says how to reach it; `invalid-kubeconfig`: one does, and makes no sense.
 * - `unreachable`: no connection, or one that breaks off; `untrusted`: its certificate is not the one expected.
 * - `slow`: no answer within the time limit.
 * - `throttled`: it answers 429, and did so until the time was up.
 * - `unauthorized`: 401; `forbidden`: 403.
 * - `server-error`: any other status that is no answer; `malformed`: an answer that is none of the Kubernetes API.
 * - `cancelled`: nobody waits for the answer any more.
 */
export const clusterFailureKinds = [
  "no-kubeconfig",
  "invalid-kubeconfig",
  "unreachable",
  "untrusted",
  "slow",
  "throttled",
  "unauthorized",
  "forbidden",
  "server-error",
  "malformed",
  "cancelled",
] as const;

/**
 * Something about a cluster that could not be found out: {@link clusterFailureKinds} says what each kind means.
 */
export interface ClusterFailure {
  readonly kind: (typeof clusterFailureKinds)[number];
  /** What was asked of whom, and what came instead of an answer, in one line. */
  readonly message: string;
}
