import type { Script } from "../scripts.ts";
import { apply, changed, configMap, configMaps, del, get, patch, post, put } from "./requests.ts";

const deployments = "/apis/apps/v1/namespaces/NS/deployments";

function deployment(containers: unknown[], spec: Record<string, unknown> = {}): unknown {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "d" },
    spec: {
      selector: { matchLabels: { app: "d" } },
      template: { metadata: { labels: { app: "d" } }, spec: { containers } },
      ...spec,
    },
  };
}

const lastApplied = "kubectl.kubernetes.io/last-applied-configuration";

/** Server-side apply: ownership, conflicts, removal. */
export const applyScripts: Readonly<Record<string, Script>> = {
  "apply-create-and-change": [
    apply(`${configMaps}/a`, "one", configMap("a", { x: "1", y: "1" })),
    apply(`${configMaps}/a`, "one", configMap("a", { x: "1", y: "1" })),
    apply(`${configMaps}/a`, "one", configMap("a", { x: "2" })),
    apply(`${configMaps}/a`, "two", configMap("a", { x: "2", z: "1" })),
    apply(`${configMaps}/a`, "one", configMap("a", {})),
    apply(`${configMaps}/a`, "two", configMap("a", {}, { labels: { l: "1" } })),
    apply(`${configMaps}/a`, "two", configMap("a", {})),
  ],
  "apply-conflicts": [
    post(`${configMaps}?fieldManager=kubectl`, configMap("a", { a: "1", b: "1" })),
    apply(`${configMaps}/a`, "one", configMap("a", { a: "2" })),
    apply(`${configMaps}/a`, "one", configMap("a", { a: "2", b: "2" })),
    apply(`${configMaps}/a`, "one", configMap("a", { a: "2", b: "2" }), "&force=true"),
    apply(`${configMaps}/a`, "two", configMap("a", { a: "3" })),
    patch(`${configMaps}/a?fieldManager=patcher`, "merge", { data: { c: "1" } }),
    apply(`${configMaps}/a`, "two", configMap("a", { a: "3", c: "3" })),
    apply(`${configMaps}/a`, "two", configMap("a", { a: "3", c: "3" }), "&force=true"),
    apply(`${configMaps}/a`, "one", configMap("a", { a: "3", b: "2" })),
    get(`${configMaps}/a`),
  ],
  "apply-refusals": [
    patch(`${configMaps}/a`, "apply", configMap("a", {})),
    apply(`${configMaps}/a`, "one", { ...(configMap("a", {}) as object), extra: 1 }),
    apply(`${configMaps}/a`, "one", configMap("a", { x: 1 })),
    apply(`${configMaps}/a`, "one", configMap("b", {})),
    apply(`${configMaps}/a`, "one", { kind: "ConfigMap", metadata: { name: "a" } }),
    apply(`${configMaps}/a`, "one", { apiVersion: "v1", kind: "Secret", metadata: { name: "a" } }),
    apply(`${configMaps}/a`, "one", configMap("a", {}, { managedFields: [{ manager: "x" }] })),
    apply(`${configMaps}/a`, "one", configMap("a", {}, { uid: "11111111-1111-1111-1111-111111111111" })),
    apply(`${configMaps}/a`, "one", configMap("a", {}, { resourceVersion: "1" })),
    apply(`${configMaps}/a`, "one", "{bad"),
    apply(
      `${deployments}/d`,
      "one",
      deployment([
        { name: "a", image: "x" },
        { name: "a", image: "y" },
      ]),
    ),
    apply(`${deployments}/d`, "one", deployment([{ image: "x" }])),
    patch(`${configMaps}/a?force=true`, "merge", {}),
  ],
  "apply-dry-run": [
    apply(`${configMaps}/a`, "one", configMap("a", { x: "1" }), "&dryRun=All"),
    get(`${configMaps}/a`),
    apply(`${configMaps}/a`, "one", configMap("a", { x: "1" })),
    apply(`${configMaps}/a`, "one", configMap("a", { x: "2" }), "&dryRun=All"),
    get(`${configMaps}/a`),
  ],
  "apply-lists": [
    apply(
      `${deployments}/d`,
      "one",
      deployment([{ name: "a", image: "a:1", ports: [{ containerPort: 80 }] }], { replicas: 0 }),
    ),
    apply(
      `${deployments}/d`,
      "two",
      deployment([{ name: "b", image: "b:1", env: [{ name: "E", value: "1" }] }]),
    ),
    apply(
      `${deployments}/d`,
      "one",
      deployment([{ name: "a", image: "a:2", ports: [{ containerPort: 81, protocol: "UDP" }] }]),
    ),
    apply(
      `${deployments}/d`,
      "two",
      deployment([
        { name: "b", image: "b:1" },
        { name: "c", image: "c:1" },
      ]),
    ),
    apply(`${deployments}/d`, "two", deployment([{ name: "c", image: "c:1" }])),
    patch(`${deployments}/d/status?fieldManager=controller`, "merge", { status: { replicas: 3 } }),
    apply(`${deployments}/d/status`, "stat", {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "d" },
      status: { readyReplicas: 2 },
    }),
    apply(
      `${deployments}/d`,
      "one",
      deployment([{ name: "a", image: "a:2" }], { strategy: { type: "Recreate" } }),
      "&force=true",
    ),
    get(`${deployments}/d`),
  ],
  "apply-from-client-side": [
    post(
      `${configMaps}?fieldManager=kubectl-client-side-apply`,
      configMap(
        "a",
        { x: "1" },
        {
          annotations: {
            [lastApplied]: `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"NS"},"data":{"x":"1"}}\n`,
          },
        },
      ),
    ),
    apply(`${configMaps}/a`, "kubectl", configMap("a", { x: "2" })),
    get(`${configMaps}/a`),
  ],
  "managed-fields": [
    post(`${configMaps}?fieldManager=one`, configMap("a", { x: "1" })),
    patch(`${configMaps}/a`, "merge", { metadata: { managedFields: [{}] } }),
    patch(`${configMaps}/a?fieldManager=two`, "merge", { data: { y: "1" } }),
    apply(`${configMaps}/a`, "three", configMap("a", { z: "1" })),
    (answers) =>
      put(
        `${configMaps}/a?fieldManager=four`,
        changed(answers, (object) => {
          const metadata = object["metadata"] as { managedFields: { manager: string }[] };
          metadata.managedFields = metadata.managedFields.filter(({ manager }) => manager === "three");
          object["data"] = { z: "2" };
        }),
      ),
    patch(`${configMaps}/a`, "merge", { metadata: { managedFields: [{ manager: "bad" }] } }),
    del(`${configMaps}/a`),
  ],
  "many-updaters": [
    post(`${configMaps}?fieldManager=m0`, configMap("a", { k0: "0" })),
    ...Array.from({ length: 12 }, (_, index) =>
      patch(`${configMaps}/a?fieldManager=m${index + 1}`, "merge", { data: { [`k${index + 1}`]: "1" } }),
    ),
  ],
};
