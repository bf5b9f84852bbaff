import type { JsonObject } from "../json.ts";

const rbac = "rbac.authorization.k8s.io";
const readVerbs = ["get", "list", "watch"];
const writeVerbs = ["create", "delete", "deletecollection", "patch", "update"];

interface BootstrapObject {
  readonly collection: string;
  readonly object: JsonObject;
}

/** What every cluster has from the start: namespaces, the roles clients count on, the API server's own Service. */
export function bootstrapObjects(): BootstrapObject[] {
  return [
    ...["default", "kube-system", "kube-public", "kube-node-lease"].map((name) => ({
      collection: "/namespaces",
      object: { apiVersion: "v1", kind: "Namespace", metadata: { name } },
    })),
    role("cluster-admin", [
      { apiGroups: ["*"], resources: ["*"], verbs: ["*"] },
      { nonResourceURLs: ["*"], verbs: ["*"] },
    ]),
    role("admin", [...workloadRules([...readVerbs, ...writeVerbs]), ...accessRules]),
    role("edit", workloadRules([...readVerbs, ...writeVerbs])),
    role("view", workloadRules(readVerbs)),
    role("system:discovery", [
      {
        nonResourceURLs: [
          "/api",
          "/api/*",
          "/apis",
          "/apis/*",
          "/healthz",
          "/livez",
          "/openapi",
          "/openapi/*",
          "/readyz",
          "/version",
          "/version/",
        ],
        verbs: ["get"],
      },
    ]),
    role("system:basic-user", [
      {
        apiGroups: ["authorization.k8s.io"],
        resources: ["selfsubjectaccessreviews", "selfsubjectrulesreviews"],
        verbs: ["create"],
      },
      { apiGroups: ["authentication.k8s.io"], resources: ["selfsubjectreviews"], verbs: ["create"] },
    ]),
    role("system:public-info-viewer", [
      { nonResourceURLs: ["/healthz", "/livez", "/readyz", "/version", "/version/"], verbs: ["get"] },
    ]),
    binding("cluster-admin", ["system:masters"]),
    binding("system:discovery", ["system:authenticated"]),
    binding("system:basic-user", ["system:authenticated"]),
    binding("system:public-info-viewer", ["system:authenticated", "system:unauthenticated"]),
    {
      collection: "/services",
      object: {
        apiVersion: "v1",
        kind: "Service",
        metadata: {
          name: "kubernetes",
          namespace: "default",
          labels: { component: "apiserver", provider: "kubernetes" },
        },
        spec: {
          clusterIP: "10.96.0.1",
          ports: [{ name: "https", port: 443, protocol: "TCP", targetPort: 443 }],
        },
      },
    },
  ];
}

const accessRules: JsonObject[] = [
  {
    apiGroups: [rbac],
    resources: ["roles", "rolebindings"],
    verbs: [...readVerbs, ...writeVerbs],
  },
];

function workloadRules(verbs: string[]): JsonObject[] {
  const secrets = verbs.includes("create") ? ["secrets"] : [];
  return [
    {
      apiGroups: [""],
      resources: [
        "configmaps",
        "endpoints",
        "events",
        "pods",
        "pods/log",
        "pods/status",
        "serviceaccounts",
        "services",
        ...secrets,
      ],
      verbs,
    },
    {
      apiGroups: ["apps"],
      resources: ["deployments", "deployments/scale", "replicasets", "replicasets/scale"],
      verbs,
    },
    { apiGroups: ["batch"], resources: ["jobs"], verbs },
    { apiGroups: ["networking.k8s.io"], resources: ["networkpolicies"], verbs },
    { apiGroups: ["policy"], resources: ["poddisruptionbudgets"], verbs },
    { apiGroups: [""], resources: ["namespaces"], verbs: readVerbs },
  ];
}

function role(name: string, rules: JsonObject[]): BootstrapObject {
  return {
    collection: `${rbac}/clusterroles`,
    object: { apiVersion: `${rbac}/v1`, kind: "ClusterRole", metadata: bootstrapMetadata(name), rules },
  };
}

function binding(name: string, groups: string[]): BootstrapObject {
  return {
    collection: `${rbac}/clusterrolebindings`,
    object: {
      apiVersion: `${rbac}/v1`,
      kind: "ClusterRoleBinding",
      metadata: bootstrapMetadata(name),
      roleRef: { apiGroup: rbac, kind: "ClusterRole", name },
      subjects: groups.map((group) => ({ apiGroup: rbac, kind: "Group", name: group })),
    },
  };
}

function bootstrapMetadata(name: string): JsonObject {
  return { name, labels: { "kubernetes.io/bootstrapping": "rbac-defaults" } };
}
