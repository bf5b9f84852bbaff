import { describe, expect, test } from "vitest";
import { renderDetails, renderPackage } from "./render-package.ts";
import { configMap, failure, sampleContext, samplePackage } from "./testing/sample-package.ts";

const names = (pkg: ReturnType<typeof samplePackage>): unknown[] =>
  renderPackage(pkg, sampleContext()).map(({ object }) => (object["metadata"] as { name: string }).name);

test("objects come by path, a folder's content right behind its name, and by document", () => {
  const one = (name: string): string => configMap(name);
  const pkg = samplePackage({
    "b.yaml": `${one("b1")}---\n${one("b2")}`,
    "a.yaml": one("a"),
    "a-b.yaml": one("a-b"),
    "a/z.yaml": one("z"),
    "a/b/c.yml": one("c"),
    "_skipped.yaml": one("skipped"),
    "notes.txt": one("notes"),
  });
  expect(names(pkg)).toEqual(["c", "z", "a-b", "a", "b1", "b2"]);
});

describe("templates", () => {
  test("share definitions across files, replace plain files and read other files", () => {
    const pkg = samplePackage({
      "_h.gotmpl": `{{ define "name" }}n-{{ .package.metadata.name }}{{ end }}`,
      "a.yaml": "not: looked at\n",
      "a.yaml.gotmpl": configMap(`{{ include "name" . }}-{{ getFile "part.txt" }}`),
      "part.txt": "x",
    });
    expect(names(pkg)).toEqual(["n-instance-x"]);
  });

  test("an absent label is an empty text, not a word", () => {
    const pkg = samplePackage({ "a.yaml.gotmpl": configMap(`na{{ index .package.metadata.labels "x" }}`) });
    expect(names(pkg)).toEqual(["na"]);
  });

  test("evaluate conditions of the package", () => {
    const pkg = samplePackage(
      { "a.yaml.gotmpl": configMap(`n-{{ cel "cond.big" }}`) },
      "  filter:\n    conditions: [{name: big, expression: config.n > 2.0}]\n",
    );
    const context = sampleContext({ config: { n: 3 } });
    expect(renderPackage(pkg, context)[0]?.object).toMatchObject({ metadata: { name: "n-true" } });
  });

  test.each([
    [
      "{{ if }}",
      /^parsing template from a\.yaml\.gotmpl: template: a\.yaml\.gotmpl:1: missing value for if$/,
    ],
    [
      "{{ .config.x }}",
      /^executing template from a\.yaml\.gotmpl with context map\[config:map\[\] .*map has no entry for key "x"$/,
    ],
  ])("%s fails with its place", async (template, message) => {
    const pkg = samplePackage({ "a.yaml.gotmpl": template });
    expect(await failure(() => renderPackage(pkg, sampleContext()))).toEqual({
      code: "template",
      message: expect.stringMatching(message),
    });
  });
});

describe("filters", () => {
  const filter = (paths: string): string =>
    `  filter:\n    conditions: [{name: never, expression: "false"}]\n${paths}`;

  test("take out files by path and objects by annotation", () => {
    const pkg = samplePackage(
      {
        "dir/a.yaml": configMap("a"),
        "b.yaml": `${configMap("b1")}---\n${configMap("b2", "first", ["package-operator.run/condition: cond.never"])}`,
      },
      filter(
        "    paths: [{glob: 'dir/*', expression: cond.never}, {glob: '**', expression: '!cond.never'}]\n",
      ),
    );
    const { objects, droppedFiles, droppedObjects } = renderDetails(pkg, sampleContext());
    expect(objects.map(({ path, index }) => [path, index])).toEqual([["b.yaml", 0]]);
    expect([...droppedFiles]).toEqual(["dir/a.yaml"]);
    expect(droppedObjects.map(({ path, document }) => [path, document])).toEqual([["b.yaml", 1]]);
  });

  test("come after the object checks: what they would take out must be valid", async () => {
    const pkg = samplePackage({
      "a.yaml": configMap("a", "nowhere", ['package-operator.run/condition: "false"']),
    });
    expect(await failure(() => renderPackage(pkg, sampleContext()))).toEqual({
      code: "violation",
      message: "Phase name not found in manifest in a.yaml idx 0",
    });
  });

  test.each([
    [
      "constructing CEL context: invalid CEL condition name: 'a-b'",
      "    conditions: [{name: a-b, expression: 'true'}]",
    ],
    ["syntax error in pattern", "    paths: [{glob: '[', expression: 'false'}]"],
    [
      "invalid spec.conditionalPaths expression: x: program evaluation error: no such key: y",
      "    paths: [{glob: x, expression: config.y}]",
    ],
  ])("%s", async (message, lines) => {
    const pkg = samplePackage({ "a.yaml": configMap("a") }, `  filter:\n${lines}\n`);
    expect(await failure(() => renderPackage(pkg, sampleContext()))).toEqual({ code: "template", message });
  });

  test("an annotation that cannot be evaluated is a violation that names the object", async () => {
    const pkg = samplePackage({
      "a.yaml": configMap("obj", "first", ["package-operator.run/condition: config.y"]),
    });
    expect(await failure(() => renderPackage(pkg, sampleContext()))).toEqual({
      code: "violation",
      message:
        "The CEL expression in package-operator.run/condition annotation is invalid.: program evaluation error: no such key: y\nobj",
    });
  });
});
