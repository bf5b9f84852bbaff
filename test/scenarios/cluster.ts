import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import {
  createKubeClient,
  isAlreadyExists,
  isNotFound,
  isUnknownKind,
  type KubeClient,
  type KubeObject,
  loadKubeConfig,
  type ObjectRef,
  waitFor,
} from "@package-operator/kube";
import { decodeYaml, isJsonObject, type JsonObject } from "@package-operator/kube-yaml";
import { vi } from "vitest";

/** A cluster under test, and the requests that were sent to it through this client. */
export interface TestCluster {
  readonly client: KubeClient;
  readonly kubeconfig: string;
  /** Makes a namespace of its own, removed at the end. */
  namespace(): Promise<string>;
  /** Creates objects that are removed at the end, last first. */
  create(...objects: KubeObject[]): Promise<void>;
  /** Waits until an object is as wanted, a minute by default; fails with what it was instead. */
  until(
    ref: ObjectRef,
    what: string,
    wanted: (object: KubeObject) => boolean,
    patience?: number,
  ): Promise<KubeObject>;
  untilGone(ref: ObjectRef, patience?: number): Promise<void>;
  /** Removes what was created and closes the connection; waits for each object of ours, a minute by default. */
  close(patience?: number): Promise<void>;
}

const apiVersion = "package-operator.run/v1alpha1";
const crdFolder = path.resolve(import.meta.dirname, "../../config/crds");

/** How long anything in a scenario may take; a garbage collector looks for kinds that are new every half minute. */
const timeoutMs = 60_000;

/** Connects to the cluster of a kubeconfig and makes sure that our CRDs are there. */
export async function openCluster(kubeconfig: string): Promise<TestCluster> {
  const client = createKubeClient(await loadKubeConfig({ kubeconfig, env: {} }), {
    fieldManager: "scenario",
  });
  const created: ObjectRef[] = [];
  await installCrds(client);

  const cluster: TestCluster = {
    client,
    kubeconfig,
    async namespace() {
      const name = `scenario-${randomUUID().slice(0, 8)}`;
      await client.create({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
      created.push({ apiVersion: "v1", kind: "Namespace", name });
      return name;
    },
    async create(...objects) {
      for (const object of objects) {
        const stored = await client.create(object);
        const { name = "", namespace } = stored.metadata;
        created.push({ apiVersion: object.apiVersion, kind: object.kind, name, namespace });
      }
    },
    async until(ref, what, wanted, patience = timeoutMs) {
      let last: KubeObject | undefined;
      const accept = (object: KubeObject | undefined) => {
        last = object;
        return object !== undefined && wanted(object);
      };
      try {
        return (await waitFor(client, ref, accept, { timeoutMs: patience }))!;
      } catch (error) {
        const seen = JSON.stringify(last?.["status"] ?? last ?? "nothing", null, 2);
        throw new Error(`${ref.kind} ${ref.name} is not ${what}; it is ${seen}`, { cause: error });
      }
    },
    async untilGone(ref, patience = timeoutMs) {
      await waitFor(client, ref, (object) => object === undefined, { timeoutMs: patience });
    },
    async close(patience) {
      const remove = async (ref: ObjectRef, propagation: "Foreground" | "Background") => {
        await client.delete(ref, { propagation }).catch((error: unknown) => {
          if (!isNotFound(error) && !isUnknownKind(error)) throw error;
        });
      };
      const ofOurs = created.filter((ref) => ref.apiVersion === apiVersion);
      // In the foreground, so that what our objects made is gone with them while an operator still runs.
      await Promise.all(
        ofOurs.map(async (ref) => {
          await remove(ref, "Foreground");
          await cluster.untilGone(ref, patience);
        }),
      );
      for (const ref of created.toReversed().filter((other) => !ofOurs.includes(other))) {
        await remove(ref, "Background");
      }
      await client.close();
    },
  };
  return cluster;
}

/** Creates our CRDs that are missing, and waits until they are served. */
export async function installCrds(client: KubeClient): Promise<void> {
  const crds = readdirSync(crdFolder).map(
    (file) => decodeYaml(readFileSync(path.join(crdFolder, file), "utf8")) as unknown as KubeObject,
  );
  for (const crd of crds) {
    await client.create(crd).catch((error: unknown) => {
      if (!isAlreadyExists(error)) throw error;
    });
  }
  for (const { apiVersion: version, kind, metadata } of crds) {
    const ref = { apiVersion: version, kind, name: metadata.name ?? "" };
    await waitFor(client, ref, (crd) => conditionOf(crd, "Established") === "True", { timeoutMs });
  }
  client.discovery.invalidate();
  for (const crd of crds) {
    const { names } = crd["spec"] as unknown as { names: { kind: string } };
    await untilServed(client, { apiVersion, kind: names.kind });
  }
}

/** Waits until the server serves a kind, which is a moment after its definition is said to be established. */
export async function untilServed(
  client: KubeClient,
  kind: { readonly apiVersion: string; readonly kind: string },
): Promise<void> {
  await vi.waitUntil(() => client.discovery.serves(kind), { timeout: timeoutMs });
}

/** The status of a condition of an object. */
export function conditionOf(object: KubeObject | undefined, type: string): string | undefined {
  return findCondition(object, type)?.["status"] as string | undefined;
}

/** A condition of an object. */
export function findCondition(object: KubeObject | undefined, type: string): JsonObject | undefined {
  const status = object?.["status"];
  const conditions = isJsonObject(status) ? status["conditions"] : undefined;
  if (!Array.isArray(conditions)) return undefined;
  return conditions.filter(isJsonObject).find((condition) => condition["type"] === type);
}

/** The message of a condition, empty without one. */
export function messageOf(object: KubeObject | undefined, type: string): string {
  const message = findCondition(object, type)?.["message"];
  return typeof message === "string" ? message : "";
}

/** Whether a condition has this status and speaks of the present generation. */
export function isCurrent(object: KubeObject, type: string, status: string): boolean {
  const condition = findCondition(object, type);
  return condition?.["status"] === status && condition["observedGeneration"] === object.metadata.generation;
}

/**
 * Whether a package or deployment has this revision and nothing more to do. Being available is not enough: while a revision
 * is rolled out, the one before makes it so.
 */
export function isRolledOut(object: KubeObject, revision: number): boolean {
  return (
    isCurrent(object, "Available", "True") &&
    isCurrent(object, "Progressing", "False") &&
    (object["status"] as { revision?: number }).revision === revision
  );
}

/** The revision of an object set. */
export function revisionOf(set: KubeObject): number {
  return (set["spec"] as { revision: number }).revision;
}

/** A reference to one of our kinds. */
export function ours(kind: string, name: string, namespace?: string): ObjectRef {
  return { apiVersion, kind, name, namespace };
}

/** A config map as scenarios use them. */
export function configMap(name: string, data: Record<string, string> = {}, namespace?: string): KubeObject {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
    data,
  };
}
