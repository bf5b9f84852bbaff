import type { Script } from "../scripts.ts";
import { configMap, configMaps, get, patch, post } from "./requests.ts";

const services = "/api/v1/namespaces/NS/services";
const deployments = "/apis/apps/v1/namespaces/NS/deployments";

const deployment = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "d", labels: { app: "d" } },
  spec: {
    replicas: 0,
    selector: { matchLabels: { app: "d" } },
    template: {
      metadata: { labels: { app: "d" } },
      spec: {
        containers: [
          {
            name: "a",
            image: "a:1",
            env: [
              { name: "X", value: "1" },
              { name: "Y", value: "2" },
            ],
            ports: [{ containerPort: 80 }],
          },
          { name: "b", image: "b:1" },
        ],
      },
    },
  },
};

/** JSON, merge and strategic merge patches. */
export const patchScripts: Readonly<Record<string, Script>> = {
  "merge-patch": [
    post(configMaps, configMap("a", { x: "1", y: "1" })),
    patch(`${configMaps}/a`, "merge", { data: { x: "2", y: null } }),
    patch(`${configMaps}/a`, "merge", { data: { x: "2" } }),
    patch(`${configMaps}/a`, "merge", { data: { x: 5 } }),
    patch(`${configMaps}/a`, "merge", { metadata: { name: "b" } }),
    patch(`${configMaps}/a`, "merge", { metadata: { resourceVersion: "1" }, data: { z: "1" } }),
    patch(`${configMaps}/missing`, "merge", { data: {} }),
    patch(`${configMaps}/a`, "merge", {
      metadata: { generation: 7, creationTimestamp: "2020-01-01T00:00:00Z" },
    }),
    patch(`${configMaps}/a?fieldValidation=Strict`, "merge", { nothing: 1 }),
  ],
  "json-patch": [
    post(configMaps, configMap("a", { x: "1" })),
    patch(`${configMaps}/a`, "json", [
      { op: "test", path: "/data/x", value: "1" },
      { op: "replace", path: "/data/x", value: "2" },
      { op: "add", path: "/metadata/labels", value: { a: "b" } },
      { op: "copy", from: "/data/x", path: "/data/y" },
      { op: "move", from: "/data/y", path: "/data/z" },
    ]),
    patch(`${configMaps}/a`, "json", [{ op: "test", path: "/data/x", value: "9" }]),
    patch(`${configMaps}/a`, "json", [{ op: "remove", path: "/data/none" }]),
    patch(`${configMaps}/a`, "json", [{ op: "replace", path: "/nothing/none", value: "1" }]),
    patch(`${configMaps}/a`, "json", { op: "remove" }),
    patch(`${configMaps}/a`, "json", [{ op: "remove", path: "/data/z" }]),
  ],
  "strategic-merge-patch": [
    post(deployments, deployment),
    patch(`${deployments}/d`, "strategic", {
      spec: {
        template: {
          spec: {
            containers: [
              {
                name: "a",
                image: "a:2",
                env: [
                  { name: "Z", value: "3" },
                  { name: "X", $patch: "delete" },
                ],
              },
            ],
          },
        },
      },
    }),
    patch(`${deployments}/d`, "strategic", {
      spec: {
        template: {
          spec: {
            containers: [{ name: "c", image: "c:1" }],
            "$setElementOrder/containers": [{ name: "c" }, { name: "a" }, { name: "b" }],
          },
        },
      },
    }),
    patch(`${deployments}/d`, "strategic", {
      spec: { template: { spec: { containers: [{ name: "b", $patch: "delete" }] } } },
    }),
    patch(`${deployments}/d`, "strategic", {
      spec: { strategy: { $retainKeys: ["type"], type: "Recreate" } },
    }),
    patch(`${deployments}/d`, "strategic", { metadata: { labels: { $patch: "replace", only: "this" } } }),
    patch(`${deployments}/d`, "strategic", {
      spec: { template: { spec: { containers: [{ image: "x" }] } } },
    }),
    patch(`${deployments}/d`, "strategic", { metadata: { finalizers: ["example.com/a", "example.com/b"] } }),
    patch(`${deployments}/d`, "strategic", {
      metadata: { "$deleteFromPrimitiveList/finalizers": ["example.com/a"] },
    }),
    patch(`${deployments}/d`, "strategic", { metadata: { finalizers: null } }),
    get(`${deployments}/d`),
  ],
  services: [
    post(services, {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "s" },
      spec: { selector: { a: "b" }, ports: [{ port: 80 }] },
    }),
    patch(`${services}/s`, "strategic", { spec: { ports: [{ port: 81, name: "second" }] } }),
    patch(`${services}/s`, "strategic", {
      spec: {
        ports: [
          { port: 80, name: "first" },
          { port: 81, name: "second" },
        ],
      },
    }),
    patch(`${services}/s`, "merge", { spec: { type: "NodePort" } }),
    patch(`${services}/s`, "merge", { spec: { clusterIP: "10.96.200.200" } }),
    post(services, {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "9bad" },
      spec: { ports: [{ port: 0 }] },
    }),
    post(services, {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "ext" },
      spec: { type: "ExternalName", externalName: "example.com" },
    }),
  ],
};
