import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";

const root = path.resolve(import.meta.dirname, "..");
const scope = "@package-operator/";

interface Row {
  name: string;
  imports: string[];
}

/** The layer table of ARCHITECTURE.md: `| layer | package | imports | …`. */
function readTable(): Row[] {
  const rows: Row[] = [];
  for (const line of readFileSync(path.join(root, "ARCHITECTURE.md"), "utf8").split("\n")) {
    const cells = line.split("|").map((cell) => cell.trim());
    const name = /^`([a-z-]+)`$/.exec(cells[2] ?? "")?.[1];
    if (name === undefined) continue;
    rows.push({ name, imports: [...(cells[3] ?? "").matchAll(/`([a-z-]+)`/g)].map((match) => match[1]!) });
  }
  return rows;
}

function sourceFiles(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => path.join(entry.parentPath, entry.name));
}

function readJson(file: string): Record<string, unknown> {
  return JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
}

/** Every module specifier of a source file, static and dynamic. */
function specifiers(file: string): string[] {
  const text = readFileSync(file, "utf8");
  const statement =
    /^(?:import|export)\b[^"]*?\bfrom "([^"]+)";$|^import "([^"]+)";$|\bimport\("([^"]+)"\)/gm;
  return [...text.matchAll(statement)].map((match) => match[1] ?? match[2] ?? match[3]!);
}

const table = readTable();

describe("the layer table", () => {
  test("names every package once", () => {
    const folders = readdirSync(path.join(root, "packages")).toSorted();
    expect(table.map((row) => row.name).toSorted()).toEqual(folders);
  });

  test("only points downwards", () => {
    const seen = new Set<string>();
    for (const row of table) {
      for (const imported of row.imports) expect(seen, `${row.name} imports ${imported}`).toContain(imported);
      seen.add(row.name);
    }
  });
});

describe.each(table)("$name", ({ name, imports }) => {
  const dir = path.join(root, "packages", name);

  test("package.json declares the imports of the table", () => {
    const dependencies = Object.keys(readJson(path.join(dir, "package.json")).dependencies ?? {});
    const internal = dependencies
      .filter((key) => key.startsWith(scope))
      .map((key) => key.slice(scope.length));
    expect(internal.toSorted()).toEqual(imports.toSorted());
  });

  test("tsconfig.build.json references the imports of the table", () => {
    const references = readJson(path.join(dir, "tsconfig.build.json")).references as { path: string }[];
    expect(references.map((reference) => path.basename(path.dirname(reference.path))).toSorted()).toEqual(
      imports.toSorted(),
    );
  });

  test("source files import only what is declared, and never another package's inside", () => {
    const manifest = readJson(path.join(dir, "package.json"));
    const declared = new Set(Object.keys(manifest.dependencies ?? {}));
    for (const file of sourceFiles(path.join(dir, "src"))) {
      const isTest = file.endsWith(".test.ts") || file.includes("/testing/");
      for (const specifier of specifiers(file)) {
        if (specifier.startsWith("node:")) continue;
        if (specifier.startsWith(".")) {
          const target = path.resolve(path.dirname(file), specifier);
          expect(target.startsWith(dir + path.sep), `${file} imports ${specifier}`).toBe(true);
          continue;
        }
        if (isTest && !specifier.startsWith(scope)) continue;
        const parts = specifier.split("/");
        const pkg = specifier.startsWith("@") ? parts.slice(0, 2).join("/") : parts[0]!;
        const allowed = specifier.startsWith(scope)
          ? specifier === pkg && declared.has(pkg)
          : declared.has(pkg);
        // A test of a lower package must not reach up either.
        expect(allowed, `${file} imports ${specifier}`).toBe(true);
      }
    }
  });
});
