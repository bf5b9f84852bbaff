import type { Script } from "../scripts.ts";
import { apply, changed, del, get, patch, post, put } from "./requests.ts";

const definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const tableType = { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" };

function definition(
  plural: string,
  kind: string,
  version: Record<string, unknown>,
  spec: Record<string, unknown> = {},
): unknown {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.diff.example` },
    spec: {
      group: "diff.example",
      names: { kind, plural },
      scope: "Namespaced",
      versions: [{ name: "v1", served: true, storage: true, ...version }],
      ...spec,
    },
  };
}

const widgetSchema = {
  type: "object",
  required: ["spec"],
  properties: {
    spec: {
      type: "object",
      required: ["size"],
      properties: {
        size: { type: "integer", minimum: 1, maximum: 10 },
        color: { type: "string", enum: ["red", "blue"], default: "red" },
        name: { type: "string", pattern: "^[a-z]+$", maxLength: 5 },
        port: { "x-kubernetes-int-or-string": true },
        tags: { type: "array", items: { type: "string" }, "x-kubernetes-list-type": "set" },
        parts: {
          type: "array",
          "x-kubernetes-list-type": "map",
          "x-kubernetes-list-map-keys": ["name"],
          items: {
            type: "object",
            required: ["name"],
            properties: { name: { type: "string" }, count: { type: "integer", default: 1 } },
          },
        },
        free: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
        object: {
          type: "object",
          "x-kubernetes-preserve-unknown-fields": true,
          "x-kubernetes-embedded-resource": true,
        },
        atomic: {
          type: "object",
          "x-kubernetes-map-type": "atomic",
          additionalProperties: { type: "string" },
        },
        fixed: { type: "string" },
      },
      "x-kubernetes-validations": [
        {
          rule: "!has(oldSelf.fixed) || (has(self.fixed) && self.fixed == oldSelf.fixed)",
          message: "fixed is immutable",
        },
        { rule: "!has(self.name) || self.name != 'admin'", message: "not that name" },
      ],
    },
    status: { type: "object", properties: { phase: { type: "string" }, replicas: { type: "integer" } } },
  },
};

const widgets = "/apis/diff.example/v1/namespaces/NS/widgets";
const widget = (
  name: string,
  spec: Record<string, unknown>,
  more: Record<string, unknown> = {},
): unknown => ({
  apiVersion: "diff.example/v1",
  kind: "Widget",
  metadata: { name },
  spec,
  ...more,
});

export const defineWidget = [
  post(
    definitions,
    definition("widgets", "Widget", {
      schema: { openAPIV3Schema: widgetSchema },
      subresources: {
        status: {},
        scale: { specReplicasPath: ".spec.size", statusReplicasPath: ".status.replicas" },
      },
      additionalPrinterColumns: [
        { name: "Size", type: "integer", jsonPath: ".spec.size" },
        { name: "Phase", type: "string", jsonPath: ".status.phase", priority: 1 },
      ],
    }),
  ),
  {
    ...get(`${definitions}?watch=true&fieldSelector=metadata.name%3Dwidgets.diff.example&timeoutSeconds=1`),
    waits: true as const,
  },
  get(`${definitions}/widgets.diff.example`),
];

export const removeWidget = del(`${definitions}/widgets.diff.example`);

/** Definitions and their instances. */
export const crdScripts: Readonly<Record<string, Script>> = {
  "crd-refusals": [
    post(definitions, definition("bads", "Bad", {})),
    post(
      definitions,
      definition("bads", "Bad", { schema: { openAPIV3Schema: { type: "object", properties: { a: {} } } } }),
    ),
    post(definitions, {
      ...(definition("bads", "Bad", { schema: { openAPIV3Schema: { type: "object" } } }) as object),
      metadata: { name: "wrong" },
    }),
    post(
      definitions,
      definition("bads", "Bad", { schema: { openAPIV3Schema: { type: "object" } } }, { scope: "Galaxy" }),
    ),
    post(definitions, definition("bads", "", { schema: { openAPIV3Schema: { type: "object" } } })),
  ],
  "custom-resources": [
    ...defineWidget,
    post(
      widgets,
      widget(
        "a",
        { size: 3, extra: 1, parts: [{ name: "p" }], free: { x: { y: null } } },
        { status: { phase: "no" } },
      ),
    ),
    post(widgets, widget("b", {})),
    post(
      widgets,
      widget("b", {
        size: 99,
        color: "green",
        name: "UPPER-long",
        tags: ["a", "a"],
        parts: [{ name: "p" }, { name: "p" }],
      }),
    ),
    post(widgets, widget("b", { size: "3" })),
    post(widgets, widget("b", { size: 1.5 })),
    post(widgets, widget("b", { size: 1, name: "admin" })),
    post(
      widgets,
      widget("b", {
        size: 1,
        port: "http",
        object: { apiVersion: "v1", kind: "X", metadata: { name: "n", junk: 1 }, other: null },
      }),
    ),
    post(widgets, widget("c", { size: 1, object: { metadata: {} } })),
    post(
      `${widgets}?fieldValidation=Strict`,
      widget("c", { size: 1, extra: 1, parts: [{ name: "p", more: 1 }] }),
    ),
    post(widgets, { apiVersion: "diff.example/v1", metadata: { name: "c" } }),
    get(widgets, tableType),
    get(`${widgets}/a`),
    patch(`${widgets}/a/status`, "merge", {
      status: { phase: "Ready", replicas: 3 },
      spec: { size: 9 },
      metadata: { labels: { a: "b" } },
    }),
    patch(`${widgets}/a`, "merge", { spec: { size: 4 }, status: { phase: "ignored" } }),
    patch(`${widgets}/a`, "strategic", { spec: { size: 4 } }),
    get(`${widgets}/a/scale`),
    patch(`${widgets}/a/scale`, "merge", { spec: { replicas: 5 } }),
    get(`${widgets}/a`),
    (answers) =>
      put(
        `${widgets}/a`,
        changed(
          answers,
          (object) => delete (object["metadata"] as Record<string, unknown>)["resourceVersion"],
        ),
      ),
    patch(`${widgets}/a`, "merge", { spec: { fixed: "one" } }),
    patch(`${widgets}/a`, "merge", { spec: { fixed: "two" } }),
    patch(`${widgets}/a`, "merge", { spec: { fixed: "one" } }),
    get(`${widgets}?fieldSelector=spec.size%3D1`),
    del(`${widgets}/a`),
    removeWidget,
  ],
  "custom-apply": [
    ...defineWidget,
    apply(
      `${widgets}/a`,
      "one",
      widget("a", {
        size: 3,
        tags: ["x"],
        parts: [{ name: "p", count: 2 }],
        free: { a: { b: 1 }, l: [1] },
        atomic: { k: "v" },
      }),
    ),
    apply(
      `${widgets}/a`,
      "two",
      widget("a", { size: 3, tags: ["y"], parts: [{ name: "q" }], free: { c: 1 } }),
    ),
    apply(`${widgets}/a`, "two", widget("a", { size: 4, atomic: { k: "w" }, free: { l: [2] } })),
    apply(
      `${widgets}/a`,
      "two",
      widget("a", { size: 4, atomic: { k: "w" }, free: { l: [2] } }),
      "&force=true",
    ),
    apply(`${widgets}/a`, "one", widget("a", { size: 4, tags: [] })),
    apply(`${widgets}/a/status`, "stat", {
      apiVersion: "diff.example/v1",
      kind: "Widget",
      metadata: { name: "a" },
      status: { phase: "x" },
    }),
    apply(`${widgets}/a`, "two", widget("a", { size: 4, unknown: 1 })),
    get(`${widgets}/a`),
    removeWidget,
  ],
};
