import { readFile, writeFile } from "node:fs/promises";
import { expect, test, vi } from "vitest";
import { condition, inNamespace, jobDone, managerImage, packageCreated } from "./installation.ts";
import { cli, digestIn, imageNames, prefix } from "./releases.ts";
import type { Story } from "./story.ts";

/** The documented mirror story on a node that reaches nothing but the mirror. Leaves the operator installed. */
export function mirrorStoryScenarios(story: () => Story): void {
  test("one command copies everything the bootstrap manifest needs", async () => {
    const { node, current, install, mirror } = story();
    expect(install.targets.toSorted()).toEqual(imageNames.map((name) => `${mirror}/${name}`).toSorted());
    for (const image of imageNames) {
      const layout = await readFile(`${current.folder}/images/${image}/index.json`, "utf8");
      const { manifests } = JSON.parse(layout) as {
        manifests: { digest: string; annotations?: Record<string, string> }[];
      };
      const tagged = manifests.find(
        ({ annotations }) => annotations?.["org.opencontainers.image.ref.name"] === current.tag,
      );
      expect(await digestIn(node, `${mirror}/${image}:${current.tag}`), image).toBe(tagged?.digest);
    }
  });

  test("without the override the operator never becomes available, and says why", async () => {
    const { node, file, install, mirror } = story();
    const { kubectl } = node;
    const rule = `${prefix}/=${mirror}/`;
    const manifest = await readFile(install.manifest, "utf8");
    expect(manifest).toContain(rule);
    await writeFile(file("no-override.yaml"), manifest.replace(rule, ""));
    await kubectl("apply", "-f", file("no-override.yaml"));
    await packageCreated(node);
    await kubectl(
      ...(["wait", "--for=condition=Unpacked", "clusterpackage/package-operator", "--timeout=60s"] as const),
    );
    const selector = ["-l", "app.kubernetes.io/name=package-operator"] as const;
    const waiting = "jsonpath={.items[*].status.containerStatuses[*].state.waiting.reason}";
    await vi.waitFor(
      async () =>
        expect(await kubectl("get", "pod", ...inNamespace, ...selector, "-o", waiting)).toMatch(
          /ImagePullBackOff|ErrImagePull/,
        ),
      { timeout: 120_000, interval: 500 },
    );
    const image = await kubectl(
      ...(["get", "pod", ...inNamespace, ...selector, "-o"] as const),
      "jsonpath={.items[0].spec.containers[0].image}",
    );
    expect(image).toMatch(/^quay\.io\/package-operator\/package-operator-manager@sha256:/);
    await condition(node, "package-operator", "Available", { status: "False" });
    const verify = await node.tryExec(cli, "verify", "cluster", "--override", rule, "--lock", install.lock);
    expect(verify.code).toBe(1);
    expect(verify.stdout).toContain("outside");
    await kubectl("delete", "job", ...inNamespace, "package-operator-bootstrap", "--wait");
  });

  test("the rewritten manifest installs the operator from the mirror", async () => {
    const { node, install, mirror, current } = story();
    const { kubectl } = node;
    await kubectl("apply", "-f", install.manifest);
    await kubectl(
      "wait",
      "--for=condition=Established",
      "crd/clusterpackages.package-operator.run",
      "--timeout=180s",
    );
    await kubectl("wait", "--for=condition=Available", "clusterpackage/package-operator", "--timeout=300s");
    const spec = await kubectl("get", "clusterpackage", "package-operator", "-o", "jsonpath={.spec.image}");
    expect(spec).toBe(`${mirror}/package-operator-package:${current.tag}`);
    expect(await managerImage(node)).toMatch(
      new RegExp(`^${mirror.replaceAll(".", "\\.")}/package-operator-manager@sha256:[0-9a-f]{64}$`),
    );
  });

  test("the cluster verifies against the lock, and the bootstrap Job is gone", async () => {
    const { node, install, mirror } = story();
    const rule = `${prefix}/=${mirror}/`;
    await jobDone(node);
    // The Pod that could not pull from outside takes its time to go.
    const command = [
      cli,
      "verify",
      "cluster",
      "--override",
      rule,
      "--lock",
      install.lock,
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
}
