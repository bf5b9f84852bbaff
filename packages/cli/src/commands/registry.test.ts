import path from "node:path";
import { buildImage, createLayer, diskStorage, storageContent, writeImage } from "@package-operator/oci";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createWorkspace, type Workspace } from "../testing/workspace.ts";

let workspace: Workspace;
beforeAll(async () => {
  workspace = await createWorkspace();
});
afterAll(() => workspace.remove());

const later = (hours: number) => ({ now: () => Date.now() + hours * 3_600_000 });

describe("registry gc", () => {
  test("says what it would remove, and removes it", async () => {
    const storage = await diskStorage(path.join(workspace.dir, "registry"));
    const target = storageContent(storage, "team/app");
    const digest = "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    const blob = { mediaType: "application/octet-stream", digest, size: 5 };
    await target.writeBlob(blob, async function* () {
      yield Buffer.from("hello");
    });
    const line = "1 files with 5 bytes: 1 blobs without image, 0 stale uploads\n";
    const gc = ["registry", "gc", "--storage", "registry"];
    expect(await workspace.runWith(later(1), ...gc)).toMatchObject({
      code: 0,
      stdout: "removed 0 files with 0 bytes: 0 blobs without image, 0 stale uploads\n",
    });
    expect(await workspace.runWith(later(25), ...gc, "--dry-run")).toMatchObject({
      code: 0,
      stdout: `would remove ${line}`,
    });
    const listed = await workspace.runWith(later(25), ...gc, "--dry-run", "--output", "json");
    expect(JSON.parse(listed.stdout)).toEqual({
      ...{ manifests: 0, blobs: 1, uploads: 0, files: 1, bytes: 5, damaged: [] },
    });
    expect(await storage.repository("team/app").blobSize(digest)).toBe(5);
    expect(await workspace.runWith(later(2), ...gc, "--older-than", "1h")).toMatchObject({
      code: 0,
      stdout: `removed ${line}`,
    });
    expect(await target.hasBlob(blob)).toBe(false);
  });

  test("takes images without a tag when told to", async () => {
    const storage = await diskStorage(path.join(workspace.dir, "untagged"));
    const target = storageContent(storage, "team/app");
    const push = async (content: string, tags: readonly string[]): Promise<string> => {
      const layer = await createLayer([{ path: "data", content: Buffer.from(content) }]);
      return writeImage(target, buildImage({ layers: [layer] }), { tags });
    };
    const [kept, dropped] = [await push("kept", ["v1"]), await push("dropped", [])];
    const gc = ["registry", "gc", "--storage", "untagged"];
    expect(await workspace.runWith(later(25), ...gc)).toMatchObject({
      stdout: expect.stringContaining("removed 0 files") as string,
    });
    expect(await workspace.runWith(later(25), ...gc, "--delete-untagged")).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        /^removed 3 files with \d+ bytes: 1 images without tag, 2 blobs without image, 0 stale uploads\n$/,
      ) as string,
    });
    expect(await target.resolve(kept)).toBeDefined();
    expect(await target.resolve(dropped)).toBeUndefined();
  });

  test("needs the folder of a registry", async () => {
    expect(await workspace.run("registry", "gc")).toMatchObject({ code: 2 });
    const missing = await workspace.run("registry", "gc", "--storage", "none");
    expect(missing.code).toBe(1);
    expect(missing.stderr).toContain("none is not the folder of a registry");
  });
});
