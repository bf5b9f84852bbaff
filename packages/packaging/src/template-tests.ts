import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { joinDocuments, splitDocuments } from "@package-operator/kube-yaml";
import { isConfigMapKey } from "@package-operator/schema";
import { admitConfig } from "./configuration.ts";
import { PackageError, violationError } from "./errors.ts";
import type { FetchSchema } from "./kubeconform/fetch-schema.ts";
import { createSchemaChecker, type SchemaChecker } from "./kubeconform/schema-checker.ts";
import { placeholderImages } from "./locked-images.ts";
import type { Package, TemplateTest } from "./manifest.ts";
import { isObjectFile } from "./parse-objects.ts";
import { comparePaths, componentsFolder, fixturesFolder, type PackageFiles } from "./raw-package.ts";
import { type Rendering, renderDetails } from "./render-package.ts";
import { unifiedDiff } from "./unified-diff.ts";

/** What a run of template tests did. */
export interface TemplateTestResult {
  /** Folders of fixtures that were missing and have been written. */
  readonly written: readonly string[];
}

export interface TemplateTestOptions {
  /** Gets schemas for `test.kubeconform`. Default: from files and over HTTP. */
  readonly fetchSchema?: FetchSchema;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Renders a package, and its components, with the contexts of `test.template` and compares the results with the files
 * below `.test-fixtures/<test>`. Missing fixtures are written instead. With `test.kubeconform` rendered and static objects
 * are also held to the schemas of their kinds.
 *
 * @param folder where the package lies.
 * @throws PackageError with every difference of a part, `io` when fixtures cannot be read or written.
 */
export async function runTemplateTests(
  pkg: Package,
  folder: string,
  options: TemplateTestOptions = {},
): Promise<TemplateTestResult> {
  const parts = [
    ...pkg.components.map((part) => ({
      part,
      folder: path.join(folder, componentsFolder, part.manifest.metadata.name),
    })),
    { part: pkg, folder },
  ];
  const written: string[] = [];
  for (const entry of parts) written.push(...(await testPart(entry.part, entry.folder, options)));
  return { written };
}

async function testPart(part: Package, folder: string, options: TemplateTestOptions): Promise<string[]> {
  const { kubeconform, template } = part.manifest.test;
  const { signal, fetchSchema: fetch } = options;
  const checker =
    kubeconform === undefined
      ? undefined
      : await createSchemaChecker(kubeconform, fetch === undefined ? {} : { fetch });
  const findings: PackageError[] = [];
  const written: string[] = [];
  for (const test of template) {
    signal?.throwIfAborted();
    const rendering = renderTest(part, test);
    const expected = expectedFiles(rendering);
    const fixtures = path.join(folder, fixturesFolder, test.name);
    if (await exists(fixtures)) {
      findings.push(...(await checkSchemas(checker, rendering.files, { names: expected.keys(), signal })));
      findings.push(...(await compare(test.name, expected, fixtures)));
    } else {
      await writeFixtures(expected, fixtures);
      written.push(fixtures);
    }
  }
  const plain = [...part.files.keys()].filter(isObjectFile).toSorted(comparePaths);
  findings.push(...(await checkSchemas(checker, part.files, { names: plain, signal })));
  if (findings.length === 0) return written;
  throw new PackageError("violation", findings.map(({ message }) => message).join("\n"), {
    violations: findings.flatMap(({ violations }) => violations),
  });
}

async function checkSchemas(
  checker: SchemaChecker | undefined,
  files: PackageFiles,
  options: { readonly names: Iterable<string>; readonly signal: AbortSignal | undefined },
): Promise<PackageError[]> {
  const findings: PackageError[] = [];
  for (const name of checker === undefined ? [] : options.names) {
    const text = Buffer.from(files.get(name) ?? "").toString("utf8");
    const violations = (await checker?.check(name, text, options.signal)) ?? [];
    if (violations.length > 0) findings.push(violationError(...violations));
  }
  return findings;
}

function renderTest(part: Package, { name, context }: TemplateTest): Rendering {
  const [problem] = isConfigMapKey(name);
  if (problem !== undefined)
    throw new PackageError("fields", `test.template: Invalid value: "${name}": ${problem}`);
  return renderDetails(part, {
    package: context.package,
    // What is wrong with the configuration is for validation to say.
    config: admitConfig(part.manifest, context.config).config,
    ...placeholderImages(part.manifest),
    environment: context.environment,
  });
}

/** Texts of the object files after filtering; undefined where filtering left nothing. */
type ExpectedFiles = ReadonlyMap<string, string | undefined>;

function expectedFiles({ files, allObjects, droppedFiles, droppedObjects }: Rendering): ExpectedFiles {
  const paths = [...new Set(allObjects.map((object) => object.path))].filter(
    (name) => !droppedFiles.has(name),
  );
  return new Map(
    paths.map((name) => {
      const text = Buffer.from(files.get(name) ?? "").toString("utf8");
      const dropped = new Set(
        droppedObjects.filter((object) => object.path === name).map(({ document }) => document),
      );
      const kept = dropped.size === 0 ? text : withoutDocuments(text, dropped);
      return [name, kept.trim() === "" ? undefined : kept];
    }),
  );
}

function withoutDocuments(text: string, dropped: ReadonlySet<number>): string {
  return joinDocuments(splitDocuments(text).filter((_, index) => !dropped.has(index)));
}

async function compare(test: string, expected: ExpectedFiles, fixtures: string): Promise<PackageError[]> {
  const present = await listFiles(fixtures, "");
  // Helper files hold no objects; older fixtures may contain them.
  const stray = present.filter(
    (name) => !expected.has(name) && (isObjectFile(name) || !/(?:^|\/)_/.test(name)),
  );
  const findings = stray.map(
    (name) =>
      new PackageError("violation", `file ${name} should not exist, filtered or empty after template render`),
  );
  for (const [name, actual] of expected) {
    const finding = await compareFile(
      { test, name, actual },
      present.includes(name) ? fixtures : undefined,
      fixtures,
    );
    if (finding !== undefined) findings.push(finding);
  }
  return findings;
}

async function compareFile(
  rendered: { readonly test: string; readonly name: string; readonly actual: string | undefined },
  folder: string | undefined,
  fixtures: string,
): Promise<PackageError | undefined> {
  const { test, name, actual } = rendered;
  const file = path.join(fixtures, name);
  if (folder === undefined) {
    if (actual === undefined) return undefined;
    throw new PackageError("violation", `file ${file} not found in fixtures folder`);
  }
  const base = path.posix.basename(name);
  const fixture = (await access(file, () => readFile(file))).toString("utf8");
  const subject = unifiedDiff(fixture, actual ?? "", { from: `FIXTURE/${base}`, to: `ACTUAL/${base}` });
  if (subject === "") return undefined;
  return violationError({ reason: "fixture-mismatch", path: name, details: `Testcase "${test}"`, subject });
}

async function writeFixtures(expected: ExpectedFiles, fixtures: string): Promise<void> {
  await access(fixtures, () => mkdir(fixtures, { recursive: true }));
  for (const [name, text] of expected) {
    if (text === undefined) continue;
    const file = path.join(fixtures, name);
    await access(file, async () => {
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, text);
    });
  }
}

/** Every file below a folder by its relative path; symbolic links are followed. */
async function listFiles(root: string, below: string): Promise<string[]> {
  const folder = path.join(root, below);
  const names = await access(folder, () => readdir(folder));
  const found: string[] = [];
  for (const name of names.toSorted()) {
    const relative = below === "" ? name : `${below}/${name}`;
    const entry = path.join(root, relative);
    const info = await access(entry, () => stat(entry));
    found.push(...(info.isDirectory() ? await listFiles(root, relative) : [relative]));
  }
  return found;
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    (error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
      throw fixtureError(file, error);
    },
  );
}

async function access<T>(file: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw fixtureError(file, error);
  }
}

function fixtureError(file: string, cause: unknown): PackageError {
  return new PackageError("io", `fixture ${file}: ${(cause as Error).message}`, { cause });
}
