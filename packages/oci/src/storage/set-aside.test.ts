import { mkdir, mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { sizeIfThere } from "../files.ts";
import { claimFile, removeUnclaimed } from "./set-aside.ts";

test("a file that was claimed is there, however claims and removals fall together", async () => {
  const dir = await mkdtemp(path.join(tmpdir(), "oci-claim-"));
  try {
    const outcomes = { claimed: 0, removed: 0 };
    for (let round = 0; round < 300; round++) {
      const file = path.join(dir, "blobs", `${round}`);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, "content");
      const past = new Date(Date.now() - 60_000);
      await utimes(file, past, past);
      const options = { usedBefore: Date.now() - 1000, isDryRun: false };
      // The removal takes three steps before it decides; the claim falls before, between and after them.
      const claim = async (): Promise<boolean> => {
        for (let step = 0; step < round % 4; step++) await sizeIfThere(file);
        return claimFile(file);
      };
      const [removed, claimed] = await Promise.all([removeUnclaimed(dir, file, options), claim()]);
      if (claimed) outcomes.claimed += 1;
      if (removed !== undefined) outcomes.removed += 1;
      expect({ round, isThere: (await sizeIfThere(file)) !== undefined }).toEqual({
        round,
        isThere: removed === undefined,
      });
      expect(claimed && removed !== undefined).toBe(false);
    }
    expect(outcomes.claimed).toBeGreaterThan(0);
    expect(outcomes.removed).toBeGreaterThan(0);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});
