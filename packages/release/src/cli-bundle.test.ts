import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { decodeYaml } from "@package-operator/kube-yaml";
import { decompress, readTar } from "@package-operator/oci";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildCliBundle, krewManifest } from "./cli-bundle.ts";

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), "cli-bundle-"));
  for (const name of [
    "kubectl-package",
    "kubectl_complete-package",
    "package.json",
    "package-operator-manager",
    "LICENSE",
  ]) {
    await writeFile(path.join(dir, name), name);
  }
  await mkdir(path.join(dir, "kubectl-package-chunks"));
  await writeFile(path.join(dir, "kubectl-package-chunks", "a.mjs"), "a");
});
afterAll(() => rm(dir, { recursive: true }));

test("the archive holds the command line and nothing else", async () => {
  const bundle = await buildCliBundle(dir, path.join(dir, "LICENSE"));
  const modes: Record<string, number> = {};
  const stream = (async function* () {
    yield bundle;
  })();
  for await (const entry of readTar(decompress(stream))) modes[entry.path] = entry.mode;
  expect(modes).toEqual({
    LICENSE: 0o644,
    "kubectl-package": 0o755,
    "kubectl-package-chunks/a.mjs": 0o644,
    "kubectl_complete-package": 0o755,
    "package.json": 0o644,
  });
});

test("krew finds the archive by its checksum", () => {
  const manifest = decodeYaml(
    krewManifest(Buffer.from("x"), { tag: "v1.0.0", downloadUrl: "https://example.com/d" }),
  );
  expect(manifest).toMatchObject({
    kind: "Plugin",
    spec: {
      version: "v1.0.0",
      platforms: [
        {
          uri: "https://example.com/d/v1.0.0/kubectl-package.tar.gz",
          sha256: "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881",
        },
      ],
    },
  });
});

test("a missing bundle is named", async () => {
  await expect(buildCliBundle("/nonexistent", "/nonexistent")).rejects.toThrow("/nonexistent");
});
