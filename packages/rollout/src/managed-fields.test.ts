import type { KubeObject } from "@package-operator/kube";
import { describe, expect, test } from "vitest";
import { isApplied, mergeFields } from "./managed-fields.ts";

const manager = "package-operator";

const desired: KubeObject = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: {
    name: "web",
    namespace: "default",
    labels: { app: "web" },
    ownerReferences: [
      {
        apiVersion: "v1",
        kind: "ConfigMap",
        name: "o",
        uid: "u1",
        controller: true,
        blockOwnerDeletion: true,
      },
    ],
  },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: "web" } },
    template: {
      metadata: { creationTimestamp: null, labels: { app: "web" } },
      spec: {
        containers: [
          { name: "a", image: "x", ports: [{ containerPort: 80 }], resources: {} },
          { name: "b", image: "y", args: ["--v=1"] },
        ],
      },
    },
  },
};

/** As a kube-apiserver 1.36 stored and answered the apply of `desired`, with defaults left out here. */
function stored(): KubeObject {
  const live = structuredClone(desired);
  live.metadata.uid = "u";
  live.metadata.managedFields = [
    { manager: "kube-controller-manager", operation: "Update", subresource: "status", fieldsV1: {} },
    {
      manager,
      operation: "Apply",
      apiVersion: "apps/v1",
      fieldsV1: {
        "f:metadata": {
          "f:labels": { "f:app": {} },
          "f:ownerReferences": { 'k:{"uid":"u1"}': {} },
        },
        "f:spec": {
          "f:replicas": {},
          "f:selector": {},
          "f:template": {
            "f:metadata": { "f:creationTimestamp": {}, "f:labels": { "f:app": {} } },
            "f:spec": {
              "f:containers": {
                'k:{"name":"a"}': {
                  ".": {},
                  "f:image": {},
                  "f:name": {},
                  "f:ports": {
                    'k:{"containerPort":80,"protocol":"TCP"}': { ".": {}, "f:containerPort": {} },
                  },
                  "f:resources": {},
                },
                'k:{"name":"b"}': { ".": {}, "f:args": {}, "f:image": {}, "f:name": {} },
              },
            },
          },
        },
      },
    },
  ];
  const containers = containersOf(live);
  containers[0]!["ports"] = [{ containerPort: 80, protocol: "TCP" }];
  containers[0]!["imagePullPolicy"] = "Always";
  return live;
}

function containersOf(object: KubeObject): { [field: string]: unknown }[] {
  const { template } = object["spec"] as unknown as { template: { spec: { containers: [] } } };
  return template.spec.containers;
}

function swap(items: unknown[]): void {
  items.push(items.shift());
}

function change(object: KubeObject, edit: (object: KubeObject) => void): KubeObject {
  const copy = structuredClone(object);
  edit(copy);
  return copy;
}

describe("isApplied", () => {
  test("sees that nothing would change, whatever defaults the server added", () => {
    expect(isApplied(desired, stored(), manager)).toBe(true);
  });

  test.each<[string, (live: KubeObject) => void]>([
    ["a value was changed", (live) => (containersOf(live)[0]!["image"] = "other")],
    ["a label was removed", (live) => delete live.metadata.labels],
    ["an item was removed", (live) => containersOf(live).pop()],
    ["items changed places", (live) => swap(containersOf(live))],
    ["an owner was removed", (live) => (live.metadata.ownerReferences = [])],
    ["nothing was ever applied", (live) => (live.metadata.managedFields = [])],
    [
      "the fields belong to an update",
      (live) => live.metadata.managedFields!.forEach((entry) => (entry.operation = "Update")),
    ],
    [
      "another manager took a field",
      (live) => {
        const spec = live.metadata.managedFields![1]!.fieldsV1!["f:spec"] as { "f:replicas"?: object };
        delete spec["f:replicas"];
      },
    ],
  ])("sees that %s", (_name, edit) => {
    expect(isApplied(desired, change(stored(), edit), manager)).toBe(false);
  });

  test.each<[string, (wanted: KubeObject) => void]>([
    ["a field is new", (wanted) => (containersOf(wanted)[0]!["command"] = ["sh"])],
    ["a field is to be dropped", (wanted) => delete containersOf(wanted)[1]!["args"]],
    ["an item is new", (wanted) => containersOf(wanted).push({ name: "c" })],
    ["an item is to be dropped", (wanted) => containersOf(wanted).pop()],
    ["items are to change places", (wanted) => swap(containersOf(wanted))],
    ["all of metadata is to be dropped", (wanted) => (wanted.metadata = { name: "web" })],
  ])("sees that %s", (_name, edit) => {
    expect(isApplied(change(desired, edit), stored(), manager)).toBe(false);
  });

  test("treats lists that are sets by their members", () => {
    const wanted: KubeObject = {
      apiVersion: "v1",
      kind: "X",
      metadata: { name: "x", finalizers: ["a/b"] },
    };
    const live = change(wanted, (object) => {
      object.metadata.finalizers = ["other/one", "a/b"];
      object.metadata.managedFields = [
        {
          manager,
          operation: "Apply",
          apiVersion: "v1",
          fieldsV1: { "f:metadata": { "f:finalizers": { 'v:"a/b"': {} } } },
        },
      ];
    });
    expect(isApplied(wanted, live, manager)).toBe(true);
    live.metadata.finalizers = ["other/one"];
    expect(isApplied(wanted, live, manager)).toBe(false);
  });
});

test("joining field sets keeps what either has", () => {
  expect(
    mergeFields({ "f:a": { "f:b": {} }, "f:c": {} }, { "f:a": { ".": {}, "f:d": {} }, "f:e": {} }),
  ).toEqual({ "f:a": { ".": {}, "f:b": {}, "f:d": {} }, "f:c": {}, "f:e": {} });
});
