import { writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { hasYq } from "../yq.ts";
import { documentedCommands, runDocumented, runScript } from "./documented.ts";
import { jobDone } from "./installation.ts";
import { sourceAddress, withSource } from "./releases.ts";
import type { Story } from "./story.ts";

/** The documented story with the tools that everybody has. Starts and ends with a cluster without an operator. */
export function byHandScenarios(story: () => Story): void {
  test.skipIf(!hasYq)("skopeo, yq and kubectl install from a mirror, as the page says", async () => {
    const { node, current, file } = story();
    const mirror = `${node.registry}/by-hand`;
    const conf = file("registries.conf");
    const registry = (prefix: string, location: string) =>
      `[[registry]]\nprefix = "${prefix}"\nlocation = "${location}"\ninsecure = true\n`;
    await writeFile(conf, registry("quay.io", sourceAddress) + registry(node.registry, node.registry));
    const script = (await documentedCommands("mirror.md", "## The same by hand"))
      .replaceAll("skopeo copy", `skopeo --registries-conf ${conf} copy`)
      .replaceAll("mirror.example/pko", mirror)
      .replaceAll("v1.18.2", current.tag);
    const printed = await withSource(node, current, () => runScript(node, `cd ${current.folder}\n${script}`));
    const [spec, image] = printed.trim().split("\n").slice(-2);
    expect(spec).toBe(`${mirror}/package-operator-package:${current.tag}`);
    expect(image).toMatch(/^[^@]+@sha256:[0-9a-f]{64}$/);
    expect(image).toContain(`${mirror}/package-operator-manager@`);
    await jobDone(node);
    await runDocumented(node, "uninstall.md");
  });
}
