import { afterEach, beforeEach, expect, test } from "vitest";
import { type ApiServer, createApiServer } from "../api-server.ts";
import {
  getNumber,
  getObject,
  getObjects,
  getString,
  getStringMap,
  getStrings,
  type JsonObject,
  nameOf,
  uidOf,
} from "../json.ts";
import { until } from "../testing/until.ts";
import { hasCondition } from "./conditions.ts";
import type { LocalClient } from "./local-client.ts";
import { startControllers } from "./start-controllers.ts";

let server: ApiServer;
let controllers: { close(): void };
let client: LocalClient;
const errors: unknown[] = [];

beforeEach(async () => {
  server = await createApiServer();
  controllers = startControllers({
    api: server.context,
    certificateAuthority: server.certificateAuthority,
    onError: (error) => errors.push(error),
  });
  client = server.client("test");
});

afterEach(async () => {
  controllers.close();
  await server.close();
});

const inDefault = (collection: string, name: string) => ({ collection, namespace: "default", name });

function configMap(name: string, metadata: JsonObject = {}): JsonObject {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: "default", ...metadata } };
}

function owner(object: JsonObject, blockOwnerDeletion = false): JsonObject {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    name: nameOf(object),
    uid: uidOf(object),
    blockOwnerDeletion,
  };
}

const template = (image: string): JsonObject => ({
  metadata: { labels: { app: "web" } },
  spec: { containers: [{ name: "main", image }] },
});

function deployment(image: string, replicas: number): JsonObject {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", namespace: "default" },
    spec: { replicas, selector: { matchLabels: { app: "web" } }, template: template(image) },
  };
}

const pods = (): JsonObject[] => client.list("/pods", "default");

/** Plays the node: every Pod is running and ready. */
function makeReady(pod: JsonObject): void {
  client.updateStatus(inDefault("/pods", nameOf(pod)), {
    ...getObject(pod, "status"),
    phase: "Running",
    conditions: [{ type: "Ready", status: "True", lastTransitionTime: "2020-01-01T00:00:00Z" }],
  });
}

test("every namespace gets its ServiceAccount and the authority that Pods trust, and gets them back", async () => {
  client.create("/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name: "n" } });
  const account = { collection: "/serviceaccounts", namespace: "n", name: "default" };
  await until(server, () => client.get(account));
  const authority = { collection: "/configmaps", namespace: "n", name: "kube-root-ca.crt" };
  const found = await until(server, () => client.get(authority));
  expect(getStringMap(found, "data")["ca.crt"]).toBe(server.certificateAuthority);
  const first = uidOf((await until(server, () => client.get(account))) ?? {});
  client.delete(account);
  await until(server, () => client.get(account) !== undefined && uidOf(client.get(account) ?? {}) !== first);
});

test("a namespace goes when everything in it has gone, finalizers included", async () => {
  client.create("/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name: "n" } });
  client.create("/configmaps", {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "kept", namespace: "n", finalizers: ["example.com/keep"] },
  });
  const namespace = { collection: "/namespaces", namespace: "", name: "n" };
  const kept = { collection: "/configmaps", namespace: "n", name: "kept" };
  client.delete(namespace);
  await until(server, () => getString(client.get(kept), "metadata", "deletionTimestamp") !== "");
  expect(getString(client.get(namespace), "status", "phase")).toBe("Terminating");
  expect(() =>
    client.create("/configmaps", { ...configMap("late"), metadata: { name: "late", namespace: "n" } }),
  ).toThrow("because it is being terminated");
  client.patch(kept, { metadata: { finalizers: null } });
  await until(server, () => client.get(namespace) === undefined);
  expect(client.get(kept)).toBeUndefined();
});

test("a background deletion takes the dependents with it", async () => {
  const parent = client.create("/configmaps", configMap("parent"));
  client.create("/configmaps", configMap("child", { ownerReferences: [owner(parent)] }));
  client.delete(inDefault("/configmaps", "parent"));
  await until(server, () => client.get(inDefault("/configmaps", "child")) === undefined);
  expect(client.get(inDefault("/configmaps", "parent"))).toBeUndefined();
});

test("an object whose owner never was is collected; one with another owner only loses the reference", async () => {
  const parent = client.create("/configmaps", configMap("parent"));
  const lost = {
    apiVersion: "v1",
    kind: "ConfigMap",
    name: "lost",
    uid: "11111111-1111-1111-1111-111111111111",
  };
  client.create("/configmaps", configMap("orphan", { ownerReferences: [lost] }));
  client.create("/configmaps", configMap("shared", { ownerReferences: [lost, owner(parent)] }));
  await until(server, () => client.get(inDefault("/configmaps", "orphan")) === undefined);
  const shared = await until(server, () => {
    const found = client.get(inDefault("/configmaps", "shared"));
    return getObjects(found, "metadata", "ownerReferences").length === 1 && found;
  });
  expect(getObjects(shared, "metadata", "ownerReferences")).toEqual([owner(parent)]);
});

test("an orphaning deletion leaves the dependents without their owner", async () => {
  const parent = client.create("/configmaps", configMap("parent"));
  client.create("/configmaps", configMap("child", { ownerReferences: [owner(parent)] }));
  client.delete(inDefault("/configmaps", "parent"), { propagationPolicy: "Orphan" });
  await until(server, () => client.get(inDefault("/configmaps", "parent")) === undefined);
  const child = client.get(inDefault("/configmaps", "child"));
  expect(getObject(child, "metadata")?.["ownerReferences"]).toBeUndefined();
});

test("a foreground deletion waits for the dependents that block it", async () => {
  const parent = client.create("/configmaps", configMap("parent"));
  client.create(
    "/configmaps",
    configMap("child", { ownerReferences: [owner(parent, true)], finalizers: ["example.com/keep"] }),
  );
  const parentRef = inDefault("/configmaps", "parent");
  const childRef = inDefault("/configmaps", "child");
  client.delete(parentRef, { propagationPolicy: "Foreground" });
  await until(server, () => getString(client.get(childRef), "metadata", "deletionTimestamp") !== "");
  expect(getStrings(client.get(parentRef), "metadata", "finalizers")).toEqual(["foregroundDeletion"]);
  client.patch(childRef, { metadata: { finalizers: null } });
  await until(server, () => client.get(parentRef) === undefined && client.get(childRef) === undefined);
});

test("a Deployment rolls out without falling below what must stay available", async () => {
  client.create("apps/deployments", deployment("a:1", 4));
  await until(server, () => pods().length === 4);
  for (const pod of pods()) makeReady(pod);
  const ref = inDefault("apps/deployments", "web");
  const status = (): JsonObject => getObject(client.get(ref), "status") ?? {};
  await until(server, () => getNumber(status(), "availableReplicas") === 4);
  expect(hasCondition(client.get(ref) ?? {}, "Available")).toBe(true);
  client.patch(ref, { spec: { template: template("a:2") } });
  const available: number[] = [];
  await until(server, () => {
    available.push(pods().filter((pod) => hasCondition(pod, "Ready")).length);
    for (const pod of pods()) if (!hasCondition(pod, "Ready")) makeReady(pod);
    const { observedGeneration, updatedReplicas, replicas } = status();
    return observedGeneration === 2 && updatedReplicas === 4 && replicas === 4;
  });
  expect(Math.min(...available)).toBeGreaterThanOrEqual(3);
  const revisions = client
    .list("apps/replicasets", "default")
    .map((set) => getNumber(set, "spec", "replicas"));
  expect(revisions.toSorted()).toEqual([0, 4]);
  expect(getStringMap(client.get(ref), "metadata", "annotations")["deployment.kubernetes.io/revision"]).toBe(
    "2",
  );
});

test("a finished Job is complete, and vanishes with its Pod when its time is up", async () => {
  client.create("batch/jobs", {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: "job", namespace: "default" },
    spec: {
      ttlSecondsAfterFinished: 0,
      template: { spec: { restartPolicy: "Never", containers: [{ name: "main", image: "a:1" }] } },
    },
  });
  const [pod] = await until(server, () => pods().length === 1 && pods());
  const states: boolean[] = [];
  const stop = server.context.store.subscribe("batch/jobs", ({ object }) =>
    states.push(hasCondition(object, "Complete")),
  );
  client.updateStatus(inDefault("/pods", nameOf(pod ?? {})), { phase: "Succeeded" });
  await until(server, () => client.get(inDefault("batch/jobs", "job")) === undefined && pods().length === 0);
  stop();
  expect(states).toContain(true);
});

test("a Job whose Pods fail too often has failed", async () => {
  client.create("batch/jobs", {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: "job", namespace: "default" },
    spec: {
      backoffLimit: 0,
      template: { spec: { restartPolicy: "Never", containers: [{ name: "main", image: "a:1" }] } },
    },
  });
  const [pod] = await until(server, () => pods().length === 1 && pods());
  client.updateStatus(inDefault("/pods", nameOf(pod ?? {})), { phase: "Failed" });
  const job = await until(server, () => {
    const found = client.get(inDefault("batch/jobs", "job"));
    return found !== undefined && hasCondition(found, "Failed") && found;
  });
  expect(getNumber(job, "status", "failed")).toBe(1);
});
