import {
  asks,
  deployFirst,
  disturbed,
  type FailureScenario,
  from,
  page,
  status,
  whenever,
} from "./failure-scenario.ts";

const throttled = { "content-type": "text/plain; charset=utf-8", "retry-after": "1" };
const conflict =
  'Operation cannot be fulfilled on deployments.apps "toolhub-main": the object has been modified; please apply your changes to the latest version and try again';

/** The API server is there, and answers with an error. */
export const apiFailures: readonly FailureScenario[] = [
  {
    fate: "retryable",
    name: "429-at-version",
    done: "The API server answers everything with 429 and Retry-After: 1, as priority and fairness does.",
    arrange: (at) =>
      disturbed(at, () => ({
        status: 429,
        headers: throttled,
        body: "Too many requests, please try again later.\n",
      })),
  },
  {
    fate: "retryable",
    name: "429-at-deployment",
    done: "The API server answers the Deployment with 429 and Retry-After: 1, for ever.",
    arrange: (at) =>
      disturbed(
        at,
        whenever(asks.deployment, {
          status: 429,
          headers: throttled,
          body: "Too many requests, please try again later.\n",
        }),
      ),
  },
  {
    fate: "retryable",
    name: "429-without-retry-after",
    done: "A proxy answers the Deployment with 429 and without Retry-After.",
    arrange: (at) => disturbed(at, whenever(asks.deployment, page(429, "Too Many Requests"))),
  },
  {
    fate: "retryable",
    name: "500-at-version",
    done: "The API server answers with 500.",
    arrange: (at) =>
      disturbed(
        at,
        whenever(
          asks.version,
          status(500, "Internal error occurred: the store is not ready", { reason: "InternalError" }),
        ),
      ),
  },
  {
    fate: "retryable",
    name: "502-at-version",
    done: "A load balancer answers with 502.",
    arrange: (at) => disturbed(at, () => page(502, "Bad Gateway")),
  },
  {
    fate: "retryable",
    name: "503-at-version",
    done: "A load balancer answers with 503.",
    arrange: (at) => disturbed(at, () => page(503, "Service Unavailable")),
  },
  {
    fate: "retryable",
    name: "504-at-version",
    done: "A load balancer answers with 504.",
    arrange: (at) => disturbed(at, () => page(504, "Gateway Timeout")),
  },
  {
    fate: "retryable",
    name: "502-at-deployment",
    done: "A load balancer answers the Deployment with 502.",
    arrange: (at) => disturbed(at, whenever(asks.deployment, page(502, "Bad Gateway"))),
  },
  {
    fate: "retryable",
    name: "503-at-deployment",
    done: "A load balancer answers the Deployment with 503.",
    arrange: (at) => disturbed(at, whenever(asks.deployment, page(503, "Service Unavailable"))),
  },
  {
    fate: "retryable",
    name: "503-from-record-on",
    done: "A load balancer answers everything with 503 from when the release's record is written.",
    arrange: (at) => disturbed(at, from(asks.service, page(503, "Service Unavailable"))),
  },
  {
    fate: "retryable",
    name: "504-at-deployment",
    done: "A load balancer answers the Deployment with 504.",
    arrange: (at) => disturbed(at, whenever(asks.deployment, page(504, "Gateway Timeout"))),
  },
  {
    fate: "retryable",
    name: "timeout-at-deployment",
    done: "The API server gives up on the Deployment: 504 with reason Timeout.",
    arrange: (at) =>
      disturbed(
        at,
        whenever(
          asks.deployment,
          status(
            504,
            "Timeout: request did not complete within requested timeout - context deadline exceeded",
            {
              reason: "Timeout",
            },
          ),
        ),
      ),
  },
  {
    fate: "retryable",
    name: "server-timeout-at-deployment",
    done: "The API server gives up on the Deployment: 500 with reason ServerTimeout.",
    arrange: (at) =>
      disturbed(
        at,
        whenever(
          asks.deployment,
          status(
            500,
            "The POST operation against deployments.apps could not be completed at this time, please try again.",
            { reason: "ServerTimeout" },
          ),
        ),
      ),
  },
  {
    fate: "retryable",
    name: "etcd-timeout-at-record",
    done: "etcd gives the release's record no answer in time.",
    arrange: (at) => disturbed(at, whenever(asks.record, status(500, "etcdserver: request timed out"))),
  },
  {
    fate: "retryable",
    name: "etcd-timeout-at-deployment",
    done: "etcd gives the Deployment no answer in time.",
    arrange: (at) => disturbed(at, whenever(asks.deployment, status(500, "etcdserver: request timed out"))),
  },
  {
    fate: "retryable",
    name: "etcd-leader-changed-at-deployment",
    done: "etcd chooses a new leader while the Deployment is created.",
    arrange: (at) => disturbed(at, whenever(asks.deployment, status(500, "etcdserver: leader changed"))),
  },
  {
    fate: "retryable",
    name: "etcd-timeout-at-deployment-and-removal",
    done: "etcd gives the Deployment no answer in time, nor does it when helm wants to take the release back.",
    arrange: (at) => disturbed(at, from(asks.deployment, status(500, "etcdserver: request timed out"))),
  },
  {
    fate: "retryable",
    name: "etcd-no-leader-at-history",
    done: "etcd has no leader when helm reads the release's records.",
    arrange: (at) => disturbed(at, whenever(asks.history, status(500, "etcdserver: no leader"))),
  },
  {
    fate: "retryable",
    name: "conflict-at-deployment-change",
    done: "The Deployment is changed by somebody else while helm changes it; the release was deployed before.",
    arrange: async (at) => {
      await deployFirst(at);
      const trouble = await disturbed(
        at,
        whenever(asks.deploymentChange, status(409, conflict, { reason: "Conflict" }), 1),
      );
      return { ...trouble, env: { ...trouble.env, E2E_NEVER_READY: "toolhub/main" } };
    },
  },
  {
    fate: "retryable",
    name: "etcd-timeout-at-deployment-change",
    done: "etcd gives no answer in time when helm changes the Deployment of a release that was deployed before.",
    arrange: async (at) => {
      await deployFirst(at);
      const trouble = await disturbed(
        at,
        whenever(asks.deploymentChange, status(500, "etcdserver: request timed out"), 1),
      );
      return { ...trouble, env: { ...trouble.env, E2E_NEVER_READY: "toolhub/main" } };
    },
  },
  {
    fate: "retryable",
    name: "reset-from-deployment-change-on",
    done: "All connections are reset from when helm changes the Deployment of a release that was deployed before.",
    arrange: async (at) => {
      await deployFirst(at);
      const trouble = await disturbed(at, from(asks.deploymentChange, "reset"));
      return { ...trouble, env: { ...trouble.env, E2E_NEVER_READY: "toolhub/main" } };
    },
  },
  {
    fate: "retryable",
    name: "apply-503-at-version",
    done: "A load balancer answers with 503 while helmfile apply asks what a release that is deployed would change.",
    arrange: async (at) => {
      await deployFirst(at);
      return { ...(await disturbed(at, () => page(503, "Service Unavailable"))), verb: "apply" };
    },
  },
  {
    fate: "final",
    name: "403-at-history",
    done: "The user of the kubeconfig may do nothing.",
    arrange: (at) => {
      const file = at.cluster.strangerKubeconfigFile;
      return { env: { E2E_KUBECONFIG: file, KUBECONFIG: file } };
    },
  },
  {
    fate: "final",
    name: "403-at-deployment",
    done: "The user may write Secrets and Services, and no Deployments.",
    arrange: (at) =>
      disturbed(
        at,
        whenever(
          asks.deployment,
          status(
            403,
            'deployments.apps is forbidden: User "toolhub-deploy" cannot create resource "deployments" in API group "apps" in the namespace "toolhub"',
            { reason: "Forbidden" },
          ),
        ),
      ),
  },
];
