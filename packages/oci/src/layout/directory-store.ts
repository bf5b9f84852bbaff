import { mkdir } from "node:fs/promises";
import path from "node:path";
import { readFileRange, readIfThere, sizeIfThere, writeFileAtomically } from "../files.ts";
import { splitDigest } from "../digest.ts";
import type { Descriptor } from "../manifest.ts";
import { blobPath, layoutMarker, type LayoutStore } from "./layout-store.ts";
import { checkMarker, readIndex, writeIndex } from "./read-index.ts";

/** Opens a layout in a folder; with `create` an empty one is made where there is none. */
export async function openDirectoryStore(dir: string, create: boolean): Promise<LayoutStore> {
  const file = (name: string): string => path.join(dir, name);
  const marker = await readIfThere(file(layoutMarker.path));
  if (marker === undefined && create) {
    await mkdir(file("blobs/sha256"), { recursive: true });
    await writeFileAtomically(file("index.json"), writeIndex([]));
    await writeFileAtomically(file(layoutMarker.path), Buffer.from(layoutMarker.content));
  } else {
    checkMarker(marker, dir);
  }

  const entries = async (): Promise<readonly Descriptor[]> =>
    readIndex((await readIfThere(file("index.json"))) ?? new Uint8Array(0), dir);
  let lastChange: Promise<void> = Promise.resolve();
  return {
    name: dir,
    entries,
    size: (digest) => sizeIfThere(file(blobPath(digest))),
    read: (digest, offset) => readFileRange(file(blobPath(digest)), offset),
    writer: {
      async write(descriptor, content) {
        const { algorithm } = splitDigest(descriptor.digest);
        await mkdir(file(`blobs/${algorithm}`), { recursive: true });
        await writeFileAtomically(file(blobPath(descriptor.digest)), content);
      },
      async change(edit) {
        const previous = lastChange;
        const mine = (async () => {
          await previous.catch(() => {});
          await writeFileAtomically(file("index.json"), writeIndex(edit(await entries())));
        })();
        lastChange = mine;
        await mine;
      },
    },
  };
}
