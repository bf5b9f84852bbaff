import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { digest, expectSuccess, namespace, source, useBootstrapWorld } from "./bootstrap-world.ts";
import { conditionOf, isCurrent, ours, revisionOf } from "./cluster.ts";
import { startInstantPods } from "./instant-pods.ts";

/** The self-bootstrap from a mirror, on a cluster that has no operator yet. */
export function bootstrapScenarios(kubeconfig: () => string): void {
  const world = useBootstrapWorld(kubeconfig);
  let pods: { close(): Promise<void> };

  beforeAll(() => {
    pods = startInstantPods(world().client, namespace);
  });

  afterAll(() => pods?.close());

  describe("the self-bootstrap", () => {
    test("installs the operator from the mirror in one go", async () => {
      const { client, bootstrap, managerContainer, override, registry } = world();
      const run = bootstrap("v1", { PKO_IMAGE_PREFIX_OVERRIDES: override });
      await expectSuccess(run);
      expect(run.log.join("\n")).toContain("Package Operator bootstrapped successfully!");
      const pkg = await client.get(ours("ClusterPackage", "package-operator"));
      expect(isCurrent(pkg, "Available", "True")).toBe(true);
      expect(pkg["spec"]).toEqual({
        image: `${source}/package-operator-package:v1`,
        config: { imagePrefixOverrides: override },
      });
      const { image, env } = await managerContainer();
      expect(image).toBe(`${registry.address}/mirror/package-operator-manager@${digest}`);
      expect(env).toContainEqual({ name: "PKO_IMAGE_PREFIX_OVERRIDES", value: override });
      expect(registry.requests.some((url) => url.includes("/mirror/package-operator-package/"))).toBe(true);
      const lease = await client.get({
        apiVersion: "coordination.k8s.io/v1",
        kind: "Lease",
        name: "8a4hp84a6s.package-operator-lock",
        namespace,
      });
      expect(lease["spec"]).toMatchObject({ leaseDurationSeconds: 1 });
    });

    test("does nothing the second time", async () => {
      const { client, bootstrap, override } = world();
      const before = await client.get(ours("ClusterPackage", "package-operator"));
      const run = bootstrap("v1", { PKO_IMAGE_PREFIX_OVERRIDES: override });
      await expectSuccess(run);
      expect(run.log.join("\n")).toContain("PackageOperator is available");
      const after = await client.get(ours("ClusterPackage", "package-operator"));
      expect(after.metadata.generation).toBe(before.metadata.generation);
    });

    test("updates to another image and keeps the override it was installed with", async () => {
      const { client, bootstrap, managerContainer, override, registry } = world();
      const run = bootstrap("v2");
      await expectSuccess(run);
      expect(run.log.join("\n")).toContain("keeping the image prefix overrides");
      const pkg = await client.get(ours("ClusterPackage", "package-operator"));
      expect(pkg["spec"]).toMatchObject({
        image: `${source}/package-operator-package:v2`,
        config: { imagePrefixOverrides: override },
      });
      expect((await managerContainer()).image).toBe(
        `${registry.address}/mirror/package-operator-manager@${digest}`,
      );
      const { items } = await client.list(ours("ClusterObjectSet", ""));
      // The old one too may say so until the installed operator has retired it; the operator runs from the new one.
      expect(items.some((set) => conditionOf(set, "Available") === "True")).toBe(true);
      const byRevision = items.toSorted((a, b) => revisionOf(a) - revisionOf(b));
      expect(byRevision.map(revisionOf)).toEqual([1, 2]);
      const ref = { apiVersion: "apps/v1", kind: "Deployment", name: "package-operator-manager", namespace };
      const owners = (await client.get(ref)).metadata.ownerReferences ?? [];
      expect(owners.find(({ controller }) => controller)?.uid).toBe(byRevision[1]!.metadata.uid);
    });

    test("names the image it cannot pull", async () => {
      const { bootstrap, registry } = world();
      const run = bootstrap("v3");
      expect(await run.ended).toBe(2);
      expect(run.log.join("\n")).toContain(
        `pulling package image ${registry.address}/mirror/package-operator-package:v3 (in place of ${source}/package-operator-package:v3)`,
      );
    });
  });
}
