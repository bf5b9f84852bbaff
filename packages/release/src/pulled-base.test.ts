import {
  buildImage,
  buildIndex,
  createLayer,
  memoryContent,
  writeImage,
  type ContentTarget,
  type Platform,
} from "@package-operator/oci";
import { expect, test } from "vitest";
import { caBundlePath } from "./base-image.ts";
import { parsePlatform, pullBases } from "./pulled-base.ts";
import { fakeNode } from "./testing/base-index.ts";

const options = { reference: "v1", rootCertificates: ["PEM\n"] };
const arm64 = parsePlatform("linux/arm64");

/** An index of images with one file each, of what a real one may hold too: another system, an attestation. */
async function withImages(
  path: string,
  content: (platform: Platform) => Buffer = fakeNode,
  platforms = ["windows/amd64", "linux/arm64/v8", "linux/s390x", "linux/amd64", "unknown/unknown"],
): Promise<ContentTarget> {
  const target = memoryContent();
  const children = await Promise.all(
    platforms.map(parsePlatform).map(async (platform) => {
      const file = { path, content: content(platform), mode: 0o755 };
      const layers = [
        await createLayer([{ path: "etc/passwd", content: Buffer.from(platform.architecture) }]),
        await createLayer([file]),
      ];
      const image = buildImage({ layers, platform, config: { Env: ["PATH=/nodejs/bin"] } });
      await writeImage(target, image);
      return { ...image.manifest.descriptor, platform };
    }),
  );
  await target.writeManifest("v1", buildIndex(children));
  return target;
}

test("bases are the images for the usual platforms, with certificates and the path of Node", async () => {
  const bases = await pullBases(await withImages("nodejs/bin/node"), options);
  expect(bases.map(({ platform }) => platform)).toEqual([
    { os: "linux", architecture: "amd64" },
    { os: "linux", architecture: "arm64", variant: "v8" },
  ]);
  for (const base of bases) {
    expect(base).toMatchObject({
      env: ["PATH=/nodejs/bin", `NODE_EXTRA_CA_CERTS=${caBundlePath}`],
      node: "/nodejs/bin/node",
      nodeVersion: "20.20.2",
    });
    const type = "application/vnd.oci.image.layer.v1.tar+gzip";
    expect(base.layers.map((layer) => layer.descriptor.mediaType)).toEqual([type, type, type]);
    const target = memoryContent();
    await writeImage(target, buildImage({ layers: base.layers, format: "oci" }), { tags: ["built"] });
    expect(await target.resolve("built")).toBeDefined();
  }
});

test("platforms may be chosen", async () => {
  const platforms = ["linux/s390x", "linux/arm64"].map(parsePlatform);
  const bases = await pullBases(await withImages("bin/node"), { ...options, platforms });
  expect(bases.map(({ platform }) => platform.architecture)).toEqual(["s390x", "arm64"]);
});

test("one usual platform is enough, and an image alone is taken for its own", async () => {
  const target = await withImages("bin/node", fakeNode, ["linux/arm64"]);
  const [base] = await pullBases(target, options);
  expect(base!.platform).toEqual(arm64);
  const image = buildImage({
    layers: [await createLayer([{ path: "bin/node", content: fakeNode(arm64) }])],
    platform: arm64,
  });
  await writeImage(target, image, { tags: ["alone"] });
  const [alone] = await pullBases(target, { ...options, reference: "alone", platforms: [arm64] });
  expect(alone!.platform).toEqual(arm64);
  const other = { ...options, reference: "alone", platforms: [parsePlatform("linux/amd64")] };
  await expect(pullBases(target, other)).rejects.toThrow(/alone has no image for linux\/amd64$/);
});

test("Node may be where the caller says", async () => {
  const settings = { ...options, node: "/opt/node/node" };
  const [base] = await pullBases(await withImages("opt/node/node"), settings);
  expect(base!.node).toBe("/opt/node/node");
});

const fakeOf = (architecture: string) => () => fakeNode({ os: "linux", architecture });

test.each([
  [
    "an image without Node",
    withImages("usr/bin/other"),
    options,
    /v1 for linux\/\w+.* holds no file bin\/node$/,
  ],
  [
    "no Node where the caller says",
    withImages("bin/node"),
    { ...options, node: "/node" },
    /holds no file \/node$/,
  ],
  [
    "a Node for another processor",
    withImages("bin/node", fakeOf("amd64")),
    { ...options, platforms: [arm64] },
    /v1 for linux\/arm64\/v8 holds a Node for amd64$/,
  ],
  [
    "what only has the name of Node",
    withImages("bin/node", () => Buffer.from("#!/bin/sh\n")),
    options,
    /bin\/node is no Node$/,
  ],
  [
    "an old Node",
    withImages("bin/node", () => Buffer.from("\0node.js/v20.18.3\0")),
    options,
    /bin\/node is Node 20\.18\.3; 20\.19 or later is needed$/,
  ],
  [
    "an index without a chosen platform",
    withImages("bin/node"),
    { ...options, platforms: ["linux/amd64", "linux/riscv64", "linux/arm/v7"].map(parsePlatform) },
    /v1 has no image for linux\/riscv64, linux\/arm\/v7$/,
  ],
  [
    "an index without the usual platforms",
    withImages("bin/node", fakeNode, ["linux/s390x"]),
    options,
    /v1 has no image for linux\/amd64, linux\/arm64$/,
  ],
])("%s is refused", async (_what, target, settings, message) => {
  const pulling = pullBases(await target, settings);
  await expect(pulling).rejects.toMatchObject({ code: "input" });
  await expect(pulling).rejects.toThrow(message);
});

test.each(["arm64", "linux/", "linux/arm/v7/x", "Linux/amd64", ""])("%j is no platform", (text) => {
  expect(() => parsePlatform(text)).toThrow(expect.objectContaining({ code: "input" }));
});
