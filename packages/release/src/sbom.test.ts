import {
  buildImage,
  createLayer,
  memoryContent,
  readBlob,
  writeImage,
  parseManifest,
} from "@package-operator/oci";
import { expect, test } from "vitest";
import { attachSbom, createSbom, sbomMediaType } from "./sbom.ts";

const packages = [
  {
    name: "@scope/lib",
    version: "1.0.0",
    license: "MIT",
    integrity: `sha512-${Buffer.from("x").toString("base64")}`,
  },
];
const input = {
  reference: "quay.io/o/app:v1",
  digest: `sha256:${"a".repeat(64)}`,
  created: "1970-01-01T00:00:00Z",
  version: "v1",
  nodeVersions: ["20.0.0"],
  packages,
};

test("an SPDX document relates the image to everything in it", () => {
  const sbom = JSON.parse(createSbom(input)) as { packages: { SPDXID: string }[]; relationships: unknown[] };
  expect(sbom).toMatchObject({ spdxVersion: "SPDX-2.3", documentDescribes: ["SPDXRef-image"] });
  expect(sbom.packages).toEqual([
    expect.objectContaining({
      name: "quay.io/o/app:v1",
      checksums: [{ algorithm: "SHA256", checksumValue: "a".repeat(64) }],
    }),
    expect.objectContaining({ name: "node", versionInfo: "20.0.0" }),
    expect.objectContaining({
      SPDXID: "SPDXRef-npm--scope-lib-1.0.0",
      licenseDeclared: "MIT",
      checksums: [{ algorithm: "SHA512", checksumValue: "78" }],
      externalRefs: [expect.objectContaining({ referenceLocator: "pkg:npm/%40scope/lib@1.0.0" })],
    }),
  ]);
  expect(sbom.relationships).toHaveLength(2);
  expect(createSbom(input)).toBe(createSbom({ ...input }));
});

test("it is found as a referrer of its image", async () => {
  const target = memoryContent();
  const image = buildImage({
    layers: [await createLayer([{ path: "a", content: Buffer.from("a") }])],
    format: "oci",
  });
  await writeImage(target, image, { tags: ["v1"] });
  const digest = await attachSbom(target, image.manifest.descriptor, createSbom(input));
  const referrers = await target.referrers(image.manifest.descriptor.digest);
  expect(referrers).toEqual([expect.objectContaining({ digest, artifactType: sbomMediaType })]);
  const manifest = parseManifest(await target.manifest(digest));
  if (manifest.kind !== "image") throw new Error("an index");
  expect(Buffer.from(await readBlob(target, manifest.layers[0]!)).toString()).toBe(createSbom(input));
});
