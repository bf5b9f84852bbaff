import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createRegistryClient } from "../client/client.ts";
import { writeImage } from "../image.ts";
import { createRegistryServer } from "../server/server.ts";
import { chunked, collect } from "../testing/content-checks.ts";
import { contentContract } from "../testing/content-contract.ts";
import { randomBlob, sampleImage } from "../testing/samples.ts";
import { diskStorage } from "./disk-storage.ts";
import { storageContent } from "./storage-content.ts";

let dir: string;
let count = 0;
const fresh = (): string => path.join(dir, `storage-${++count}`);
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), "oci-disk-"));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

contentContract("disk", async () => {
  const storage = await diskStorage(fresh());
  return { repository: (name) => storageContent(storage, name), close: () => Promise.resolve() };
});

contentContract("our client and server on disk", async () => {
  const server = createRegistryServer({ storage: await diskStorage(fresh()) });
  const { address } = await server.listen();
  const client = createRegistryClient();
  return {
    repository: (name) => client.repository(address, name),
    close: async () => {
      await client.close();
      await server.close();
    },
  };
});

describe("a registry on disk", () => {
  test("is the same after a restart", async () => {
    const place = fresh();
    const image = await sampleImage();
    const digest = await writeImage(storageContent(await diskStorage(place), "team/app"), image, {
      tags: ["v1"],
    });
    const again = await diskStorage(place);
    expect(await again.repositories()).toEqual(["team/app"]);
    expect(await storageContent(again, "team/app").resolve("v1")).toMatchObject({ digest });
  });

  test("goes on with an upload that another process began", async () => {
    const place = fresh();
    const blob = randomBlob(40_000);
    const { digest } = blob.descriptor;
    const first = await (await diskStorage(place)).repository("team/app").startUpload();
    await first.append(chunked(blob.bytes.subarray(0, 15_000)));

    const repository = (await diskStorage(place)).repository("team/app");
    const second = await repository.findUpload(first.id);
    expect(await second?.size()).toBe(15_000);
    await second!.append(chunked(blob.bytes.subarray(15_000)));
    await second!.commit(digest);
    expect((await collect(repository.readBlob(digest))).equals(blob.bytes)).toBe(true);
    expect(await repository.findUpload(first.id)).toBeUndefined();
  });

  test("keeps what arrived before a connection broke", async () => {
    const repository = (await diskStorage(fresh())).repository("team/app");
    const upload = await repository.startUpload();
    const broken = (async function* () {
      yield Buffer.from("whole");
      throw new Error("reset");
    })();
    await expect(upload.append(broken)).rejects.toThrow("reset");
    expect(await upload.size()).toBe(5);
  });

  test("drops an upload with another digest", async () => {
    const repository = (await diskStorage(fresh())).repository("team/app");
    const upload = await repository.startUpload();
    await upload.append(chunked(Buffer.from("something")));
    await expect(upload.commit(randomBlob(9).descriptor.digest)).rejects.toMatchObject({
      code: "digest-mismatch",
    });
    expect(await repository.findUpload(upload.id)).toBeUndefined();
  });

  test("takes no path for an upload", async () => {
    const repository = (await diskStorage(fresh())).repository("team/app");
    expect(await repository.findUpload("../../etc/passwd")).toBeUndefined();
  });

  test("stores content of several repositories once", async () => {
    const place = fresh();
    const storage = await diskStorage(place);
    const image = await sampleImage();
    await writeImage(storageContent(storage, "team/a"), image, { tags: ["v1"] });
    await writeImage(storageContent(storage, "team/b"), image, { tags: ["v1"] });
    const files = await readdir(path.join(place, "blobs"), { recursive: true, withFileTypes: true });
    expect(files.filter((file) => file.isFile())).toHaveLength(image.layers.length + 2);
  });
});
