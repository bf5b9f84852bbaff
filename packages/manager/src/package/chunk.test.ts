import { encodeJson } from "@package-operator/kube-yaml";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chunkPhases, parseStrategy, sliceLimit } from "./chunk.ts";

const sized = (kib: number, name = "x") => ({ object: { name, data: "d".repeat(kib * 1024) } });

describe("slicing", () => {
  test("reads the strategy, and takes the default for anything else", () => {
    expect(["NoOp", "EachObject", "BinpackNextFit", "", undefined].map(parseStrategy)).toEqual([
      "NoOp",
      "EachObject",
      "BinpackNextFit",
      "BinpackNextFit",
      "BinpackNextFit",
    ]);
  });

  test("leaves small phases inline", () => {
    expect(chunkPhases([[sized(10), sized(10)], []], "BinpackNextFit")).toEqual([[], []]);
  });

  test("fills chunks in order, big objects on their own", () => {
    const objects = [sized(600, "a"), sized(600, "b"), sized(100, "c"), sized(2000, "d"), sized(1, "e")];
    const [chunks] = chunkPhases([objects], "BinpackNextFit");
    expect(chunks?.map((chunk) => chunk.map(({ object }) => object.name))).toEqual([
      ["a"],
      ["b", "c"],
      ["d"],
      ["e"],
    ]);
  });

  test("splits phases that only together are too big", () => {
    const phases = [[sized(500)], [sized(700)], [sized(300)]];
    expect(chunkPhases(phases, "BinpackNextFit").map((chunks) => chunks.length)).toEqual([0, 1, 0]);
  });

  test("does as it is told", () => {
    const phases = [[sized(900), sized(900)]];
    expect(chunkPhases(phases, "NoOp")).toEqual([[]]);
    expect(chunkPhases(phases, "EachObject")[0]).toHaveLength(2);
  });

  test("never loses, repeats or reorders objects, and keeps what is inline small", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.integer({ min: 0, max: 900 }), { maxLength: 6 }), { maxLength: 5 }),
        (sizes) => {
          const phases = sizes.map((list) => list.map((kib, index) => sized(kib, String(index))));
          const result = chunkPhases(phases, "BinpackNextFit");
          let inline = 0;
          for (const [index, chunks] of result.entries()) {
            const phase = phases[index] ?? [];
            if (chunks.length > 0) expect(chunks.flat()).toEqual(phase);
            else inline += phase.reduce((sum, { object }) => sum + Buffer.byteLength(encodeJson(object)), 0);
            for (const chunk of chunks.filter(({ length }) => length > 1)) {
              const size = chunk.reduce((sum, { object }) => sum + Buffer.byteLength(encodeJson(object)), 0);
              expect(size).toBeLessThanOrEqual(sliceLimit);
            }
          }
          expect(inline).toBeLessThanOrEqual(sliceLimit);
        },
      ),
      { numRuns: 40 },
    );
  });
});
