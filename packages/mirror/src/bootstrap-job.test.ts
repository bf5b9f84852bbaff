import { describe, expect, test } from "vitest";
import { bootstrapRequests, findBootstrapArgument } from "./bootstrap-job.ts";

const job = (container: string): string => `apiVersion: v1
kind: Namespace
metadata: {name: package-operator-system}
---
apiVersion: batch/v1
kind: Job
metadata: {name: package-operator-bootstrap}
spec:
  template:
    spec:
      containers:
${container.replaceAll(/^/gm, "        ")}
`;

test("the Job's image, its package and images in its configuration are wanted", () => {
  const manifest = job(`- name: package-operator
  image: quay.io/o/manager:v1
  args: ["-self-bootstrap=quay.io/o/package:v1"]
  env:
  - {name: PKO_CONFIG, value: '{"a": ["quay.io/o/extra:v2", "2s", "a/b:c"], "n": 1}'}
- name: side
  image: quay.io/o/side:v1`);
  expect(bootstrapRequests(manifest, "job.yaml")).toEqual([
    {
      reference: "quay.io/o/manager:v1",
      isPackage: false,
      reason: { kind: "bootstrap", in: "job.yaml", name: "package-operator" },
    },
    {
      reference: "quay.io/o/side:v1",
      isPackage: false,
      reason: { kind: "bootstrap", in: "job.yaml", name: "side" },
    },
    {
      reference: "quay.io/o/package:v1",
      isPackage: true,
      reason: { kind: "bootstrap-package", in: "job.yaml" },
    },
    {
      reference: "quay.io/o/extra:v2",
      isPackage: false,
      reason: { kind: "config", in: "job.yaml", name: "PKO_CONFIG" },
    },
  ]);
});

describe("the package argument", () => {
  test.each([
    [{ args: ["-self-bootstrap=q.io/o/p:1"] }, { list: "args", index: 0, prefix: "-self-bootstrap=" }],
    [
      { args: ["-x", "--self-bootstrap=q.io/o/p:1"] },
      { list: "args", index: 1, prefix: "--self-bootstrap=" },
    ],
    [{ args: ["-self-bootstrap", "q.io/o/p:1"] }, { list: "args", index: 1, prefix: "" }],
    [
      { command: ["/m", "-self-bootstrap=q.io/o/p:1"] },
      { list: "command", index: 1, prefix: "-self-bootstrap=" },
    ],
  ])("in %j", (container, place) => {
    expect(findBootstrapArgument(container)).toEqual({ ...place, reference: "q.io/o/p:1" });
  });

  test.each([
    [{}],
    [{ args: [] }],
    [{ args: ["-self-bootstrap"] }],
    [{ args: ["-self-bootstrap-config={}"] }],
    [null],
  ])("not in %j", (container) => {
    expect(findBootstrapArgument(container)).toBeUndefined();
  });
});

describe("a manifest that cannot be used names itself and what was looked for", () => {
  test.each([
    ["kind: Deployment\n", "kind Job"],
    [job("- {name: other, image: a/b}"), '"package-operator"'],
    [job("- {name: package-operator, image: a/b, args: [-x]}"), "-self-bootstrap=<package image>"],
    ["a: [", "line 1"],
    ["", "no Package Operator bootstrap Job"],
    [
      job(
        `- name: package-operator\n  args: [-self-bootstrap=q.io/o/p:1]\n  env: [{name: PKO_CONFIG, value: "{"}]`,
      ),
      "PKO_CONFIG",
    ],
  ])("%j", (manifest, part) => {
    const read = (): unknown => bootstrapRequests(manifest, "job.yaml");
    expect(read).toThrow(expect.objectContaining({ code: "manifest", subject: "job.yaml" }));
    expect(read).toThrow(part);
  });
});
