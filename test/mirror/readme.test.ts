import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";

const root = path.resolve(import.meta.dirname, "../..");
const rows = readFileSync(path.join(import.meta.dirname, "README.md"), "utf8")
  .split("\n")
  .filter((line) => line.startsWith("| ") && !line.startsWith("| ---") && !line.startsWith("| what goes"));

const read = (name: string): string => {
  const place = name.includes("/") ? path.join(root, name) : path.join(import.meta.dirname, name);
  const candidates = name.endsWith(".ts") ? [place] : [`${place}.test.ts`, `${place}.ts`];
  for (const file of candidates) {
    try {
      return readFileSync(file, "utf8");
    } catch {
      // The next one, or none.
    }
  }
  return "";
};

test.each(rows.map((row) => [row.split("|")[1]!.trim(), row.split("|")[3]!.trim()] as const))(
  "%s: its tests exist",
  (_what, tests) => {
    const named = [...tests.matchAll(/`([^`]+)`(?:: ([^`|]+))?/g)].filter(([, name]) => /[/a-z]/.test(name!));
    expect(named.length).toBeGreaterThan(0);
    for (const [, name, titles] of named) {
      const text = read(name!);
      expect(text, name).not.toBe("");
      const parts = (titles ?? "").split(";").flatMap((title) => title.split("..."));
      for (const part of parts) expect(text).toContain(part.trim());
    }
  },
);
