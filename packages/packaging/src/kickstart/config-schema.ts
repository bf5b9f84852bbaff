import { isJsonObject, type JsonObject } from "@package-operator/kube-yaml";
import { objectAt, objectsAt, textAt } from "./json-fields.ts";
import type { Parameter } from "./parameter.ts";

const text: JsonObject = { type: "string" };
const quantityPattern =
  "^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))))?$";

/** An object that is there, empty, when nobody configures it: its own defaults need something to stand in. */
export function objectSchema(properties: JsonObject): JsonObject {
  return { type: "object", default: {}, properties };
}

function list(properties: JsonObject): JsonObject {
  return { type: "array", default: [], items: { type: "object", properties } };
}

const tolerations = list({
  effect: text,
  key: text,
  operator: text,
  tolerationSeconds: { type: "integer", format: "int64" },
  value: text,
});

const keyOf: JsonObject = {
  type: "object",
  required: ["key"],
  properties: { key: text, name: text, optional: { type: "boolean" } },
};

const env = list({
  name: text,
  value: text,
  valueFrom: {
    type: "object",
    properties: {
      configMapKeyRef: keyOf,
      secretKeyRef: keyOf,
      fieldRef: {
        type: "object",
        required: ["fieldPath"],
        properties: { apiVersion: text, fieldPath: text },
      },
      resourceFieldRef: {
        type: "object",
        required: ["resource"],
        properties: {
          containerName: text,
          resource: text,
          divisor: { anyOf: [{ type: "integer" }, text], "x-kubernetes-int-or-string": true },
        },
      },
    },
  },
});

const quantities: JsonObject = {
  type: "object",
  additionalProperties: {
    anyOf: [{ type: "integer" }, { type: "string" }],
    pattern: quantityPattern,
    "x-kubernetes-int-or-string": true,
  },
};

/** The schema of one Deployment's configuration; defaults are what the Deployment has. */
export function deploymentSchema(
  name: string,
  spec: JsonObject,
  pod: JsonObject,
  wanted: ReadonlySet<Parameter>,
): JsonObject {
  const { replicas } = spec;
  const { nodeSelector } = pod;
  const properties: JsonObject = {};
  if (wanted.has("replicas")) {
    properties["replicas"] = {
      type: "integer",
      format: "int32",
      default: typeof replicas === "number" ? replicas : 1,
      description: `Replica count for Deployment ${name}.`,
    };
  }
  if (wanted.has("tolerations")) {
    properties["tolerations"] = {
      ...tolerations,
      description: `Additional tolerations for Deployment ${name}.`,
    };
  }
  if (wanted.has("nodeselectors")) {
    properties["nodeSelector"] = {
      type: "object",
      "x-kubernetes-preserve-unknown-fields": true,
      ...(isJsonObject(nodeSelector) ? { default: nodeSelector } : {}),
      description: `NodeSelector for Deployment ${name}.`,
    };
  }
  if (wanted.has("env") || wanted.has("resources")) {
    properties["containers"] = objectSchema(containerSchemas(objectsAt(pod, "containers"), wanted));
  }
  return objectSchema(properties);
}

function containerSchemas(containers: readonly JsonObject[], wanted: ReadonlySet<Parameter>): JsonObject {
  return Object.fromEntries(
    containers.map((container) => [
      textAt(container, "name"),
      objectSchema({
        ...(wanted.has("env") ? { env } : {}),
        ...(wanted.has("resources")
          ? {
              resources: {
                type: "object",
                default: objectAt(container, "resources"),
                properties: { limits: quantities, requests: quantities },
              },
            }
          : {}),
      }),
    ]),
  );
}
