import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { buildPackageImage } from "./package-image.ts";
import { rawPackage } from "./testing/sample-package.ts";

async function build(files: Record<string, string>, labels: Record<string, string> = {}) {
  const image = await buildPackageImage({ ...rawPackage(files), labels });
  const config = JSON.parse(Buffer.from(image.config.bytes).toString()) as Record<string, unknown>;
  const manifest = JSON.parse(Buffer.from(image.manifest.bytes).toString()) as Record<string, unknown>;
  return { image, config, manifest };
}

/** Digests of the tars that Go's archive/tar makes of the same files, as upstream's builder calls it. */
test.each([
  [
    {
      "manifest.yaml": "apiVersion: v1\n",
      "a/b.yaml": "",
      "a-b.yaml": "x".repeat(513),
      "a.yaml": "y".repeat(512),
    },
    "0d94e67f8b2f829a376fcaf3f36a1a204e4d991a282c7431bb7cb1504fd60145",
  ],
  [
    { [`${"d".repeat(60)}/${"e".repeat(60)}.yaml`]: "long" },
    "331d5f65e444a38a37ab467347026b2910ba8c227cbfbf89071003329da0ed90",
  ],
  [{ "é.yaml": "accent" }, "7705b9d4927775102c5d777023d4d3c2e8769ceca537ffcf8639292055b6a021"],
  [
    { [`${"f".repeat(120)}.yaml`]: "pax" },
    "61d9a4382169c07d867b7155b718a63231a47bb6eaddf99ebff986232b5bfb89",
  ],
])("the layer of the files has upstream's diff id", async (files, diffId) => {
  const { config } = await build(files);
  expect(config).toMatchObject({ rootfs: { type: "layers", diff_ids: [`sha256:${diffId}`] } });
});

test("manifest and configuration have the fields that upstream's images have", async () => {
  const { config, manifest, image } = await build({ "a.yaml": "a" }, { team: "blue" });
  expect(config).toMatchObject({
    architecture: "amd64",
    os: "linux",
    created: "0001-01-01T00:00:00Z",
    history: [{ created: "0001-01-01T00:00:00Z" }],
    config: { Labels: { team: "blue" } },
  });
  expect(manifest).toMatchObject({
    schemaVersion: 2,
    mediaType: "application/vnd.docker.distribution.manifest.v2+json",
    config: {
      mediaType: "application/vnd.docker.container.image.v1+json",
      digest: `sha256:${createHash("sha256").update(image.config.bytes).digest("hex")}`,
    },
    layers: [{ mediaType: "application/vnd.docker.image.rootfs.diff.tar.gzip" }],
  });
});
