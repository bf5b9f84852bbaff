import { createKubeClient, type KubeClient, loadKubeConfig } from "@package-operator/kube";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ApiServer, createApiServer } from "./api-server.ts";
import type { JsonObject } from "./json.ts";
import { createKubeconfig } from "./kubeconfig.ts";

let server: ApiServer;

beforeAll(async () => {
  server = await createApiServer();
  const local = server.client("test");
  local.create("/serviceaccounts", {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name: "reader", namespace: "default" },
  });
  local.create("rbac.authorization.k8s.io/clusterrolebindings", {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata: { name: "reader" },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" },
    subjects: [{ kind: "ServiceAccount", name: "reader", namespace: "default" }],
  });
});

afterAll(() => server.close());

async function connect(kubeconfig: JsonObject): Promise<KubeClient> {
  const readFile = (): Promise<string> => Promise.resolve(JSON.stringify(kubeconfig));
  return createKubeClient(await loadKubeConfig({ env: {}, kubeconfig: "x", readFile }));
}

const withToken = (token: string): Promise<KubeClient> =>
  connect(
    createKubeconfig({
      url: server.url,
      certificateAuthority: server.certificateAuthority,
      user: "x",
      token,
    }),
  );

const configMap = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", namespace: "default" } };

function readerToken(now = new Date()): string {
  const account = server
    .client("test")
    .get({ collection: "/serviceaccounts", namespace: "default", name: "reader" });
  const uid = (account?.["metadata"] as { uid: string } | undefined)?.uid ?? "";
  return server.tokens.issue(
    { namespace: "default", name: "reader", uid },
    { seconds: 600, audiences: [], now },
  ).token;
}

test("a ServiceAccount may do what its role says and nothing else", async () => {
  const client = await withToken(readerToken());
  await expect(client.list(configMap, { namespace: "default" })).resolves.toBeDefined();
  await expect(client.create(configMap)).rejects.toMatchObject({
    reason: "Forbidden",
    message: expect.stringContaining(
      'User "system:serviceaccount:default:reader" cannot create resource "configmaps" in API group "" in the namespace "default"',
    ) as string,
  });
  await expect(client.list({ apiVersion: "v1", kind: "Secret" })).rejects.toMatchObject({
    reason: "Forbidden",
  });
  await client.close();
});

test("tokens that are expired, changed or unknown are refused", async () => {
  const good = readerToken();
  const [head = "", body = "", signature = ""] = good.split(".");
  const forged = [
    head,
    Buffer.from(Buffer.from(body, "base64url").toString().replace("reader", "admin")).toString("base64url"),
    signature,
  ];
  const old = readerToken(new Date(Date.now() - 3_600_000));
  for (const token of [forged.join("."), old, "nonsense"]) {
    const client = await withToken(token);
    await expect(client.get(configMap as never)).rejects.toMatchObject({ httpStatus: 401 });
    await client.close();
  }
});

test("client certificates carry user and groups; those of others count for nothing", async () => {
  const jane = await connect(server.kubeconfigFor({ name: "jane", groups: ["devs", "testers"] }));
  const review = await jane.create({
    apiVersion: "authentication.k8s.io/v1",
    kind: "SelfSubjectReview",
    metadata: {},
  } as never);
  expect(review).toMatchObject({
    status: { userInfo: { username: "jane", groups: ["devs", "testers", "system:authenticated"] } },
  });
  await jane.close();
});
