import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rewriteManifest } from "./rewrite.ts";

const rules = [{ from: "quay.io/package-operator/", to: "quay.io/erdii-test/pko-mirror/" }];

/** The shape people download, with comments and a layout of its own. */
const manifest = `# Installs Package Operator.
apiVersion: v1
kind: Namespace
metadata:
  name: package-operator-system   # keep
---
apiVersion: batch/v1
kind: Job
metadata:
  name: package-operator-bootstrap
spec:
  template:
    spec:
      containers:
        - name: package-operator
          image: quay.io/package-operator/package-operator-manager:v1.18.2   # the manager
          args: ["-self-bootstrap=quay.io/package-operator/package-operator-package:v1.18.2"]
          env:
            - name: PKO_IMAGE_PREFIX_OVERRIDES
              value: ""
            - name: PKO_NAMESPACE
              valueFrom: {fieldRef: {fieldPath: metadata.namespace}}
`;

const expected = manifest
  .replace('value: ""', 'value: "quay.io/package-operator/=quay.io/erdii-test/pko-mirror/"')
  .replace("image: quay.io/package-operator/", "image: quay.io/erdii-test/pko-mirror/")
  .replace("-self-bootstrap=quay.io/package-operator/", "-self-bootstrap=quay.io/erdii-test/pko-mirror/");

test("the three edits of the documented story, and nothing else", () => {
  const { text, changes } = rewriteManifest(manifest, rules, "job.yaml");
  expect(text).toBe(expected);
  expect(changes.map(({ path }) => path)).toEqual([
    "spec.template.spec.containers.0.image",
    "spec.template.spec.containers.0.args.0",
    "spec.template.spec.containers.0.env.0.value",
  ]);
});

test("a second run changes nothing", () => {
  expect(rewriteManifest(expected, rules, "job.yaml")).toEqual({ text: expected, changes: [], warnings: [] });
});

test("also for a rule whose replacement begins with what it replaces", () => {
  const nested = [{ from: "quay.io/package-operator/", to: "quay.io/package-operator/mirror/" }];
  const once = rewriteManifest(manifest, nested, "job.yaml");
  expect(once.text).toContain("image: quay.io/package-operator/mirror/package-operator-manager:v1.18.2");
  expect(rewriteManifest(once.text, nested, "job.yaml").changes).toEqual([]);
});

describe("the variable", () => {
  test("is added where it is missing", () => {
    const without = manifest.replace(/ +- name: PKO_IMAGE_PREFIX_OVERRIDES\n.*\n/, "");
    const { text, changes } = rewriteManifest(without, rules, "job.yaml");
    expect(text).toContain("name: PKO_IMAGE_PREFIX_OVERRIDES");
    expect(changes).toContainEqual(
      expect.objectContaining({ from: undefined, to: expect.stringContaining("=") }),
    );
    expect(rewriteManifest(text, rules, "job.yaml").changes).toEqual([]);
  });

  test("keeps the rules that are there", () => {
    const present = manifest.replace('value: ""', "value: ghcr.io/=m.io/ghcr/");
    expect(rewriteManifest(present, rules, "job.yaml").text).toContain(
      "value: ghcr.io/=m.io/ghcr/,quay.io/package-operator/=quay.io/erdii-test/pko-mirror/",
    );
  });

  test.each([
    ['value: "quay.io/package-operator/=elsewhere.io/"', "contradict"],
    ["valueFrom: {configMapKeyRef: {name: a, key: b}}", "valueFrom"],
  ])("with %s is refused", (line, part) => {
    const rewrite = (): unknown => rewriteManifest(manifest.replace('value: ""', line), rules, "job.yaml");
    expect(rewrite).toThrow(expect.objectContaining({ code: "manifest", subject: "job.yaml" }));
    expect(rewrite).toThrow(part);
  });
});

test("whatever the rules, a second run changes nothing", () => {
  const segment = fc.stringMatching(/^[a-z]{1,5}$/);
  const prefix = fc
    .tuple(
      fc.constantFrom("quay.io/", "quay.io/package-operator/", "mirror.example/"),
      fc.array(segment, { maxLength: 2 }),
    )
    .map(([host, path]) => host + path.map((part) => `${part}/`).join(""));
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.record({ from: prefix, to: prefix }), { maxLength: 3, selector: ({ from }) => from }),
      (some) => {
        const once = rewriteManifest(manifest, some, "job.yaml");
        expect(rewriteManifest(once.text, some, "job.yaml").changes).toEqual([]);
      },
    ),
  );
});
