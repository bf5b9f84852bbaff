import { type Arbitrary, assert, jsonValue, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeYaml } from "./decode-yaml.ts";
import { editYaml } from "./edit-yaml.ts";
import { encodeYaml } from "./encode-yaml.ts";
import { YamlError } from "./errors.ts";
import type { JsonValue } from "./json-value.ts";

const job = `# The bootstrap Job.
apiVersion: batch/v1
kind: Job   # runs once
metadata:
  name: "bootstrap"
---
# second document
spec:
  containers:
  - name: manager
    image: quay.io/org/manager:v1 # pinned by the release

    args:
    - -self-bootstrap
    env:
    # where packages come from
    - name: A
      value: 'x'
    resources: {limits: {cpu: 1}}
`;

describe("set", () => {
  test("replaces a scalar and nothing else", () => {
    const editor = editYaml(job);
    editor.set(["spec", "containers", 0, "image"], "mirror.local/org/manager:v1", { document: 1 });
    expect(editor.toString()).toBe(job.replace("quay.io/org/manager:v1", "mirror.local/org/manager:v1"));
  });

  test("keeps the quotes that were there", () => {
    const editor = editYaml(job);
    editor.set(["metadata", "name"], "other");
    editor.set(["spec", "containers", 0, "env", 0, "value"], "it's", { document: 1 });
    expect(editor.toString()).toBe(job.replace('"bootstrap"', '"other"').replace("'x'", "'it''s'"));
  });

  test("adds a missing key at the end of its mapping", () => {
    const editor = editYaml(job);
    editor.set(["metadata", "labels", "a"], "1");
    expect(editor.toString()).toBe(
      job.replace('name: "bootstrap"\n', 'name: "bootstrap"\n  labels:\n    a: "1"\n'),
    );
  });

  test("fills an empty value", () => {
    const editor = editYaml("a:\nb: 1\n");
    editor.set(["a"], "x");
    expect(editor.toString()).toBe("a: x\nb: 1\n");
  });

  test("replaces a block by a scalar and a scalar by a block", () => {
    const editor = editYaml("a:\n  b: 1\n  c: 2\nd: 3\n");
    editor.set(["a"], "x");
    expect(editor.toString()).toBe("a: x\nd: 3\n");
    editor.set(["d"], { e: ["f"] });
    expect(editor.toString()).toBe("a: x\nd:\n  e:\n  - f\n");
  });

  test("refuses what would change something else and leaves the text alone", () => {
    const text = "a: &x {k: 1}\nb: *x\n";
    const editor = editYaml(text);
    expect(() => editor.set(["a", "k"], 2)).toThrow(YamlError);
    expect(editor.toString()).toBe(text);
  });

  test("names a document that is not there", () => {
    expect(() => editYaml("a: 1\n").set(["a"], 2, { document: 3 })).toThrow("names document 3");
  });
});

describe("insert", () => {
  test("appends to a list, in the list's own column", () => {
    const editor = editYaml(job);
    editor.insert(["spec", "containers", 0, "env"], { name: "B", value: "y" }, { document: 1 });
    expect(editor.toString()).toBe(
      job.replace("value: 'x'\n", "value: 'x'\n    - name: B\n      value: \"y\"\n"),
    );
  });

  test("inserts in front and keeps comments with their entry", () => {
    const editor = editYaml("l:\n  - a # first\n  # about b\n  - b\n");
    editor.insert(["l"], "z", { index: 0 });
    editor.insert(["l"], "m", { index: 2 });
    expect(editor.toString()).toBe("l:\n  - z\n  - a # first\n  - m\n  # about b\n  - b\n");
  });

  test("works inside brackets, on missing lists and without a final line break", () => {
    const editor = editYaml("a: [x]\nb: []\nc:\n- d");
    editor.insert(["a"], "y, z");
    editor.insert(["b"], 1);
    editor.insert(["c"], "e");
    editor.insert(["f"], "g");
    expect(editor.toString()).toBe('a: [x, "y, z"]\nb: [1]\nc:\n- d\n- e\nf:\n- g');
  });
});

test("remove takes whole entries", () => {
  const editor = editYaml(
    "a: 1 # one\nb:\n- c: 1\n  d: 2\n- e\nf: {g: 1, h: 2}\ni:\n  j: |\n    text\nk: 1\n",
  );
  editor.remove(["a"]);
  editor.remove(["b", 0, "c"]);
  editor.remove(["b", 1]);
  editor.remove(["f", "h"]);
  editor.remove(["i", "j"]);
  editor.remove(["nothing", "here"]);
  expect(editor.toString()).toBe("b:\n- d: 2\nf: {g: 1}\ni: {}\nk: 1\n");
});

test("emptied collections become brackets, also below comments and at the root", () => {
  const editor = editYaml("a:\n- x\nb: # why\n- x\nc: {d: 1}\ne:\n- - x\n");
  editor.remove(["a", 0]);
  editor.remove(["b", 0]);
  editor.remove(["c", "d"]);
  editor.remove(["e", 0, 0]);
  expect(editor.toString()).toBe("a: []\nb: # why\n  []\nc: {}\ne:\n- []\n");
  const root = editYaml("---\n- x\n");
  root.remove([0]);
  expect(root.toString()).toBe("---\n[]\n");
  root.set([], { a: ["b"] });
  expect(root.toString()).toBe("---\na:\n- b\n");
});

test("values inside brackets stay inside brackets", () => {
  const editor = editYaml("a: {b: 1, c: [x]}\n");
  editor.set(["a", "b"], { d: "plain", e: "a: b" });
  editor.set(["a", "new"], "text");
  editor.insert(["a", "c"], { f: null });
  expect(editor.toString()).toBe('a: {b: {d: plain, e: "a: b"}, c: [x, {f: null}], new: text}\n');
});

test("a block scalar gives way to one line", () => {
  const editor = editYaml("a: |\n  text\n  more\nb: 1\n");
  editor.set(["a"], "short");
  expect(editor.toString()).toBe("a: short\nb: 1\n");
  editor.set(["b"], "two\nlines\n");
  expect(editor.toString()).toBe("a: short\nb: |\n  two\n  lines\n");
});

test("CRLF texts stay CRLF", () => {
  const editor = editYaml("a:\r\n- b\r\n");
  editor.insert(["a"], "c");
  expect(editor.toString()).toBe("a:\r\n- b\r\n- c\r\n");
});

const json: Arbitrary<JsonValue> = jsonValue({ maxDepth: 3 }) as Arbitrary<JsonValue>;

test("any value can be set, appended and removed in a commented text", () => {
  const text = "# head\na: 1 # one\n\nlist:\n- x # first\n# tail\n";
  assert(
    property(json, (value) => {
      const normal = decodeYaml(encodeYaml(value));
      const editor = editYaml(text);
      editor.set(["a"], value);
      editor.insert(["list"], value);
      editor.set(["new", "deep"], value);
      expect(editor.get(["a"])).toEqual(normal);
      expect(editor.get(["list", 1])).toEqual(normal);
      expect(editor.get(["new", "deep"])).toEqual(normal);
      for (const comment of ["# head", "# one", "# first", "# tail"])
        expect(editor.toString()).toContain(comment);
      editor.remove(["new"]);
      editor.remove(["list", 1]);
      editor.set(["a"], 1);
      expect(decodeYaml(editor.toString())).toEqual({ a: 1, list: ["x"] });
    }),
    { numRuns: 200 },
  );
});
