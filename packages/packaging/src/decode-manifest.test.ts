import { describe, expect, test } from "vitest";
import { decodeLock, decodeManifest } from "./decode-manifest.ts";

const header = "apiVersion: manifests.package-operator.run/v1alpha1\nkind: PackageManifest\n";

test("scalars become text where text is wanted, as YAML files leave quotes off", () => {
  const { metadata, spec } = decodeManifest(
    `${header}metadata: {name: 5, labels: {version: 1.10, on: y}}\nspec: {images: [{name: 0x10, image: 1e3}]}\n`,
    "manifest.yaml",
  );
  expect(metadata).toEqual({ name: "5", labels: { version: "1.1", true: "true" } });
  expect(spec.images).toEqual([{ name: "16", image: "1000" }]);
});

test("field names match without regard to case, an exact match first", () => {
  const { spec } = decodeManifest(`${header}SPEC: {Scopes: [a], scopes: [b], PHASES: [{Name: p}]}\n`, "m");
  expect(spec.scopes).toEqual(["b"]);
  expect(spec.phases).toEqual([{ name: "p", class: "" }]);
});

test("unknown fields are ignored and null is absent", () => {
  const { spec } = decodeManifest(`${header}spec: {nope: 1, components: null, images: null}\nmore: 1\n`, "m");
  expect(spec.components).toBeUndefined();
  expect(spec.images).toEqual([]);
});

test("schemas and probes are read by type, so that later code can rely on them", () => {
  const { spec } = decodeManifest(
    `${header}spec:
  availabilityProbes: [{probes: [{condition: {type: A, status: yes}}], selector: {kind: {group: apps, kind: D}}}]
  config:
    openAPIV3Schema:
      type: object
      description: 1.0
      unknown: x
      properties: {a: {type: string, enum: [null, x], default: null}, b: null, c: {type: array, items: {type: string}}}
`,
    "m",
  );
  expect(spec.availabilityProbes).toEqual([
    {
      probes: [{ condition: { type: "A", status: "true" } }],
      selector: { kind: { group: "apps", kind: "D" } },
    },
  ]);
  expect(spec.config.openAPIV3Schema).toEqual({
    type: "object",
    description: "1",
    properties: {
      a: { type: "string", enum: [null, "x"] },
      b: {},
      c: { type: "array", items: { type: "string" } },
    },
  });
});

describe("schemas of the wrong shape are refused", () => {
  test.each([
    [
      "{properties: [1]}",
      "cannot unmarshal array into Go struct field JSONSchemaProps.spec.config.openAPIV3Schema.properties of type map[string]v1.JSONSchemaProps",
    ],
    [
      "{required: x}",
      "cannot unmarshal string into Go struct field JSONSchemaProps.spec.config.openAPIV3Schema.required of type []string",
    ],
    [
      "{minLength: x}",
      "cannot unmarshal string into Go struct field JSONSchemaProps.spec.config.openAPIV3Schema.minLength of type int64",
    ],
    [
      "{nullable: 1}",
      "cannot unmarshal number into Go struct field JSONSchemaProps.spec.config.openAPIV3Schema.nullable of type bool",
    ],
    ["{additionalProperties: x}", "boolean or JSON schema expected"],
  ])("%s", (schema, message) => {
    expect(() => decodeManifest(`${header}spec: {config: {openAPIV3Schema: ${schema}}}`, "m")).toThrow(
      message,
    );
  });
});

test("a lock keeps images and dependencies", () => {
  const text = header.replace("Manifest\n", "ManifestLock\n");
  const lock = decodeLock(
    `${text}spec: {images: [], dependencies: [{name: d, image: i, digest: x, version: 1.2}]}\n`,
    "manifest.lock.yaml",
  );
  expect(lock.spec).toEqual({
    images: [],
    dependencies: [{ name: "d", image: "i", digest: "x", version: "1.2" }],
  });
});

describe("what cannot be read names its file", () => {
  test.each([
    [
      "\t",
      "Invalid YAML in f.yaml: error converting YAML to JSON: yaml: found character that cannot start any token",
    ],
    [
      "- 1",
      "Invalid YAML in f.yaml: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value of type v1.TypeMeta",
    ],
    [
      `${header}spec: {images: {}}`,
      "Invalid YAML in f.yaml: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal object into Go struct field PackageManifestSpec.spec.images of type []v1alpha1.PackageManifestImage",
    ],
    ["", "unknown GVK in f.yaml: GroupKind must be PackageManifest.manifests.package-operator.run, is: "],
    [
      "apiVersion: a/b/c\nkind: X",
      "unknown GVK in f.yaml: GroupKind must be PackageManifest.manifests.package-operator.run, is: X",
    ],
  ])("%j", (text, message) => {
    expect(() => decodeManifest(text, "f.yaml")).toThrow(message);
  });
});
