import {
  buildImage,
  buildIndex,
  createLayer,
  openLayout,
  type Platform,
  writeImage,
} from "@package-operator/oci";

const machines: Readonly<Record<string, number>> = { amd64: 62, arm64: 183 };

/** What is read of a Node binary without running it: the processor in its ELF header, and its version. */
export function fakeNode({ architecture }: Platform): Buffer {
  const header = Buffer.alloc(64);
  header.writeUInt32BE(0x7f45_4c46, 0);
  header[4] = 2;
  header[5] = 1;
  header.writeUInt16LE(machines[architecture] ?? 22, 18);
  return Buffer.concat([header, Buffer.from("\0node.js/v20.20.2\0")]);
}

/** A layout with one index under tag `v1`: an image with a {@link fakeNode} for each processor. */
export async function writeBaseIndex(folder: string, architectures: readonly string[]): Promise<void> {
  const target = (await openLayout(folder, { create: true })).repository();
  const children = [];
  for (const architecture of architectures) {
    const platform = { os: "linux", architecture };
    const layer = await createLayer([{ path: "usr/bin/node", content: fakeNode(platform), mode: 0o755 }]);
    const image = buildImage({ layers: [layer], platform, format: "oci" });
    await writeImage(target, image, { isRoot: false });
    children.push({ ...image.manifest.descriptor, platform });
  }
  await target.writeManifest("v1", buildIndex(children), { isRoot: false });
}
