import { readFile, writeFile } from "node:fs/promises";
import { expect, test, vi } from "vitest";
import {
  appNamespace,
  footprints,
  installApplications,
  isMirrored,
  pushApplications,
} from "./applications.ts";
import { bootstrap, inNamespace, managerImage, type List, type Thing } from "./installation.ts";
import { mirrorRelease, prefix } from "./releases.ts";
import type { Story } from "./story.ts";

const count = 20;

interface AppDeployment extends Thing {
  spec: Thing["spec"] & { template: { spec: { containers: { image: string }[] } } };
}

/** Changes of the installed operator while applications run. Leaves the next release, from the second mirror. */
export function changeScenarios(story: () => Story): void {
  let upgrade: string;

  test("applications from the mirror and from elsewhere are installed", { timeout: 240_000 }, async () => {
    const { node, mirror, secondMirror } = story();
    await pushApplications(node, [mirror, secondMirror]);
    await installApplications(node, count);
    expect(await images(story())).toEqual(expectedImages(story(), mirror));
  });

  test("an upgrade of the operator touches none of them", async () => {
    const { node, mirror, next } = story();
    const before = await footprints(node);
    expect(before.size).toBe(count);
    const old = await managerImage(node);
    ({ manifest: upgrade } = await mirrorRelease(node, next, mirror));
    await bootstrap(node, upgrade);
    expect(await managerImage(node)).not.toBe(old);
    await allUnpacked(story(), mirror);
    expect(await footprints(node)).toEqual(before);
    const isAvailable = ({ metadata, status }: Thing) =>
      metadata.labels?.["package-operator.run/package"] === "package-operator" &&
      status?.conditions?.some(({ type, status }) => type === "Available" && status === "True");
    // The new operator retires the old revision; the Job waits for the new one only.
    await vi.waitFor(
      async () => {
        const { items } = await node.get<List<Thing>>("clusterobjectsets");
        expect(items.filter(isAvailable)).toHaveLength(1);
      },
      { timeout: 60_000, interval: 500 },
    );
  });

  test("running the Job again without an override keeps the one in force", async () => {
    const { node, mirror, file } = story();
    const before = [await footprints(node), await managerImage(node), await ownPackage(story())];
    const rule = `${prefix}/=${mirror}/`;
    const manifest = await readFile(upgrade, "utf8");
    expect(manifest).toContain(rule);
    await writeFile(file("no-override.yaml"), manifest.replace(rule, ""));
    await bootstrap(node, file("no-override.yaml"));
    expect([await footprints(node), await managerImage(node), await ownPackage(story())]).toEqual(before);
  });

  test("another override moves what it concerns, and nothing else", { timeout: 300_000 }, async () => {
    const { node, next, secondMirror } = story();
    const before = await footprints(node);
    const { manifest } = await mirrorRelease(node, next, secondMirror);
    await bootstrap(node, manifest);
    await allUnpacked(story(), secondMirror);
    await vi.waitFor(
      async () => expect(await images(story())).toEqual(expectedImages(story(), secondMirror)),
      { timeout: 120_000, interval: 1000 },
    );
    expect(await managerImage(node)).toMatch(`${secondMirror}/package-operator-manager@sha256:`);
    expect(plain(await footprints(node))).toEqual(plain(before));
    const { items } = await node.get<List<{ spec: { containers: { image: string }[] } }>>(
      "pods",
      ...inNamespace,
    );
    expect(items.flatMap(({ spec }) => spec.containers.map(({ image }) => image))).toEqual([
      await managerImage(node),
    ]);
  });
}

/** The state of the operator's own package, as far as a run that changes nothing may not change it. */
async function ownPackage({ node }: Story): Promise<object> {
  const { metadata, spec, status } = await node.get<Thing>("clusterpackage", "package-operator");
  return { generation: metadata.generation, spec, hash: status?.unpackedHash, revision: status?.revision };
}

/** Waits until every package was looked at by an operator with the rule for this mirror. */
async function allUnpacked({ node }: Story, mirror: string): Promise<void> {
  const rule = `${prefix}/=${mirror}/`;
  await vi.waitFor(
    async () => {
      const { items } = await node.get<List<Thing>>("clusterpackages");
      const tails = items.map(({ status }) => status?.unpackedHash?.slice(64));
      const own = items.find(({ metadata }) => metadata.name === "package-operator");
      expect(own?.spec.config?.imagePrefixOverrides).toBe(rule);
      expect(new Set(tails).size).toBe(1);
      const env = await node.kubectl(
        ...(["get", "pods", ...inNamespace, "-o"] as const),
        'jsonpath={.items[*].spec.containers[*].env[?(@.name=="PKO_IMAGE_PREFIX_OVERRIDES")].value}',
      );
      expect(env).toBe(rule);
      for (const { metadata, status } of items) {
        const found = status?.conditions?.find(({ type }) => type === "Available");
        expect([metadata.name, found?.status]).toEqual([metadata.name, "True"]);
      }
    },
    { timeout: 120_000, interval: 1000 },
  );
}

/** The image of every application's Deployment, without digests. */
async function images({ node }: Story): Promise<Record<string, string>> {
  const { items } = await node.get<List<AppDeployment>>("deployments", "-n", appNamespace);
  return Object.fromEntries(
    items.map(({ metadata, spec }) => [
      metadata.name,
      spec.template.spec.containers[0]!.image.replace(/@sha256:[0-9a-f]{64}$/, ""),
    ]),
  );
}

function expectedImages({ node }: Story, mirror: string): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [
      `app-${index}`,
      isMirrored(index) ? `${mirror}/apps/pause` : `${node.registry}/lab/pause`,
    ]),
  );
}

/** Only the applications that no override concerns. */
function plain(all: ReadonlyMap<string, object>): [string, object][] {
  return [...all].filter(([name]) => !isMirrored(Number(name.replace("app-", ""))));
}
