import type { Script } from "../scripts.ts";
import { del, get, patch, post } from "./requests.ts";

const pods = "/api/v1/namespaces/NS/pods";
const deployments = "/apis/apps/v1/namespaces/NS/deployments";
const jobs = "/apis/batch/v1/namespaces/NS/jobs";
const tableType = { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" };

/** Kinds with defaults, checks and rules of their own. */
export const workloadScripts: Readonly<Record<string, Script>> = {
  deployments: [
    post(deployments, {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "d" },
      spec: {
        replicas: 0,
        paused: true,
        selector: { matchLabels: { app: "d" } },
        template: {
          metadata: { labels: { app: "d" } },
          spec: {
            containers: [
              {
                name: "a",
                image: "a",
                livenessProbe: { httpGet: { port: 80 } },
                env: [{ name: "N", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }],
                resources: { limits: { cpu: 1, memory: "1.5Gi" } },
              },
            ],
            serviceAccountName: "me",
            volumes: [{ name: "c", configMap: { name: "c" } }, { name: "e" }],
          },
        },
      },
    }),
    post(deployments, {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "bad" },
      spec: { template: {} },
    }),
    post(deployments, {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "bad" },
      spec: {
        replicas: -1,
        selector: { matchLabels: { app: "x" } },
        template: {
          metadata: { labels: { app: "y" } },
          spec: {
            restartPolicy: "Never",
            containers: [
              { name: "Bad", image: "" },
              { name: "b", image: "b", volumeMounts: [{ name: "none", mountPath: "/x" }] },
            ],
          },
        },
      },
    }),
    post(deployments, {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "bad" },
      spec: { replicas: "3", selector: {}, template: {} },
    }),
    patch(`${deployments}/d`, "merge", { spec: { selector: { matchLabels: { app: "other" } } } }),
    get(`${deployments}/d/scale`),
    patch(`${deployments}/d/scale`, "merge", { spec: { replicas: 0 } }),
  ],
  pods: [
    post(pods, {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "p" },
      spec: { containers: [{ name: "a", image: "a:1", resources: { requests: { cpu: "100m" } } }] },
    }),
    get(`${pods}/p`, tableType),
    patch(`${pods}/p`, "merge", { spec: { hostname: "x" } }),
    patch(`${pods}/p`, "strategic", { spec: { containers: [{ name: "a", image: "a:2" }] } }),
    patch(`${pods}/p/status`, "merge", { status: { phase: "Running", podIP: "10.0.0.1" } }),
    get(`${pods}?fieldSelector=status.phase%3DRunning`),
    post(pods, {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "q" },
      spec: { serviceAccountName: "none", containers: [{ name: "a", image: "a" }] },
    }),
    del(`${pods}/p`),
  ],
  jobs: [
    post(jobs, {
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: { name: "j" },
      spec: {
        suspend: true,
        template: { spec: { restartPolicy: "OnFailure", containers: [{ name: "a", image: "a" }] } },
      },
    }),
    post(jobs, {
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: { name: "bad" },
      spec: { template: { spec: { containers: [{ name: "a", image: "a" }] } } },
    }),
    patch(`${jobs}/j`, "merge", { spec: { completions: 5 } }),
    get(`${jobs}/j`, tableType),
    del(`${jobs}/j`),
  ],
  rbac: [
    post("/apis/rbac.authorization.k8s.io/v1/namespaces/NS/roles", {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "Role",
      metadata: { name: "r" },
      rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }],
    }),
    post("/apis/rbac.authorization.k8s.io/v1/namespaces/NS/roles", {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "Role",
      metadata: { name: "bad" },
      rules: [{ apiGroups: [""], resources: ["pods"] }],
    }),
    post("/apis/rbac.authorization.k8s.io/v1/namespaces/NS/rolebindings", {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "RoleBinding",
      metadata: { name: "b" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "r" },
      subjects: [
        { kind: "ServiceAccount", name: "default" },
        { kind: "User", name: "jane" },
      ],
    }),
    patch("/apis/rbac.authorization.k8s.io/v1/namespaces/NS/rolebindings/b", "merge", {
      roleRef: { name: "other" },
    }),
  ],
};
