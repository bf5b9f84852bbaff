import {
  buildImage,
  buildIndex,
  createLayer,
  memoryContent,
  writeImage,
  type ContentTarget,
} from "@package-operator/oci";
import { expect, test } from "vitest";
import { caBundlePath } from "./base-image.ts";
import { pullBase } from "./pulled-base.ts";

const options = {
  reference: "v1",
  platform: { os: "linux", architecture: "amd64" },
  rootCertificates: ["PEM\n"],
};

async function withImages(path: string): Promise<ContentTarget> {
  const target = memoryContent();
  const children = await Promise.all(
    ["arm64", "amd64"].map(async (architecture) => {
      const platform = { os: "linux", architecture };
      const file = { path, content: Buffer.from(architecture), mode: 0o755 };
      const layers = [
        await createLayer([{ path: "etc/passwd", content: Buffer.from(architecture) }]),
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

test("a base is the image of the platform, with certificates and the path of Node", async () => {
  const base = await pullBase(await withImages("nodejs/bin/node"), options);
  expect(base).toMatchObject({
    platform: { os: "linux", architecture: "amd64" },
    env: ["PATH=/nodejs/bin", `NODE_EXTRA_CA_CERTS=${caBundlePath}`],
    node: "/nodejs/bin/node",
  });
  const type = "application/vnd.oci.image.layer.v1.tar+gzip";
  expect(base.layers.map((layer) => layer.descriptor.mediaType)).toEqual([type, type, type]);
  const image = buildImage({ layers: base.layers, format: "oci" });
  const target = memoryContent();
  await writeImage(target, image, { tags: ["built"] });
  expect(await target.resolve("built")).toBeDefined();
});

test("Node may be where the caller says", async () => {
  const base = await pullBase(await withImages("opt/node/node"), { ...options, node: "/opt/node/node" });
  expect(base.node).toBe("/opt/node/node");
});

test.each([
  ["an image without Node", "usr/bin/other", options, /memory\/content v1 holds no file bin\/node/],
  [
    "an index without the platform",
    "bin/node",
    { ...options, platform: { os: "linux", architecture: "s390x" } },
    /has no image for linux\/s390x/,
  ],
])("%s is refused", async (_what, path, settings, message) => {
  const pulling = pullBase(await withImages(path), settings);
  await expect(pulling).rejects.toMatchObject({ code: "input" });
  await expect(pulling).rejects.toThrow(message);
});
