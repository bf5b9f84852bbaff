import type { LocalClient } from "../controllers/local-client.ts";
import type { JsonObject } from "../json.ts";
import type { EventRecorder } from "./event-recorder.ts";
import type { ImageStore } from "./image-store.ts";

/** What everything on the node works with. */
export interface NodeContext {
  readonly client: LocalClient;
  readonly images: ImageStore;
  readonly record: EventRecorder;
  readonly now: () => Date;
  /** Folder for the files of Pods. */
  readonly dir: string;
  /** Runs images without the label, too. */
  readonly allowAnyProcess: boolean;
  /** First and longest delay before a pull or a start is tried again, in milliseconds. */
  readonly backoff: { readonly first: number; readonly longest: number };
  /** The Node that runs scripts made for Node. */
  readonly node: string;
  /** Environment that every process starts from. */
  readonly baseEnv: Readonly<Record<string, string>>;
  /** Kubeconfig text with a token of the Pod's ServiceAccount. */
  readonly kubeconfig: (pod: JsonObject) => string;
  /** A token of the Pod's ServiceAccount. */
  readonly token: (pod: JsonObject, audience: string, seconds: number) => string;
}

/** Name of the only node. */
export const nodeName = "sandbox";

/** The delay before try number `failures` (from 1): doubled each time. */
export function backoffDelay({ first, longest }: NodeContext["backoff"], failures: number): number {
  return Math.min(first * 2 ** (failures - 1), longest);
}

/** Waits, or ends early when the signal aborts; tells whether the time passed. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return Promise.resolve(false);
  return new Promise((resolve) => {
    const abort = (): void => {
      clearTimeout(timer);
      resolve(false);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", abort);
      resolve(true);
    }, milliseconds);
    signal.addEventListener("abort", abort, { once: true });
  });
}
