import { readFile, writeFile } from "node:fs/promises";
import { expect, test, vi } from "vitest";
import { pushApplication } from "./applications.ts";
import { bootstrap, inNamespace, jobName, managerImage, type List } from "./installation.ts";
import type { LabNode } from "./lab-node.ts";
import type { Story } from "./story.ts";
import { digestIn } from "./releases.ts";

interface JobPod {
  status: {
    containerStatuses?: {
      state: { terminated?: { message?: string } };
      lastState: { terminated?: { message?: string } };
    }[];
  };
}

/** Jobs that cannot do their work say why in their log and in the termination message. */
export function brokenMirrorScenarios(story: () => Story): void {
  const cases: {
    what: string;
    image: (story: Story) => Promise<string> | string;
    reason: RegExp;
  }[] = [
    {
      what: "a tag that the mirror does not have",
      image: ({ mirror }) => `${mirror}/package-operator-package:absent`,
      reason: /manifest unknown|not found|404/i,
    },
    {
      what: "an image that is no package",
      image: ({ node }) => `${node.registry}/lab/pause:1`,
      reason: /manifest\.ya?ml|package/i,
    },
    {
      what: "a blob that was damaged in the mirror",
      image: ({ node }) => damagedPackage(node),
      reason: /digest|sha256|blob/i,
    },
  ];

  test.each(cases)("the Job names $what", async ({ image, reason }) => {
    const { node, file, install } = story();
    const reference = await image(story());
    const original = await readFile(install.manifest, "utf8");
    const manifest = original.replace(/-self-bootstrap=\S+/, `-self-bootstrap=${reference}`);
    await writeFile(file("broken.yaml"), manifest);
    await node.kubectl("apply", "-f", file("broken.yaml"));
    try {
      const message = await terminationMessage(node);
      expect(message).toContain(reference);
      expect(message).toMatch(reason);
      await vi.waitFor(
        async () => expect(await logOf(node)).toContainEqual({ level: "error", error: message }),
        {
          timeout: 60_000,
          interval: 300,
        },
      );
    } finally {
      await node.kubectl("delete", "job", ...inNamespace, jobName, "--cascade=foreground");
    }
  });

  test("what a broken Job tried left the operator alone", async () => {
    const { node, install } = story();
    const before = await managerImage(node);
    await bootstrap(node, install.manifest);
    expect(await managerImage(node)).toBe(before);
  });
}

/** What the Job has logged; which try is the present one may change between two looks. */
async function logOf(node: LabNode): Promise<{ level: string; error: string }[]> {
  const logs = await Promise.all(
    [[], ["--previous"]].map((which) =>
      node.tryExec("kubectl", "logs", ...inNamespace, `job/${jobName}`, ...which),
    ),
  );
  const lines = logs.flatMap(({ stdout }) => stdout.split("\n")).filter((line) => line.startsWith("{"));
  return lines.map((line) => {
    const { level, error } = JSON.parse(line) as { level: string; error: string };
    return { level, error };
  });
}

async function terminationMessage(node: LabNode): Promise<string> {
  return vi.waitFor(
    async () => {
      const selector = ["-l", `job-name=${jobName}`] as const;
      const { items } = await node.get<List<JobPod>>("pods", ...inNamespace, ...selector);
      for (const { state, lastState } of items.flatMap(({ status }) => status.containerStatuses ?? [])) {
        const message = (state.terminated ?? lastState.terminated)?.message;
        if (message) return message;
      }
      throw new Error("no container has ended");
    },
    { timeout: 60_000, interval: 300 },
  );
}

/** Copies the application's package and changes one byte of its layer on the registry's disk. */
async function damagedPackage(node: LabNode): Promise<string> {
  const reference = `${node.registry}/damaged/app-package:v1`;
  const pause = `${node.registry}/lab/pause:1`;
  // Another image name than elsewhere, so that no good image shares the layer.
  const image = `${node.registry}/damaged/pause:1`;
  await pushApplication(node, { reference, image, digest: await digestIn(node, pause) });
  const raw = await node.exec("skopeo", "inspect", "--raw", "--tls-verify=false", `docker://${reference}`);
  const { layers } = JSON.parse(raw) as { layers: { digest: string }[] };
  const hex = layers[0]!.digest.replace("sha256:", "");
  const blob = `${node.folder}/registry/docker/registry/v2/blobs/sha256/${hex.slice(0, 2)}/${hex}/data`;
  const content = await readFile(blob);
  content[20] = content[20]! ^ 0xff;
  await writeFile(blob, content);
  return reference;
}
