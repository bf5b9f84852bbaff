import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { createKubeClient, type KubeClient, loadKubeConfig } from "@package-operator/kube";
import { encodeYaml, type JsonObject, parseJson } from "@package-operator/kube-yaml";
import { buildIndex, createRegistryClient, type RegistryClient, writeImage } from "@package-operator/oci";
import { buildPackageImage } from "@package-operator/packaging";
import { assemblePackage } from "@package-operator/release";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ours } from "./cluster.ts";
import { startOperator } from "./operator.ts";
import { openRegistry, type TestRegistry } from "./registry.ts";

const namespace = "bad-input";
const account = "package-operator";
const digest = `sha256:${"0123456789abcdef".repeat(4)}`;
const name = "quay.io/package-operator/package-operator-package";

/** Everything a bootstrap refuses: it ends with a code, a reason in its log and in its last word, and touches nothing. */
export function badInputScenarios(kubeconfig: () => string): void {
  let client: KubeClient;
  let registry: TestRegistry;
  let dir: string;

  beforeAll(async () => {
    dir = await mkdtemp(path.join(os.tmpdir(), "bad-input-"));
    client = createKubeClient(await loadKubeConfig({ kubeconfig: kubeconfig(), env: {} }));
    registry = await openRegistry();
    await registry.push("mirror/no-package:v1", { "readme.txt": "nothing" });
    const registryClient = createRegistryClient({ insecureHosts: ["*"] });
    try {
      await pushOperatorPackages(registryClient, registry.address);
    } finally {
      await registryClient.close();
    }
    await client.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
    await client.create({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: account, namespace } });
  });

  afterAll(async () => {
    await client?.delete({ apiVersion: "v1", kind: "Namespace", name: namespace });
    await client?.close();
    await registry?.close();
    await rm(dir, { recursive: true, force: true });
  });

  interface Attempt {
    readonly image?: string;
    readonly env?: Readonly<Record<string, string>>;
    readonly kubeconfig?: string;
  }

  /** Runs a bootstrap to its end and gives what it says about it. */
  const attempt = async ({ image = `${name}:v1`, env = {}, kubeconfig: file = kubeconfig() }: Attempt) => {
    const run = startOperator({
      kubeconfig: file,
      argv: [`-self-bootstrap=${image}`, `-namespace=${namespace}`],
      env: {
        PKO_IMAGE_PREFIX_OVERRIDES: `quay.io/package-operator/=${registry.address}/mirror/`,
        PKO_SERVICE_ACCOUNT_NAMESPACE: namespace,
        PKO_SERVICE_ACCOUNT_NAME: account,
        ...env,
      },
    });
    const code = await run.ended;
    const lines = run.log.map((line) => parseJson(line) as JsonObject);
    const lastWord = run.lastWords.at(-1) ?? "";
    // What Kubernetes shows is what the log says.
    expect(lines.at(-1)).toMatchObject({ error: lastWord });
    return { code, lines, lastWord };
  };

  const kinds = "apiextensions.k8s.io/v1";
  const isUntouched = async (): Promise<boolean> => {
    const crds = await client.list({ apiVersion: kinds, kind: "CustomResourceDefinition" });
    const isOurs = crds.items.some(({ metadata }) => metadata.name?.endsWith(".package-operator.run"));
    if (!isOurs) return true;
    return (await client.find(ours("ClusterPackage", "package-operator"))) === undefined;
  };

  describe("the bootstrap refuses", () => {
    test.each<[string, Attempt, RegExp]>([
      ["configuration that is no JSON", { env: { PKO_CONFIG: "{" } }, /unmarshaling package config: /],
      ["configuration that is a list", { env: { PKO_CONFIG: "[]" } }, /unmarshaling package config: /],
      [
        "configuration that the package's schema refuses",
        { env: { PKO_CONFIG: '{"logLevel":"loud","tolerations":{}}' } },
        /^init: configuration: .*logLevel.*tolerations/s,
      ],
      [
        "an image that is no package",
        { image: "quay.io/package-operator/no-package:v1" },
        /no-package:v1.*manifest/s,
      ],
      [
        "a package for other platforms only",
        { image: `${name}:other-platforms` },
        /no child with platform linux\/amd64 in index .*package-operator-package.*other-platforms/,
      ],
      [
        "a ServiceAccount that is not there",
        { env: { PKO_SERVICE_ACCOUNT_NAME: "nobody" } },
        /creating keychain: getting service account: .*nobody/,
      ],
      [
        "a kubeconfig that is not there",
        { kubeconfig: "/nonexistent/kubeconfig" },
        /\/nonexistent\/kubeconfig/,
      ],
    ])("%s", async (_what, given, message) => {
      const { code, lastWord } = await attempt(given);
      expect(lastWord).toMatch(message);
      expect(code).toBe(2);
      expect(await isUntouched()).toBe(true);
    });

    test("overrides of which a part is no rule, but only after it has warned of it", async () => {
      const overrides = `quay.io/,=nowhere,quay.io/package-operator/=${registry.address}/mirror/`;
      const env = { PKO_IMAGE_PREFIX_OVERRIDES: overrides, PKO_REGISTRY_HOST_OVERRIDES: "quay.io,a=b" };
      const { code, lines, lastWord } = await attempt({ image: `${name}:v9`, env });
      expect(lastWord).toContain(
        `pulling package image ${registry.address}/mirror/package-operator-package:v9`,
      );
      for (const option of ["image prefix override", "registry host override"]) {
        const error = expect.stringContaining(`${option} "quay.io`) as string;
        expect(lines).toContainEqual(expect.objectContaining({ msg: `${option}s`, error }));
      }
      expect(code).toBe(2);
    });

    test("a kubeconfig whose credentials are no longer accepted", async () => {
      const file = await kubeconfigWith("expired.e30.signature");
      const { code, lastWord } = await attempt({ kubeconfig: file });
      expect(lastWord).toMatch(/^get environment: .*Unauthorized/);
      expect(code).toBe(2);
    });

    test("an account without the rights it needs, and names what it may not do", async () => {
      const { token } = await tokenOf(account);
      const { code, lastWord } = await attempt({ kubeconfig: await kubeconfigWith(token) });
      expect(lastWord).toMatch(
        /User "system:serviceaccount:bad-input:package-operator" cannot \w+ resource "\w+"/,
      );
      expect(code).toBe(2);
      expect(await isUntouched()).toBe(true);
    });
  });

  /** The cluster of the scenario with other credentials. */
  async function kubeconfigWith(token: string): Promise<string> {
    const text = await readFile(kubeconfig(), "utf8");
    const { server, ca } = clusterIn(text);
    const file = path.join(dir, "other.kubeconfig");
    await writeFile(
      file,
      encodeYaml({
        apiVersion: "v1",
        kind: "Config",
        clusters: [{ name: "c", cluster: { server, "certificate-authority-data": ca } }],
        users: [{ name: "u", user: { token } }],
        contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
        "current-context": "x",
      }),
    );
    return file;
  }

  async function tokenOf(serviceAccount: string): Promise<{ token: string }> {
    const { body } = await client.raw({
      method: "POST",
      path: `/api/v1/namespaces/${namespace}/serviceaccounts/${serviceAccount}/token`,
      body: {
        apiVersion: "authentication.k8s.io/v1",
        kind: "TokenRequest",
        spec: { expirationSeconds: 600 },
      },
    });
    const request = parseJson(body) as { status: { token: string } };
    return request.status;
  }
}

function clusterIn(text: string): { server: string; ca: string } {
  const find = (key: string): string => new RegExp(`${key}"?: *"?([^",}\\s]+)`).exec(text)?.[1] ?? "";
  return { server: find("server"), ca: find("certificate-authority-data") };
}

async function pushOperatorPackages(client: RegistryClient, address: string): Promise<void> {
  const raw = await assemblePackage({
    configDir: path.resolve(import.meta.dirname, "../../config"),
    registryPrefix: "quay.io/package-operator",
    tag: "v1",
    created: "2024-01-01T00:00:00Z",
    digests: { "package-operator-manager": digest, "remote-phase-manager": digest },
  });
  const target = client.repository(address, "mirror/package-operator-package");
  const image = await buildPackageImage(raw);
  await writeImage(target, image, { tags: ["v1"] });
  const children = ["arm64", "s390x"].map((architecture) => ({
    ...image.manifest.descriptor,
    platform: { os: "linux", architecture },
  }));
  await target.writeManifest("other-platforms", buildIndex(children));
}
