import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { array, assert, boolean, constantFrom, integer, property, tuple } from "fast-check";
import { expect, test } from "vitest";
import { diffLines } from "./diff-lines.ts";
import { unifiedDiff } from "./unified-diff.ts";

const names = { from: "FIXTURE/f", to: "ACTUAL/f" };

test("equal texts have no diff", () => {
  expect(unifiedDiff("a\n", "a\n", names)).toBe("");
});

test("changes far apart get hunks of their own, near ones share one", () => {
  const lines = Array.from({ length: 20 }, (_, index) => `l${index + 1}`);
  const changed = lines.with(0, "x").with(7, "y").toSpliced(18, 1);
  expect(unifiedDiff(`${lines.join("\n")}\n`, `${changed.join("\n")}\n`, names)).toBe(`--- FIXTURE/f
+++ ACTUAL/f
@@ -1,11 +1,11 @@
-l1
+x
 l2
 l3
 l4
 l5
 l6
 l7
-l8
+y
 l9
 l10
 l11
@@ -16,5 +16,4 @@
 l16
 l17
 l18
-l19
 l20`);
});

test("a last line without line feed is marked", () => {
  expect(unifiedDiff("a\n", "a", names).split("\n").slice(2)).toEqual([
    "@@ -1 +1 @@",
    "-a",
    "+a",
    "\\ No newline at end of file",
  ]);
  expect(unifiedDiff("", "a\n", names)).toContain("@@ -0,0 +1 @@\n+a");
});

const text = array(constantFrom("a\n", "b\n", "c\n", "d\n"), { maxLength: 25 });

test("taking out and putting in gives the new text", () => {
  assert(
    property(text, text, (from, to) => {
      const { removed, added } = diffLines(from, to);
      const kept = from.filter((_, index) => removed[index] !== true);
      expect(to.filter((_, index) => added[index] !== true)).toEqual(kept);
    }),
  );
});

test("huge differences are still shown", () => {
  const from = Array.from({ length: 5000 }, (_, index) => `a${index}\n`);
  const to = Array.from({ length: 5000 }, (_, index) => `b${index}\n`);
  const { removed, added } = diffLines(from, to);
  expect(removed.every(Boolean) && added.every(Boolean)).toBe(true);
});

const tool = "/usr/bin/diff";
const hasDiff = existsSync(tool);

/** Lines that occur once leave no choice of where a change stands. */
const edits = array(
  tuple(integer({ min: 0, max: 30 }), integer({ min: 0, max: 3 }), integer({ min: 0, max: 2 })),
  {
    minLength: 1,
    maxLength: 5,
  },
);

test.skipIf(!hasDiff)("the text is that of diff -u", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "diff-"));
  const [left, right] = [path.join(folder, "a"), path.join(folder, "b")];
  const labels = ["--label", names.from, "--label", names.to];
  try {
    assert(
      property(edits, boolean(), (changes, open) => {
        const from = Array.from({ length: 30 }, (_, index) => `line ${index}\n`);
        const to = changes.reduce(
          (lines, [at, gone, come]) =>
            lines.toSpliced(
              at,
              gone,
              ...Array.from({ length: come }, (_, index) => `new ${at} ${gone} ${index}\n`),
            ),
          from,
        );
        const [old, next] = [from.join(""), to.join("").slice(0, open ? -1 : undefined)];
        writeFileSync(left, old);
        writeFileSync(right, next);
        const expected = spawnSync(tool, ["-u", ...labels, left, right])
          .stdout.toString()
          .trimEnd();
        expect(unifiedDiff(old, next, names)).toBe(expected);
      }),
      { numRuns: 40 },
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
