import type { Script } from "../scripts.ts";
import { apply, changed, del, get, patch, post, put } from "./requests.ts";

const tableType = { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" };
const definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const rbac = "/apis/rbac.authorization.k8s.io/v1";

/** Applies a body by two managers, reads it back in both forms, changes its status if it has one, deletes it. */
function life(
  path: string,
  name: string,
  body: Record<string, unknown>,
  status?: Record<string, unknown>,
): Script {
  const object = { ...body, metadata: { name, labels: { app: "x" } } };
  const second = { ...body, metadata: { name, annotations: { note: "second" } } };
  return [
    apply(`${path}/${name}`, "one", object),
    apply(`${path}/${name}`, "one", object),
    apply(`${path}/${name}`, "two", second),
    patch(`${path}/${name}?fieldManager=three`, "merge", { metadata: { labels: { app: "y", more: "z" } } }),
    apply(`${path}/${name}`, "one", { ...object, metadata: { name } }),
    get(`${path}/${name}`, tableType),
    ...(status === undefined ? [] : [patch(`${path}/${name}/status?fieldManager=four`, "merge", { status })]),
    (answers) => put(`${path}/${name}?fieldManager=five`, answers.at(-3)?.body),
    get(`${path}/${name}`),
    (answers) =>
      put(
        `${path}/${name}?fieldManager=five`,
        changed(answers, (found) =>
          Object.assign(found["metadata"] as object, { annotations: { last: "word" } }),
        ),
      ),
    del(`${path}/${name}?dryRun=All`),
    del(`${path}/${name}`),
  ];
}

const containers = [
  { name: "main", image: "example.com/app:v1", args: ["a"], env: [{ name: "E", value: "1" }] },
];
const podTemplate = {
  metadata: { labels: { app: "x" } },
  spec: { serviceAccountName: "default", containers },
};

const openSchema = { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } };

/** The life of one object of every kind that packages bring. */
export const kindScripts: Readonly<Record<string, Script>> = {
  "kind-service-account": life("/api/v1/namespaces/NS/serviceaccounts", "a", {
    apiVersion: "v1",
    kind: "ServiceAccount",
    imagePullSecrets: [{ name: "pull" }],
  }),
  "kind-secret": life("/api/v1/namespaces/NS/secrets", "a", {
    apiVersion: "v1",
    kind: "Secret",
    data: { a: "YQ==" },
    stringData: { b: "text" },
  }),
  "kind-service": life(
    "/api/v1/namespaces/NS/services",
    "a",
    {
      apiVersion: "v1",
      kind: "Service",
      spec: { selector: { app: "x" }, ports: [{ name: "web", port: 80, targetPort: "http" }] },
    },
    { loadBalancer: { ingress: [{ ip: "10.0.0.1" }] } },
  ),
  "kind-endpoints": life("/api/v1/namespaces/NS/endpoints", "a", {
    apiVersion: "v1",
    kind: "Endpoints",
    subsets: [{ addresses: [{ ip: "10.0.0.1" }], ports: [{ port: 80 }] }],
  }),
  "kind-pod": life(
    "/api/v1/namespaces/NS/pods",
    "a",
    { apiVersion: "v1", kind: "Pod", spec: { containers, automountServiceAccountToken: false } },
    { phase: "Running", conditions: [{ type: "Ready", status: "True" }] },
  ),
  "kind-deployment": life(
    "/apis/apps/v1/namespaces/NS/deployments",
    "a",
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      spec: { replicas: 2, selector: { matchLabels: { app: "x" } }, template: podTemplate },
    },
    { availableReplicas: 1, conditions: [{ type: "Available", status: "True" }] },
  ),
  "kind-replica-set": life(
    "/apis/apps/v1/namespaces/NS/replicasets",
    "a",
    {
      apiVersion: "apps/v1",
      kind: "ReplicaSet",
      spec: { selector: { matchLabels: { app: "x" } }, template: podTemplate },
    },
    { replicas: 1, observedGeneration: 1 },
  ),
  "kind-job": life("/apis/batch/v1/namespaces/NS/jobs", "a", {
    apiVersion: "batch/v1",
    kind: "Job",
    spec: {
      suspend: true,
      ttlSecondsAfterFinished: 0,
      template: { spec: { restartPolicy: "Never", containers } },
    },
  }),
  "kind-role": life(`${rbac}/namespaces/NS/roles`, "a", {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "Role",
    rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"], resourceNames: ["x"] }],
  }),
  "kind-cluster-role": life(`${rbac}/clusterroles`, "diff-cluster-role", {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRole",
    rules: [{ nonResourceURLs: ["/x"], verbs: ["get"] }],
  }),
  "kind-cluster-role-binding": life(`${rbac}/clusterrolebindings`, "diff-binding", {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
    subjects: [
      { kind: "ServiceAccount", name: "a", namespace: "NS" },
      { kind: "Group", name: "g" },
    ],
  }),
  "kind-lease": life("/apis/coordination.k8s.io/v1/namespaces/NS/leases", "a", {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    spec: { holderIdentity: "me", leaseDurationSeconds: 15, acquireTime: "2024-01-01T00:00:00.000000Z" },
  }),
  "kind-network-policy": life("/apis/networking.k8s.io/v1/namespaces/NS/networkpolicies", "a", {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    spec: { podSelector: {}, ingress: [{ ports: [{ port: 80 }] }], egress: [{}] },
  }),
  "kind-disruption-budget": life(
    "/apis/policy/v1/namespaces/NS/poddisruptionbudgets",
    "a",
    {
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      spec: { minAvailable: "50%", selector: { matchLabels: { app: "x" } } },
    },
    { currentHealthy: 1, desiredHealthy: 1, disruptionsAllowed: 1, expectedPods: 1 },
  ),
  "kind-namespace": [
    apply("/api/v1/namespaces/NS-other", "one", {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: "NS-other", labels: { a: "b" } },
    }),
    apply("/api/v1/namespaces/NS-other", "two", {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: "NS-other", labels: { c: "d" } },
    }),
    patch("/api/v1/namespaces/NS-other/status", "merge", { status: { phase: "Active" } }),
    del("/api/v1/namespaces/NS-other"),
    post("/api/v1/namespaces/NS-other/configmaps", {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "late" },
    }),
    get("/api/v1/namespaces/NS-other", tableType),
  ],
  "kind-definition": [
    apply(`${definitions}/lives.diff.example`, "one", {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: "lives.diff.example" },
      spec: {
        group: "diff.example",
        names: { kind: "Life", plural: "lives", shortNames: ["lf"], categories: ["all"] },
        scope: "Cluster",
        versions: [
          { name: "v1", served: true, storage: true, schema: openSchema },
          { name: "v1beta1", served: true, storage: false, schema: openSchema, deprecated: true },
        ],
      },
    }),
    {
      ...get(`${definitions}?watch=true&fieldSelector=metadata.name%3Dlives.diff.example&timeoutSeconds=1`),
      waits: true,
    },
    get(`${definitions}/lives.diff.example`),
    apply("/apis/diff.example/v1/lives/a", "one", {
      apiVersion: "diff.example/v1",
      kind: "Life",
      metadata: { name: "a" },
      spec: { x: 1, deep: { list: [1, { a: null }] } },
    }),
    get("/apis/diff.example/v1beta1/lives/a"),
    apply("/apis/diff.example/v1beta1/lives/a", "one", {
      apiVersion: "diff.example/v1beta1",
      kind: "Life",
      metadata: { name: "a" },
      spec: { y: 1 },
    }),
    apply("/apis/diff.example/v1beta1/lives/a", "two", {
      apiVersion: "diff.example/v1beta1",
      kind: "Life",
      metadata: { name: "a" },
      spec: { y: 2 },
    }),
    get("/apis/diff.example/v1/lives"),
    get("/apis/diff.example/v1"),
    get("/apis/diff.example"),
    patch(`${definitions}/lives.diff.example`, "merge", { spec: { names: { kind: "Other" } } }),
    patch(`${definitions}/lives.diff.example?fieldManager=three`, "json", [
      { op: "replace", path: "/spec/versions/1/served", value: false },
    ]),
    del(`${definitions}/lives.diff.example`),
  ],
};
