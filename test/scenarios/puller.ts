import type { TestCluster } from "./cluster.ts";

/** The ServiceAccount whose pull secrets an operator uses. */
export interface Puller {
  /** Its namespace, removed at the end. */
  readonly namespace: string;
  /** What an operator has to be told about it. */
  readonly flags: readonly string[];
}

/** Makes a ServiceAccount in a namespace of its own. */
export async function createPuller(cluster: TestCluster): Promise<Puller> {
  const namespace = await cluster.namespace();
  const name = "puller";
  await cluster.create({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace } });
  return {
    namespace,
    flags: [`-service-account-namespace=${namespace}`, `-service-account-name=${name}`],
  };
}
