import {
  type ContentTarget,
  type Descriptor,
  digestOf,
  type ManifestContent,
  mediaTypes,
} from "@package-operator/oci";
import type { BundledPackage } from "./bundled-packages.ts";

/** Media type of SPDX documents in JSON form (IANA). */
export const sbomMediaType = "application/spdx+json";

/** What a bill of materials is about. */
export interface SbomInput {
  /** Image name with tag. */
  readonly reference: string;
  readonly digest: string;
  /** RFC 3339. */
  readonly created: string;
  readonly version: string;
  readonly packages: readonly BundledPackage[];
  /** Of the Node inside, for example `20.20.2`: none for images without, several for an index of different ones. */
  readonly nodeVersions: readonly string[];
}

interface SpdxPackage {
  readonly SPDXID: string;
  readonly name: string;
  readonly versionInfo: string;
  readonly downloadLocation: string;
  readonly filesAnalyzed: false;
  readonly licenseConcluded: string;
  readonly licenseDeclared: string;
  readonly copyrightText: string;
  readonly checksums?: readonly { readonly algorithm: string; readonly checksumValue: string }[];
  readonly externalRefs?: readonly {
    readonly referenceCategory: string;
    readonly referenceType: string;
    readonly referenceLocator: string;
  }[];
}

/** The bill of materials of an image (SPDX 2.3, JSON). The same input gives the same text. */
export function createSbom(input: SbomInput): string {
  const image = spdxPackage("SPDXRef-image", input.reference, input.version, "Apache-2.0", {
    checksums: [{ algorithm: "SHA256", checksumValue: input.digest.replace("sha256:", "") }],
  });
  const nodes = input.nodeVersions.map((version) =>
    spdxPackage(`SPDXRef-node-${version}`, "node", version, "MIT", purl(`generic/node@${version}`)),
  );
  const contents = [...nodes, ...input.packages.map(npmPackage)];
  return `${JSON.stringify(
    {
      spdxVersion: "SPDX-2.3",
      dataLicense: "CC0-1.0",
      SPDXID: "SPDXRef-DOCUMENT",
      name: input.reference,
      documentNamespace: `https://package-operator.run/spdx/${input.digest.replace(":", "/")}`,
      creationInfo: { created: input.created, creators: ["Tool: package-operator-release"] },
      documentDescribes: [image.SPDXID],
      packages: [image, ...contents],
      relationships: contents.map(({ SPDXID }) => ({
        spdxElementId: image.SPDXID,
        relationshipType: "CONTAINS",
        relatedSpdxElement: SPDXID,
      })),
    },
    undefined,
    2,
  )}\n`;
}

function npmPackage({ name, version, license, integrity }: BundledPackage): SpdxPackage {
  const id = `SPDXRef-npm-${`${name}-${version}`.replaceAll(/[^A-Za-z0-9.-]/g, "-")}`;
  const checksum = /^sha512-(.+)$/.exec(integrity ?? "")?.[1];
  return spdxPackage(id, name, version, license ?? "NOASSERTION", {
    ...purl(`npm/${name.replace("@", "%40")}@${version}`),
    ...(checksum === undefined
      ? {}
      : {
          checksums: [
            { algorithm: "SHA512", checksumValue: Buffer.from(checksum, "base64").toString("hex") },
          ],
        }),
  });
}

function purl(locator: string): Pick<SpdxPackage, "externalRefs"> {
  const reference = {
    referenceCategory: "PACKAGE-MANAGER",
    referenceType: "purl",
    referenceLocator: `pkg:${locator}`,
  };
  return { externalRefs: [reference] };
}

function spdxPackage(
  id: string,
  name: string,
  version: string,
  license: string,
  more: Pick<SpdxPackage, "checksums" | "externalRefs">,
): SpdxPackage {
  return {
    SPDXID: id,
    name,
    versionInfo: version,
    downloadLocation: "NOASSERTION",
    filesAnalyzed: false,
    licenseConcluded: "NOASSERTION",
    licenseDeclared: license,
    copyrightText: "NOASSERTION",
    ...more,
  };
}

/** Attaches a bill of materials to an image that the target has, as a referrer (OCI image specification 1.1). */
export async function attachSbom(target: ContentTarget, subject: Descriptor, sbom: string): Promise<string> {
  const config = blobOf(Buffer.from("{}"), "application/vnd.oci.empty.v1+json");
  const document = blobOf(Buffer.from(sbom), sbomMediaType);
  for (const { descriptor, bytes } of [config, document]) {
    if (!(await target.hasBlob(descriptor)))
      await target.writeBlob(descriptor, (offset) => chunks(bytes.subarray(offset)));
  }
  const manifest: ManifestContent = blobOf(
    Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: mediaTypes.ociManifest,
        artifactType: sbomMediaType,
        config: config.descriptor,
        layers: [document.descriptor],
        subject: { mediaType: subject.mediaType, digest: subject.digest, size: subject.size },
      }),
    ),
    mediaTypes.ociManifest,
  );
  await target.writeManifest(manifest.descriptor.digest, manifest);
  return manifest.descriptor.digest;
}

function blobOf(bytes: Buffer, mediaType: string): { descriptor: Descriptor; bytes: Buffer } {
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length }, bytes };
}

async function* chunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield bytes;
}
