// preflight-service REGISTRY [PORT]: answers GET /ENVIRONMENT/NAMESPACE/RELEASE with a preflight report.
import { createServer } from "node:http";
import {
  clusterAccess,
  loadRegistry,
  preflight,
  readinessOf,
  renderDiagnostics,
} from "charlie-plugin-mediawiki";

const [registryFile = "registry.yaml", port = "0"] = process.argv.slice(2);
const registry = await loadRegistry(registryFile);
if (!registry.ok) throw new Error(renderDiagnostics(registry.failure));

/** `unknown` is not "not there": whoever asked tries again. */
const statuses = { ready: 200, "not-ready": 409, unknown: 503 } as const;

const server = createServer(async ({ url = "/" }, response) => {
  const [environment, namespace, release, ...rest] = url.slice(1).split("/");
  if (!environment || !namespace || !release || rest.length > 0) {
    response.writeHead(404).end();
    return;
  }
  // One for each question: its kubeconfigs are read anew, and its connections end with it.
  const access = clusterAccess({ env: process.env, deadline: performance.now() + 10_000 });
  try {
    const targets = [{ namespace, release }];
    const report = await preflight({ environment, targets }, { registry: registry.value, open: access.open });
    response.writeHead(statuses[readinessOf(report)], { "content-type": "application/json" });
    response.end(JSON.stringify(report));
  } finally {
    access.close();
  }
});
server.listen(Number(port), "127.0.0.1", () => console.log(JSON.stringify(server.address())));
