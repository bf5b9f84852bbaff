import { describe, expect, test } from "vitest";
import { loadPackage } from "../load-package.ts";
import { imageUses } from "./image-uses.ts";
import { lintPackage } from "./lint-package.ts";

const manifest = (
  images: readonly string[] = [],
): string => `apiVersion: manifests.package-operator.run/v1alpha1
kind: PackageManifest
metadata: {name: shed}
spec:
  scopes: [Namespaced]
  phases: [{name: deploy}]
  images: [${images.map((name) => `{name: ${name}, image: "quay.io/yard/${name}:v1"}`).join(", ")}]
`;

function lint(files: Readonly<Record<string, string>>, images: readonly string[] = []): string[] {
  const all = { "manifest.yaml": manifest(images), ...files };
  const raw = new Map(Object.entries(all).map(([path, text]) => [path, Buffer.from(text)]));
  return lintPackage(loadPackage({ files: raw, labels: {} })).map(
    ({ code, message }) => `${code}: ${message}`,
  );
}

test("nothing to say about a package that uses what it declares", () => {
  expect(lint({ "a.yaml.gotmpl": "image: {{ .images.web }}\n" }, ["web"])).toEqual([]);
});

test("an error in the third template of ten is found without test contexts, and the others are still read", () => {
  const good = Object.fromEntries(
    [1, 2, 4, 5, 6, 7, 8, 9].map((n) => [`${n}.yaml.gotmpl`, "{{ .config.x }}"]),
  );
  const findings = lint({ ...good, "3.yaml.gotmpl": "{{ if }}", "10.yaml.gotmpl": "{{ nope 1 }}" });
  expect(findings).toEqual([
    'template: template: 10.yaml.gotmpl:1: function "nope" not defined',
    "template: template: 3.yaml.gotmpl:1: missing value for if",
  ]);
});

test("images used and not declared, declared and not used", () => {
  expect(lint({ "a.yaml.gotmpl": "image: {{ .images.wbe }}\n" }, ["web"])).toEqual([
    'undeclared-image: image "wbe" is used in a.yaml.gotmpl, but not in spec.images of the manifest',
    'unused-image: image "web" is in spec.images of the manifest, but no template uses it',
  ]);
  expect(lint({ "a.yaml.gotmpl": "{{ range .images }}{{ . }}{{ end }}" }, ["web"])).toEqual([]);
});

test("images that stand in the lock alone", () => {
  const lock = `apiVersion: manifests.package-operator.run/v1alpha1
kind: PackageManifestLock
metadata: {creationTimestamp: "2026-01-01T00:00:00Z"}
spec: {images: [{name: old, image: quay.io/yard/old:v1, digest: "sha256:${"0".repeat(64)}"}]}
`;
  expect(lint({ "manifest.lock.yaml": lock })).toEqual([
    'unused-image: image "old" is in the lock, but no template uses it',
  ]);
});

test("images that are written out", () => {
  const text = `spec:
  containers:
  - image: quay.io/yard/web:v1 # pinned
    name: a
  - name: b
    image: "nginx"
  - image: {{ .images.web }}
  - image: quay.io/yard/{{ .config.name }}:v1
  properties:
    image:
      type: string
`;
  const findings = lint(
    { "a.yaml.gotmpl": text, "_helper.gotmpl": "image: x/yy:1", "notes.md": "image: x/yy:1" },
    ["web"],
  );
  expect(findings.map((finding) => finding.slice(0, 62))).toEqual(
    [
      'literal-image: image "quay.io/yard/web:v1" is written out in a.',
      'literal-image: image "nginx" is written out in a.yaml.gotmpl l',
    ].map((finding) => finding.slice(0, 62)),
  );
});

test("images that are written out in flow style", () => {
  const text =
    'containers: [{name: a, image: quay.io/yard/a:v1}, {"image": "quay.io/yard/b:v1", name: b}, {image: "{{ .images.web }}"}]\n';
  expect(lint({ "a.yaml.gotmpl": text }, ["web"]).map((finding) => finding.slice(0, 40))).toEqual([
    'literal-image: image "quay.io/yard/a:v1"',
    'literal-image: image "quay.io/yard/b:v1"',
  ]);
});

describe("conditions", () => {
  const withFilter = (filter: string): string => `${manifest()}  filter:\n    ${filter}\n`;
  const annotated = (condition: string): string => `apiVersion: v1
kind: ConfigMap
metadata:
  name: plan
  annotations:
    package-operator.run/phase: deploy
    package-operator.run/condition: ${condition}
`;

  test.each([
    ["config.size > 3", []],
    ["has(config.size) && !has(environment.openShift)", []],
    ["cond.large", []],
    ["'config.size == 3'", []],
    ['"{{ .config.condition }}"', []],
    ['"false"', ["constant-condition: condition in a.yaml line 7 is always false: it depends on nothing"]],
    ["1 < 2", ["constant-condition: condition in a.yaml line 7 is always true: it depends on nothing"]],
    ['"1"', ["invalid-condition: condition in a.yaml line 7: invalid return type: int, expected bool"]],
    [
      "confg.size > 3",
      [
        "invalid-condition: condition in a.yaml line 7: CEL expression compilation error: " +
          "ERROR: <input>:1:1: undeclared reference to 'confg' (in container '')",
      ],
    ],
  ])("%s on an object", (condition, findings) => {
    expect(lint({ "a.yaml": annotated(condition) })).toEqual(findings);
  });

  test("with a name, used and unused", () => {
    const filter =
      "conditions: [{name: large, expression: config.size > 3}, {name: old, expression: config.size < 3}]";
    const files = { "manifest.yaml": withFilter(filter) };
    expect(lint({ ...files, "a.yaml": annotated("cond.large") })).toEqual([
      'unused-condition: condition "old" of spec.filter.conditions is used nowhere',
    ]);
    expect(lint({ ...files, "a.yaml.gotmpl": `{{ if cel "cond['old'] || cond.large" }}{{ end }}` })).toEqual(
      [],
    );
    expect(lint({ ...files, "a.yaml": annotated("cond.exists(name, cond[name])") })).toEqual([]);
  });

  test("on paths", () => {
    const filter = `paths: [{glob: "extra/**", expression: "true"}, {glob: "*.yaml", expression: config.size > 3}]`;
    expect(lint({ "manifest.yaml": withFilter(filter), "a.yaml.gotmpl": "" })).toEqual([
      'constant-condition: condition for "extra/**" of spec.filter.paths is always true: it depends on nothing',
      'unmatched-path: "extra/**" of spec.filter.paths matches no file with objects',
    ]);
  });
});

describe("spellings of uses", () => {
  test.each([
    ["{{ .images.web }}", ["web"], false],
    ["{{ $.images.web }}", ["web"], false],
    ['{{ index .images "web-app" }}', ["web-app"], false],
    ['{{ index $.images "web" | quote }}', ["web"], false],
    ['{{- with index . "images" "web" }}{{ . }}{{ end -}}', ["web"], false],
    ["{{ (.images).web }}", ["web"], false],
    ["{{/* .images.web */}} .images.web", [], false],
    ["{{ index .images .config.name }}", [], true],
    ['{{ include "x" (dict "images" .images) }}', [], true],
  ])("%s", (template, names, isOpen) => {
    const uses = imageUses(template);
    expect({ names: [...uses.names], isOpen: uses.isOpen }).toEqual({ names, isOpen });
  });
});
