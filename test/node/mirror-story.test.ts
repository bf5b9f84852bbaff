import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { labNode, stop } from "./lab-node.ts";

const run = promisify(execFile);
const root = path.resolve(import.meta.dirname, "../..");
const cli = path.join(root, "dist/bin/kubectl-package");
const node = labNode(process.env);
const prefix = "quay.io/package-operator";
const tag = "v1.18.2";
const mirror = `${node.registry}/pko-mirror`;
const rule = `${prefix}/=${mirror}/`;
const images = ["package-operator-package", "package-operator-manager", "remote-phase-manager"];

let dir: string;
const file = (name: string): string => path.join(dir, name);
const kubectl = (...args: string[]): Promise<string> => node.exec("kubectl", ...args);

beforeAll(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), "mirror-story-"));
  await run("npm", ["run", "build"], { cwd: root });
  await run("npm", ["run", "images", "--", "--registry-prefix", prefix, "--tag", tag], { cwd: root });
}, 600_000);

afterAll(async () => {
  await rm(dir, { recursive: true, force: true });
});

describe("the documented mirror story on a node that reaches nothing but the mirror", () => {
  test("one command copies everything the bootstrap manifest needs and rewrites it", async () => {
    // The original registry: it answers as quay.io, is filled by the real skopeo, and is gone before anything runs.
    const source = await node.start(/listening/i, cli, "registry", "serve", "--address", "127.0.0.1:5999");
    try {
      for (const image of images) {
        await node.exec(
          ...(["skopeo", "copy", "--all", "--dest-tls-verify=false"] as const),
          `oci:${root}/dist/images/${image}`,
          `docker://127.0.0.1:5999/package-operator/${image}:${tag}`,
        );
      }
      const output = await node.exec(
        ...([cli, "mirror", `${root}/dist/images/self-bootstrap-job.yaml`, "--to", mirror] as const),
        ...(["--resolve", "quay.io=http://127.0.0.1:5999", "--lock", file("mirror.lock.yaml")] as const),
        ...(["--rewrite", `${root}/dist/images/self-bootstrap-job.yaml`, "-o", file("job.yaml")] as const),
        ...(["--output", "json"] as const),
      );
      const { entries } = JSON.parse(output) as { entries: { target: string }[] };
      expect(entries.map(({ target }) => target).toSorted()).toEqual(
        images.map((name) => `${mirror}/${name}`).toSorted(),
      );
    } finally {
      await stop(source);
    }
    for (const image of images) {
      const ours = await node.exec(
        "skopeo",
        "inspect",
        "--tls-verify=false",
        "--format",
        "{{.Digest}}",
        `docker://${mirror}/${image}:${tag}`,
      );
      const index = JSON.parse(await readFile(`${root}/dist/images/${image}/index.json`, "utf8")) as {
        manifests: { digest: string }[];
      };
      expect(ours.trim(), image).toBe(index.manifests[0]!.digest);
    }
  });

  test("without the override the operator never becomes available, and says why", async () => {
    const manifest = await readFile(file("job.yaml"), "utf8");
    expect(manifest).toContain(rule);
    await writeFile(file("no-override.yaml"), manifest.replace(rule, ""));
    await kubectl("apply", "-f", file("no-override.yaml"));
    await kubectl("wait", "--for=create", "crd/clusterpackages.package-operator.run", "--timeout=180s");
    await kubectl("wait", "--for=create", "clusterpackage/package-operator", "--timeout=60s");
    await kubectl(
      ...(["wait", "--for=condition=Unpacked", "clusterpackage/package-operator", "--timeout=60s"] as const),
    );
    const namespace = ["-n", "package-operator-system"] as const;
    const selector = ["-l", "app.kubernetes.io/name=package-operator"] as const;
    const waiting = "jsonpath={.items[*].status.containerStatuses[*].state.waiting.reason}";
    await vi.waitFor(
      async () =>
        expect(await kubectl("get", "pod", ...namespace, ...selector, "-o", waiting)).toMatch(
          /ImagePullBackOff|ErrImagePull/,
        ),
      { timeout: 120_000, interval: 500 },
    );
    const image = await kubectl(
      ...(["get", "pod", ...namespace, ...selector, "-o"] as const),
      "jsonpath={.items[0].spec.containers[0].image}",
    );
    expect(image).toMatch(/^quay\.io\/package-operator\/package-operator-manager@sha256:/);
    const available = await kubectl(
      ...(["get", "clusterpackage", "package-operator", "-o"] as const),
      'jsonpath={.status.conditions[?(@.type=="Available")].status}',
    );
    expect(available).toBe("False");
    const verify = await node.tryExec(
      cli,
      "verify",
      "cluster",
      "--override",
      rule,
      "--lock",
      file("mirror.lock.yaml"),
    );
    expect(verify.code).toBe(1);
    expect(verify.stdout).toContain("outside");
    await kubectl("delete", "job", ...namespace, "package-operator-bootstrap", "--wait");
  });

  test("the rewritten manifest installs the operator from the mirror", async () => {
    await kubectl("apply", "-f", file("job.yaml"));
    await kubectl(
      "wait",
      "--for=condition=Established",
      "crd/clusterpackages.package-operator.run",
      "--timeout=180s",
    );
    await kubectl("wait", "--for=condition=Available", "clusterpackage/package-operator", "--timeout=300s");
    const spec = await kubectl("get", "clusterpackage", "package-operator", "-o", "jsonpath={.spec.image}");
    expect(spec).toBe(`${mirror}/package-operator-package:${tag}`);
    const used = await kubectl(
      ...(["get", "deployment", "-n", "package-operator-system", "package-operator-manager", "-o"] as const),
      "jsonpath={.spec.template.spec.containers[*].image}",
    );
    expect(used).toMatch(
      new RegExp(`^${mirror.replaceAll(".", "\\.")}/package-operator-manager@sha256:[0-9a-f]{64}$`),
    );
  });

  test("the cluster verifies against the lock, and the bootstrap Job is gone", async () => {
    await kubectl(
      ...([
        "wait",
        "--for=delete",
        "job/package-operator-bootstrap",
        "-n",
        "package-operator-system",
        "--timeout=120s",
      ] as const),
    );
    // The Pod that could not pull from outside takes its time to go.
    const command = [
      cli,
      "verify",
      "cluster",
      "--override",
      rule,
      "--lock",
      file("mirror.lock.yaml"),
      "--preflight",
    ] as const;
    await vi.waitFor(
      async () => expect(await node.tryExec(...command)).toMatchObject({ code: 0, stderr: "" }),
      {
        timeout: 120_000,
        interval: 1000,
      },
    );
  });
});
