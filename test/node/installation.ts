import { expect, vi } from "vitest";
import type { LabNode } from "./lab-node.ts";

export const namespace = "package-operator-system";
export const inNamespace = ["-n", namespace] as const;
export const jobName = "package-operator-bootstrap";

/** The parts of objects that scenarios look at. */
export interface Thing {
  metadata: {
    name: string;
    namespace?: string;
    uid: string;
    generation: number;
    annotations?: Record<string, string>;
    labels?: Record<string, string>;
  };
  spec: { image: string; config?: { imagePrefixOverrides?: string } };
  status?: {
    unpackedHash?: string;
    revision?: number;
    conditions?: {
      type: string;
      status: string;
      reason: string;
      message: string;
      lastTransitionTime: string;
      observedGeneration?: number;
    }[];
  };
}

export interface List<T> {
  items: T[];
}

/** Applies a bootstrap manifest and waits until its Job, having done everything, is gone. */
export async function bootstrap(node: LabNode, manifest: string): Promise<void> {
  await node.kubectl("apply", "-f", manifest);
  await jobDone(node);
  await operatorAvailable(node);
}

/** A finished Job removes itself; one that fails stays, which the deadline turns into an error. */
export async function jobDone(node: LabNode): Promise<void> {
  await node.kubectl("wait", "--for=delete", `job/${jobName}`, ...inNamespace, "--timeout=180s");
}

export async function operatorAvailable(node: LabNode): Promise<void> {
  await node.kubectl(
    ...(["wait", "--for=condition=Available", "clusterpackage/package-operator", "--timeout=120s"] as const),
  );
}

/** Waits until the bootstrap has made the operator's package, from before its kind is known. */
export async function packageCreated(node: LabNode): Promise<void> {
  await vi.waitFor(() => node.kubectl("get", "clusterpackage/package-operator"), {
    timeout: 180_000,
    interval: 500,
  });
}

/** The image that the operator's Deployment names. */
export async function managerImage(node: LabNode): Promise<string> {
  return node.kubectl(
    ...(["get", "deployment", "package-operator-manager", ...inNamespace, "-o"] as const),
    "jsonpath={.spec.template.spec.containers[*].image}",
  );
}

/** Waits for a condition of a ClusterPackage; fails with what it was instead. */
export async function condition(node: LabNode, name: string, type: string, wanted: object): Promise<void> {
  await vi.waitFor(
    async () => {
      const { status } = await node.get<Thing>("clusterpackage", name);
      expect(status?.conditions?.find((entry) => entry.type === type)).toMatchObject(wanted);
    },
    { timeout: 120_000, interval: 500 },
  );
}
