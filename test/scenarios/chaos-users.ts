import {
  isAlreadyExists,
  isConflict,
  isKubeError,
  isNotFound,
  type KubeClient,
  type ObjectRef,
} from "@package-operator/kube";
import { setTimeout as sleep } from "node:timers/promises";
import { type Layout, layoutNames, type Wanted } from "./chaos-model.ts";
import { ours } from "./cluster.ts";

/** The users of a cluster, who do anything at any time, and remember what they asked for. */
export interface ChaosUsers {
  /** What each installed package was last asked to be. */
  readonly model: ReadonlyMap<string, Wanted>;
  /** One change of one package, or of one of its objects. */
  act(): Promise<void>;
  /** Resumes every package. */
  resumeAll(): Promise<void>;
  /** Deletes every package. */
  deleteAll(): Promise<void>;
  refOf(name: string): ObjectRef;
}

/** What users work with. */
export interface ChaosUsersOptions {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly packages: number;
  readonly images: Readonly<Record<Layout, string>>;
  readonly random: () => number;
}

/** Users of a cluster on which packages of all images are installed in both scopes. */
export function createChaosUsers(options: ChaosUsersOptions): ChaosUsers {
  const { client, namespace, images, random } = options;
  const model = new Map<string, Wanted>();
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
  const names = Array.from({ length: options.packages }, (_, index) => `${namespace}-${index}`);
  let changes = 0;

  /** Every second package is cluster-scoped. */
  function refOf(name: string): ObjectRef {
    const isCluster = names.indexOf(name) % 2 === 1;
    return isCluster ? ours("ClusterPackage", name) : ours("Package", name, namespace);
  }

  const specOf = ({ layout, value, paused }: Wanted) => ({
    image: images[layout],
    config: { value },
    paused,
  });

  async function create(name: string): Promise<void> {
    const wanted = { layout: pick(layoutNames), value: `v${changes}`, paused: random() < 0.1 };
    const { apiVersion, kind, namespace: place } = refOf(name);
    const metadata = { name, ...(place === undefined ? {} : { namespace: place }) };
    try {
      await client.create({ apiVersion, kind, metadata, spec: specOf(wanted) });
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      // Either it is still on its way out, or the server died after it had done what was asked.
      const live = await client.find(refOf(name));
      if (live === undefined || live.metadata.deletionTimestamp !== undefined) return;
      await client.patch(refOf(name), { type: "merge", body: { spec: specOf(wanted) } });
    }
    model.set(name, wanted);
  }

  async function change(name: string, wanted: Wanted): Promise<void> {
    await client.patch(refOf(name), { type: "merge", body: { spec: specOf(wanted) } });
    model.set(name, wanted);
  }

  async function remove(name: string): Promise<void> {
    const propagation = pick(["Background", "Foreground"] as const);
    await ignoringMissing(client.delete(refOf(name), { propagation }));
    model.delete(name);
  }

  /** Somebody changes or deletes an object that is not theirs. */
  async function meddle(name: string): Promise<void> {
    const index = Math.floor(random() * 15);
    const ref = { apiVersion: "v1", kind: "ConfigMap", name: `${name}-${index}`, namespace };
    if (random() < 0.5) return ignoringMissing(client.delete(ref));
    return ignoringMissing(
      client.patch(ref, { type: "merge", body: { data: { value: "changed" } } }).then(() => undefined),
    );
  }

  async function act(): Promise<void> {
    const name = pick(names);
    const wanted = model.get(name);
    const dice = random();
    changes++;
    if (wanted === undefined) await survive(() => create(name));
    else if (dice < 0.4) await survive(() => change(name, { ...wanted, value: `v${changes}` }));
    else if (dice < 0.6) await survive(() => change(name, { ...wanted, layout: pick(layoutNames) }));
    else if (dice < 0.7) await survive(() => change(name, { ...wanted, paused: !wanted.paused }));
    else if (dice < 0.85) await survive(() => remove(name));
    else await survive(() => meddle(name));
  }

  return {
    model,
    act,
    refOf,
    async resumeAll() {
      for (const [name, wanted] of model) await survive(() => change(name, { ...wanted, paused: false }));
    },
    async deleteAll() {
      for (const name of [...model.keys()]) await survive(() => remove(name));
    },
  };
}

async function ignoringMissing(call: Promise<void>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/** Repeats what an outage of the server cut off; every action may be done twice. */
export async function survive<T>(action: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    try {
      return await action();
    } catch (error) {
      const passes = isKubeError(error) && (isConflict(error) || (error.httpStatus ?? 500) >= 429);
      if (!passes || Date.now() > deadline) throw error;
      await sleep(200);
    }
  }
}
