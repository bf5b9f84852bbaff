import type { Script } from "../scripts.ts";
import { changed, configMap, configMaps, del, get, metadataOf, patch, post, put } from "./requests.ts";

const tableType = { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" };
const metadataType = { accept: "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io" };
const namespaces = "/api/v1/namespaces";

/** Reading, creating, replacing and deleting. */
export const objectScripts: Readonly<Record<string, Script>> = {
  "create-get-delete": [
    post(configMaps, configMap("a", { x: "1" })),
    get(`${configMaps}/a`),
    get(`${configMaps}/a`, tableType),
    get(`${configMaps}/a`, metadataType),
    post(configMaps, configMap("a", {})),
    del(`${configMaps}/a`),
    del(`${configMaps}/a`),
    get(`${configMaps}/a`),
  ],
  "create-refusals": [
    post(configMaps, configMap("Bad_Name", {})),
    post(configMaps, configMap("a", { "bad key!": "1" })),
    post(configMaps, configMap("a", { x: 1 })),
    post(configMaps, { apiVersion: "v1", kind: "Secret", metadata: { name: "a" } }),
    post(configMaps, { apiVersion: "v2", kind: "ConfigMap", metadata: { name: "a" } }),
    post(configMaps, configMap("a", {}, { namespace: "other" })),
    post(configMaps, configMap("a", {}, { resourceVersion: "5" })),
    post(configMaps, configMap("a", {}, { labels: { "bad key!": "x", ok: "bad value!" } })),
    post(configMaps, configMap("a", {}, { finalizers: ["bad"] })),
    post(configMaps, configMap("a", {}, { ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: "x" }] })),
    post("/api/v1/namespaces/missing-namespace/configmaps", configMap("a", {})),
    post(configMaps, "{not json"),
    { method: "POST", path: configMaps, body: "x", headers: { "content-type": "text/plain" } },
    post(`${configMaps}?dryRun=Some`, configMap("a", {})),
    post(`${configMaps}?fieldValidation=Strict`, { ...(configMap("a", {}) as object), extra: 1 }),
    post(configMaps, { ...(configMap("warned", {}) as object), extra: 1 }),
    post(`${configMaps}?fieldValidation=Ignore`, { ...(configMap("ignored", {}) as object), extra: 1 }),
    get("/api/v1/namespaces/NS/nothings"),
    get("/apis/nothing.example/v1/things"),
    { method: "DELETE", path: "/api/v1/namespaces" },
  ],
  "dry-run": [
    post(`${configMaps}?dryRun=All`, configMap("a", { x: "1" })),
    get(`${configMaps}/a`),
    post(configMaps, configMap("a", { x: "1" })),
    patch(`${configMaps}/a?dryRun=All`, "merge", { data: { x: "2" } }),
    get(`${configMaps}/a`),
    del(`${configMaps}/a?dryRun=All`),
    get(`${configMaps}/a`),
  ],
  update: [
    post(`${configMaps}?fieldManager=one`, configMap("a", { x: "1", y: "1" })),
    (answers) =>
      put(
        `${configMaps}/a?fieldManager=two`,
        changed(answers, (object) => (object["data"] = { x: "2" })),
      ),
    (answers) => put(`${configMaps}/a?fieldManager=two`, answers.at(-1)?.body),
    put(`${configMaps}/a`, configMap("a", { x: "3" }, { resourceVersion: "1" })),
    put(`${configMaps}/a`, configMap("a", { x: "4" })),
    put(`${configMaps}/b`, configMap("a", { x: "3" })),
    put(`${configMaps}/missing`, configMap("missing", { x: "3" })),
    put(`${configMaps}/a`, configMap("a", { x: "3" }, { uid: "11111111-1111-1111-1111-111111111111" })),
    put(`${configMaps}/a`, { ...(configMap("a", { x: "1" }) as object), immutable: true }),
    put(`${configMaps}/a`, configMap("a", { x: "2" })),
  ],
  "delete-options": [
    post(configMaps, configMap("a", {}, { finalizers: ["example.com/keep"] })),
    del(`${configMaps}/a`, { preconditions: { uid: "11111111-1111-1111-1111-111111111111" } }),
    del(`${configMaps}/a`, { preconditions: { resourceVersion: "1" } }),
    del(`${configMaps}/a`, { propagationPolicy: "Sideways" }),
    del(`${configMaps}/a`, { propagationPolicy: "Foreground" }),
    patch(`${configMaps}/a`, "merge", { metadata: { finalizers: ["example.com/keep", "example.com/more"] } }),
    patch(`${configMaps}/a`, "json", [{ op: "remove", path: "/metadata/finalizers" }]),
  ],
  "list-selectors": [
    post(configMaps, configMap("a", {}, { labels: { app: "x", tier: "1" } })),
    post(configMaps, configMap("b", {}, { labels: { app: "y" } })),
    get(`${configMaps}?labelSelector=app%3Dx`),
    get(`${configMaps}?labelSelector=app+in+(x,y),tier`),
    get(`${configMaps}?labelSelector=app%3D%3D%3Dx`),
    get(`${configMaps}?fieldSelector=metadata.name%3Db`),
    get(`${configMaps}?fieldSelector=metadata.name!%3Dkube-root-ca.crt,metadata.name!%3Db`),
    get(`${configMaps}?fieldSelector=data.x%3Db`),
    get(`${configMaps}?limit=1`),
    (answers) => {
      const metadata = metadataOf(answers.at(-1));
      return get(`${configMaps}?limit=1&continue=${encodeURIComponent(metadata.continue)}`);
    },
    get(`${configMaps}?labelSelector=app&resourceVersion=0`),
    get(`${configMaps}?resourceVersion=abc`),
    get(`${configMaps}?resourceVersionMatch=Exact`),
    get(`${configMaps}?labelSelector=app`, tableType),
    get(`${configMaps}?labelSelector=app`, {
      accept: "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io",
    }),
    { method: "DELETE", path: `${configMaps}?labelSelector=app%3Dx` },
    get(`${configMaps}?labelSelector=app`),
  ],
  watch: [
    post(configMaps, configMap("a", { x: "1" }, { labels: { app: "x" } })),
    get(`${configMaps}?watch=true&labelSelector=app%3Dx&timeoutSeconds=1`),
    (answers) => {
      const metadata = metadataOf(answers[0]);
      return patch(`${configMaps}/a?after=${metadata.resourceVersion}`, "merge", { data: { x: "2" } });
    },
    patch(`${configMaps}/a`, "merge", { metadata: { labels: { app: "y" } } }),
    (answers) => {
      const metadata = metadataOf(answers[0]);
      return get(
        `${configMaps}?watch=true&labelSelector=app%3Dx&timeoutSeconds=1&resourceVersion=${metadata.resourceVersion}`,
      );
    },
  ],
  namespaces: [
    post(namespaces, {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: "NS-second", labels: { a: "b" } },
    }),
    put(`${namespaces}/NS-second`, { apiVersion: "v1", kind: "Namespace", metadata: { name: "NS-second" } }),
    get(`${namespaces}/NS-second`, tableType),
    del(`${namespaces}/NS-second`),
    post(namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name: "Bad" } }),
  ],
  secrets: [
    post("/api/v1/namespaces/NS/secrets", {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "s" },
      stringData: { a: "b" },
      data: { c: "ZA==" },
    }),
    patch("/api/v1/namespaces/NS/secrets/s", "merge", { type: "other" }),
    patch("/api/v1/namespaces/NS/secrets/s", "merge", { data: { c: null } }),
    get("/api/v1/namespaces/NS/secrets/s", tableType),
    post("/api/v1/namespaces/NS/secrets", {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "pull" },
      type: "kubernetes.io/dockerconfigjson",
      data: {},
    }),
  ],
  reviews: [
    post("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SelfSubjectAccessReview",
      spec: { resourceAttributes: { verb: "get", resource: "pods", namespace: "NS" } },
    }),
    post("/apis/authorization.k8s.io/v1/subjectaccessreviews", {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SubjectAccessReview",
      spec: { user: "nobody", resourceAttributes: { verb: "get", resource: "pods", namespace: "NS" } },
    }),
    { ...get("/api/v1/namespaces/NS/pods"), headers: { "impersonate-user": "nobody" } },
    { ...get("/apis/apps/v1/deployments"), headers: { "impersonate-user": "nobody" } },
    { ...get("/api/v1/namespaces/NS/pods/x"), headers: { "impersonate-user": "nobody" } },
    { ...get("/metrics"), headers: { "impersonate-user": "nobody" } },
  ],
};
