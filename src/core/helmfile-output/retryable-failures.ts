import { causesInReport } from "./helm-errors.ts";

/** Something that passes by itself: a second try may succeed where the first met it. */
export interface RetryableFailure {
  /** For people, after "because". */
  readonly reason: string;
  /** The end of what helm says, whatever it says before it. Nothing in it repeats without bound. */
  readonly cause: RegExp;
  /** The recordings in fixtures/failures/retryable that end so. */
  readonly recorded: readonly [string, ...string[]];
}

/**
 * Why helm failed, where a second try can mend it: connections, servers that are busy, others who write at the same
 * time, a chart repository that is away. Not what is deployed, nor rights, nor that helm waited in vain for what it
 * deployed, for that is what a second try would do again.
 *
 * It says nothing of what was left behind: a connection that breaks while helm works may leave the release
 * `pending-install` or `pending-upgrade`, and then a second try fails for that (fixtures/failures/README.md).
 *
 * @param lastLines the end of helmfile's output; its whole last report must be among them
 * @returns one line for people, or undefined where a second try is of no use or it is not certain that it is of any
 */
export function retryableReason(lastLines: readonly string[]): string | undefined {
  const causes = causesInReport(lastLines);
  if (causes === undefined) return undefined;
  const reasons = causes.map(reasonOf);
  // Of several, one that stays is enough to fail again.
  return reasons.every((reason) => reason !== undefined) ? reasons[0] : undefined;
}

/** The same of a helm that was run by itself, whose error stands last. */
export function retryableHelmReason(lastLines: readonly string[]): string | undefined {
  const error = lastLines.findLast((line) => line.startsWith("Error: "));
  return error === undefined ? undefined : reasonOf(error.slice("Error: ".length).trim());
}

/** More than helm or a server says about a failure of this kind. */
const longestCause = 4_000;

function reasonOf(cause: string): string | undefined {
  if (cause.length > longestCause || wordsOfOthers.test(cause)) return undefined;
  return retryableFailures.find((failure) => failure.cause.test(cause))?.reason;
}

/** What a chart or a webhook says in its own words may end with anything. */
const wordsOfOthers = /^execution error at | denied (?:the )?request: /;

/** An HTTP request of helm's, or the answer to one, and what became of it. */
function request(end: string): RegExp {
  const asked = '(?:Get|Head|Post|Put|Patch|Delete) "https?://[^"\\s]+": ';
  const reading = ": unexpected error when reading response body\\. Please retry\\. Original error: ";
  return new RegExp(`(?:${asked}|${reading})${end}$`);
}

/** A sentence of the Kubernetes client, which adds what it asked for. */
function sentence(words: string): RegExp {
  return new RegExp(`(?:^|: )${words}(?: \\([a-z]+ [^() ]+\\))?$`);
}

/** The first that matches counts. Words that no recording has are of the same place of the same program. */
export const retryableFailures: readonly RetryableFailure[] = [
  {
    reason: "an admission webhook was out of reach",
    cause:
      /failed calling webhook "[^"]+": failed to call webhook: Post "https:\/\/[^"\s]+": (?:context deadline exceeded|dial tcp \S+: connect: connection refused)$/,
    recorded: ["webhook-connection-refused", "webhook-timeout"],
  },
  {
    reason: "the connection was refused",
    cause: request("dial tcp \\S+: connect: connection refused"),
    recorded: ["unreachable-connection-refused", "repository-connection-refused", "oci-connection-refused"],
  },
  {
    reason: "the connection broke",
    cause: request(
      "(?:(?:dial|read|write) tcp \\S+: (?:connect|read|write): (?:connection reset by peer|broken pipe)|(?:unexpected )?EOF|http2: client connection lost)",
    ),
    recorded: [
      "unreachable-connection-reset",
      "unreachable-eof",
      "closed-before-record",
      "reset-before-record",
      "reset-after-record",
      "reset-once-after-record",
      "reset-at-deployment",
      "reset-once-at-deployment",
      "reset-once-after-deployment",
      "reset-from-deployment-change-on",
      "http2-cut",
      "answer-reset-at-discovery",
      "repository-reset-at-index",
      "repository-reset-at-chart",
    ],
  },
  {
    reason: "there was no answer",
    cause: request(
      "(?:dial tcp \\S+: i/o timeout|dial tcp \\S+: connect: (?:connection timed out|no route to host|network is unreachable)|net/http: TLS handshake timeout)",
    ),
    recorded: ["unreachable-dial-timeout", "unreachable-tls-handshake-timeout"],
  },
  {
    // Its own limit of 32 seconds, not helm's.
    reason: "there was no answer",
    cause:
      /^could not get apiVersions from Kubernetes: .*(?:\?timeout=32s"|Please retry\. Original error): (?:context deadline exceeded|net\/http: request canceled)(?: \(Client\.Timeout [a-z ]+\))?$/,
    recorded: ["no-answer-to-discovery", "answer-stops-at-discovery"],
  },
  {
    reason: "the name was not found",
    cause: request("dial tcp: lookup \\S+(?: on \\S+)?: (?:no such host|server misbehaving)"),
    recorded: ["unreachable-no-such-host", "repository-no-such-host"],
  },
  {
    reason: "the server had too many requests",
    cause: sentence("the server has received too many requests and has asked us to try again later"),
    recorded: ["429-at-version", "429-at-deployment", "429-without-retry-after"],
  },
  {
    reason: "the server could not answer at the moment",
    cause: sentence("the server is currently unable to handle the request"),
    recorded: ["503-at-version", "503-at-deployment", "503-from-record-on", "apply-503-at-version"],
  },
  {
    reason: "the server did not answer in time",
    cause: sentence(
      "the server was unable to return a response in the time allotted, but may still be processing the request",
    ),
    recorded: ["504-at-version", "504-at-deployment"],
  },
  {
    reason: "the server did not answer in time",
    cause:
      /(?:^|: )Timeout: request did not complete within requested timeout - context deadline exceeded$|(?:^|: )The [A-Z]+ operation against \S+ could not be completed at this time, please try again\.$/,
    recorded: ["timeout-at-deployment", "server-timeout-at-deployment"],
  },
  {
    reason: "the server had an error of its own",
    cause: sentence('an error on the server \\(".*"\\) has prevented the request from succeeding'),
    recorded: ["500-at-version", "502-at-version", "502-at-deployment"],
  },
  {
    reason: "the server's store could not answer at the moment",
    cause:
      /(?:^|: )etcdserver: (?:request timed out(?:, possibly due to (?:previous leader failure|connection lost))?|leader changed|no leader)$/,
    recorded: [
      "etcd-timeout-at-record",
      "etcd-timeout-at-deployment",
      "etcd-timeout-at-deployment-change",
      "etcd-timeout-at-deployment-and-removal",
      "etcd-leader-changed-at-deployment",
      "etcd-no-leader-at-history",
    ],
  },
  {
    reason: "somebody else changed the same object",
    cause:
      /(?:^|: )Operation cannot be fulfilled on \S+ "[^"]+": the object has been modified; please apply your changes to the latest version and try again$/,
    recorded: ["conflict-at-deployment-change"],
  },
  {
    reason: "the chart repository could not answer at the moment",
    cause: /(?:^|: )failed to fetch https?:\/\/\S+ : (?:429|50[0234]) [A-Z][A-Za-z ]+$/,
    recorded: [
      "repository-429-at-index",
      "repository-502-at-index",
      "repository-503-at-index",
      "repository-503-at-chart",
    ],
  },
  {
    reason: "the chart repository could not answer at the moment",
    cause: /: (?:GET|HEAD) "https?:\/\/[^"\s]+": response status code (?:429|50[0234]): [A-Z][A-Za-z ]+$/,
    recorded: ["oci-503"],
  },
];
