import { createKubeClient, type KubeClient, loadKubeConfig } from "@package-operator/kube";
import { staticAccounts } from "@package-operator/oci";
import { type ApiServer, createApiServer } from "@package-operator/sandbox";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createWorkspace, startRegistry, type TestRegistry, type Workspace } from "../testing/workspace.ts";
import type { LineResult } from "../testing/run-line.ts";

const manifest = `apiVersion: manifests.package-operator.run/v1alpha1
kind: PackageManifest
metadata: {name: app}
spec: {scopes: [Cluster], phases: [{name: deploy}], images: [{name: web, image: "quay.io/org/web:v1"}]}
`;
const lockFile = (digest: string): string => `apiVersion: manifests.package-operator.run/v1alpha1
kind: PackageManifestLock
spec: {images: [{name: web, image: "quay.io/org/web:v1", digest: "${digest}"}]}
`;
const password = "s3cret-of-the-mirror";

let api: ApiServer;
let client: KubeClient;
let mirror: TestRegistry;
let workspace: Workspace;
let digest: string;

beforeEach(async () => {
  api = await createApiServer();
  workspace = await createWorkspace({ kubeconfig: JSON.stringify(api.kubeconfig) });
  client = createKubeClient(await loadKubeConfig({ env: {}, kubeconfig: `${workspace.dir}/kubeconfig` }));
  mirror = await startRegistry({ kind: "basic", accounts: staticAccounts({ robot: password }) });
  digest = await mirror.add("pko/web", "v1", { "any.txt": "web" });
  await mirror.add("pko/app", "v1", { "manifest.yaml": manifest, "manifest.lock.yaml": lockFile(digest) });
  await mirror.add("pko/manager", "v1", { "any.txt": "manager" });
  await workspace.write({
    "mirror.lock.yaml": `apiVersion: mirror.package-operator.run/v1alpha1
kind: MirrorLock
spec:
  overrides: quay.io/org/=${mirror.address}/pko/
  images: [{source: quay.io/org/web, target: "${mirror.address}/pko/web", digest: "${digest}", tags: [v1], references: []}]
`,
    "job.yaml": job("manager"),
  });
});
afterEach(async () => {
  await client.close();
  await api.close();
  await mirror.close();
  await workspace.remove();
});

const job = (manager: string): string => `kind: Job
metadata: {name: bootstrap}
spec:
  template:
    spec:
      containers:
      - name: package-operator
        image: ${mirror.address}/pko/${manager}:v1
        args: ["-self-bootstrap=${mirror.address}/pko/app:v1"]
        env: [{name: PKO_IMAGE_PREFIX_OVERRIDES, value: "quay.io/org/=${mirror.address}/pko/"}]
`;

const verify = (...args: string[]): Promise<LineResult> =>
  workspace.run("verify", "cluster", "--kubeconfig", "kubeconfig", ...args);

/** Gives a ServiceAccount the credentials of the mirror. */
async function addPullSecret(namespace: string, account: string): Promise<void> {
  const name = "mirror";
  const auths = { [mirror.address]: { username: "robot", password } };
  const data = { ".dockerconfigjson": Buffer.from(JSON.stringify({ auths })).toString("base64") };
  await client
    .create({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } })
    .catch(() => undefined);
  await client.create({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name, namespace },
    type: "kubernetes.io/dockerconfigjson",
    data,
  });
  await client.create({
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name: account, namespace },
    imagePullSecrets: [{ name }],
  });
}

async function addDeployment(namespace: string, images: readonly string[]): Promise<void> {
  const containers = images.map((image, index) => ({ name: `c${index}`, image }));
  const labels = { app: "web" };
  await client.create({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", namespace },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { serviceAccountName: "runner", containers } },
    },
  });
}

describe("before anything is applied", () => {
  test("a manifest is checked down to the blobs, with the operator's pull secrets", async () => {
    await addPullSecret("package-operator-system", "package-operator");
    const { code, stdout, stderr } = await verify("--manifest", "job.yaml", "--output", "json");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const { images } = JSON.parse(stdout) as { images: { resolved: string; path: string }[] };
    expect(images.map(({ resolved, path }) => [resolved, path])).toEqual([
      [`${mirror.address}/pko/manager:v1`, "bootstrap"],
      [`${mirror.address}/pko/app:v1`, "bootstrap-package"],
      [`${mirror.address}/pko/web@${digest}`, "lock"],
    ]);
  });

  test("what the mirror lacks is found, nested images and single blobs included", async () => {
    await addPullSecret("package-operator-system", "package-operator");
    const stored = await mirror.storage.repository("pko/web").readManifest("v1");
    const { layers } = JSON.parse(Buffer.from(stored!.bytes).toString("utf8")) as {
      layers: { digest: string }[];
    };
    await mirror.storage.repository("pko/web").deleteBlob(layers[0]!.digest);
    await workspace.write({ "job.yaml": job("gone") });
    const { code, stdout } = await verify("--manifest", "job.yaml");
    expect(code).toBe(1);
    expect(stdout).toContain(`${mirror.address}/pko/web: blob ${layers[0]!.digest} is missing`);
    expect(stdout).toMatch(/missing-in-mirror .*pko\/gone:v1/);
    expect(stdout).toContain("1 of 3 images come from the mirror");
  });

  test("without a pull secret the mirror refuses, and no secret is shown", async () => {
    const { code, stdout, stderr } = await verify("--manifest", "job.yaml");
    expect(code).toBe(1);
    expect(stdout).toMatch(/missing-in-mirror .*pko\/app:v1/);
    expect(stdout).toMatch(/401|unauthorized/i);
    expect(stdout + stderr).not.toContain(password);
  });

  test("an image that was not rewritten is outside, and its registry is not asked", async () => {
    await addPullSecret("package-operator-system", "package-operator");
    const original = job("manager").replace(`image: ${mirror.address}/pko/`, "image: quay.invalid/org/");
    await workspace.write({ "job.yaml": original });
    const { code, stdout } = await verify("--manifest", "job.yaml");
    expect(code).toBe(1);
    expect(stdout).toMatch(/outside .*quay\.invalid\/org\/manager:v1/);
    expect(stdout).not.toContain("ENOTFOUND");
    expect(stdout).toContain("2 of 3 images come from the mirror");
  });
});

describe("a cluster", () => {
  test("each image is judged, and the mirror asked with the secrets of the Pod's own account", async () => {
    await addPullSecret("apps", "runner");
    await addDeployment("apps", [`${mirror.address}/pko/web:v1`]);
    const plain = await verify("--lock", "mirror.lock.yaml");
    expect(plain.stdout).toContain("1 of 1 images come from the mirror");
    const asked = await verify("--lock", "mirror.lock.yaml", "--preflight");
    // The lock is asked for with the operator's secrets, which are not there.
    expect(asked.stdout).toMatch(/ok +Deployment apps\/web/);
    expect(asked.stdout).toMatch(/missing-in-mirror +File mirror\.lock\.yaml/);
    await addPullSecret("package-operator-system", "package-operator");
    expect(await verify("--lock", "mirror.lock.yaml", "--preflight")).toMatchObject({ code: 0 });
  });

  test("findings: outside, unlocked, stale and missing in the mirror", async () => {
    await addPullSecret("apps", "runner");
    await addDeployment("apps", [
      "quay.io/org/web:v1",
      `${mirror.address}/pko/manager:v1`,
      `${mirror.address}/pko/web@sha256:${"0".repeat(64)}`,
      `${mirror.address}/pko/web:v2`,
    ]);
    const { code, stdout } = await verify(
      "--lock",
      "mirror.lock.yaml",
      "--preflight",
      "-n",
      "apps",
      "--output",
      "json",
    );
    expect(code).toBe(1);
    const { images } = JSON.parse(stdout) as { images: { kind: string; finding?: { code: string } }[] };
    const found = images.filter(({ kind }) => kind === "Deployment").map(({ finding }) => finding?.code);
    expect(found).toEqual(["outside", "unlocked", "stale", "missing-in-mirror"]);
  });

  test.each([
    [[], "no rules given"],
    [["--manifest", "job.yaml", "--lock", "mirror.lock.yaml"], "[lock manifest] were all set"],
  ])("%j is a usage error before the cluster is asked", async (args, part) => {
    const result = await workspace.run("verify", "cluster", "--kubeconfig", "gone", ...args);
    expect(result).toMatchObject({ code: 2, stderr: expect.stringContaining(part) });
  });
});
