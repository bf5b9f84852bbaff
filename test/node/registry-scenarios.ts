import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { expect, test, vi } from "vitest";
import { appNamespace, applyObjects, clusterPackage, pushApplication } from "./applications.ts";
import { bootstrap, condition, inNamespace, jobDone, jobName, managerImage } from "./installation.ts";
import { type LabNode, stop } from "./lab-node.ts";
import { buildNextRelease, cli, digestIn, mirrorRelease, prefix, pushLayout } from "./releases.ts";
import type { Story } from "./story.ts";

const run = promisify(execFile);

/** Registries that are away, that ask who is there, and that lack an image. Nothing is left but a newer operator. */
export function registryScenarios(story: () => Story): void {
  test("a mirror that is down is named, and found again when it is back", async () => {
    const { node, secondMirror } = story();
    const bringBack = await node.takeDown("registry");
    try {
      await applyObjects(node, [clusterPackage("late", `${prefix}/apps/app-package:v1`)]);
      await condition(node, "late", "Unpacked", {
        status: "False",
        reason: "ImagePullBackOff",
        message: expect.stringContaining(`${secondMirror}/apps/app-package:v1`) as unknown,
      });
    } finally {
      await bringBack();
    }
    await condition(node, "late", "Available", { status: "True" });
    await node.kubectl("delete", "--cascade=foreground", "clusterpackage", "late");
  });

  test("a private registry is entered with the pull secret of the ServiceAccount", async () => {
    const { node, file } = story();
    const address = "10.10.0.1:5001";
    const image = `${address}/apps/app-package:v1`;
    await pushPrivate(node, file("private"), address);
    let server = await servePrivate(node, file("private"), "first");
    try {
      await applyObjects(node, [clusterPackage("private", image)]);
      await condition(node, "private", "Unpacked", isRefused(image));
      await applyObjects(node, [pullSecret(address, "first")]);
      await node.kubectl(
        ...(["patch", "serviceaccount", "package-operator", ...inNamespace, "-p"] as const),
        '{"imagePullSecrets": [{"name": "private"}]}',
      );
      await condition(node, "private", "Available", { status: "True" });

      // The password expires: what runs goes on; what is new is refused until the secret is renewed.
      await stop(server);
      server = await servePrivate(node, file("private"), "second");
      await applyObjects(node, [clusterPackage("private-2", image)]);
      await condition(node, "private-2", "Unpacked", isRefused(image));
      await condition(node, "private", "Available", { status: "True" });
      await applyObjects(node, [pullSecret(address, "second")]);
      await condition(node, "private-2", "Available", { status: "True" });
    } finally {
      await stop(server);
    }
    await node.kubectl("delete", "--cascade=foreground", "clusterpackage", "private", "private-2");
    const left = await node.kubectl(
      ...(["get", "deployments", "-n", appNamespace, "-o", "name", "--ignore-not-found"] as const),
      ...(["private", "private-2"] as const),
    );
    expect(left).toBe("");
  });

  test("a mirror without the operator's image is named, and healed by copying it", async () => {
    const { node, file, secondMirror } = story();
    const release = await buildNextRelease(file("third"), "v1.18.4");
    const { manifest } = await mirrorRelease(node, release, secondMirror);
    const old = await managerImage(node);
    const layout = `${release.folder}/images/package-operator-manager`;
    const missing = await digestIn(node, `${secondMirror}/package-operator-manager:${release.tag}`);
    const image = `${secondMirror}/package-operator-manager@${missing}`;
    await node.exec("skopeo", "delete", "--tls-verify=false", `docker://${image}`);
    // The Job itself has an image to run; only the one that the package names is missing.
    const text = await readFile(manifest, "utf8");
    const tagged = `${secondMirror}/package-operator-manager:${release.tag}`;
    expect(text).toContain(`image: ${tagged}`);
    await writeFile(file("third.yaml"), text.replace(`image: ${tagged}`, `image: ${old}`));
    await node.kubectl("apply", "-f", file("third.yaml"));
    await vi.waitFor(
      async () => {
        const log = await node.kubectl("logs", ...inNamespace, `job/${jobName}`);
        expect(log).toContain(`cannot pull image ${image}`);
      },
      { timeout: 90_000, interval: 500 },
    );
    await pushLayout(node, layout, tagged);
    await jobDone(node);
    expect(await managerImage(node)).toBe(image);
    await bootstrap(node, manifest);
  });
}

const isRefused = (image: string): object => ({
  status: "False",
  reason: "ImagePullBackOff",
  message: expect.stringMatching(
    new RegExp(`${image.replaceAll(".", "\\.")}.*(unauthorized|authenti|401)`, "is"),
  ) as unknown,
});

/** Fills the folder of a registry before it asks for passwords. */
async function pushPrivate(node: LabNode, storage: string, address: string): Promise<void> {
  const open = ["registry", "serve", "--address", address, "--storage", storage] as const;
  const server = await node.start(/listening/i, cli, ...open);
  try {
    const image = `${node.registry}/lab/pause:1`;
    const reference = `${address}/apps/app-package:v1`;
    await pushApplication(node, { reference, image, digest: await digestIn(node, image) });
  } finally {
    await stop(server);
  }
}

async function servePrivate(node: LabNode, storage: string, password: string) {
  const accounts = `${storage}.htpasswd`;
  // No tool for bcrypt is sure to be there but perl, whose crypt is the C library's.
  const hash = ["-e", "print crypt($ARGV[0], '$2y$05$abcdefghijklmnopqrstuu')", password] as const;
  const { stdout } = await run("perl", hash);
  await writeFile(accounts, `puller:${stdout}\n`);
  const serve = ["registry", "serve", "--address", "10.10.0.1:5001", "--storage", storage] as const;
  return node.start(/listening/i, cli, ...serve, "--htpasswd", accounts);
}

function pullSecret(address: string, password: string): object {
  const auths = { [address]: { auth: Buffer.from(`puller:${password}`).toString("base64") } };
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "private", namespace: "package-operator-system" },
    type: "kubernetes.io/dockerconfigjson",
    stringData: { ".dockerconfigjson": JSON.stringify({ auths }) },
  };
}
