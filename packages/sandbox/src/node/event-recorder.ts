import { createHash } from "node:crypto";
import { StatusError } from "../errors.ts";
import { type LocalClient, ignoreGone } from "../controllers/local-client.ts";
import { getNumber, getString, type JsonObject, nameOf, namespaceOf, uidOf } from "../json.ts";
import { formatTime } from "../verbs/api-context.ts";

/** Writes Events about Pods, as `kubectl describe` shows them. */
export type EventRecorder = (
  pod: JsonObject,
  type: "Normal" | "Warning",
  reason: string,
  message: string,
) => void;

/** Makes a recorder; an event that repeats is counted. Events that cannot be written are dropped. */
export function createEventRecorder(client: LocalClient, component: string, now: () => Date): EventRecorder {
  const known = new Map<string, string>();
  return (pod, type, reason, message) => {
    const time = formatTime(now());
    const key = [uidOf(pod), type, reason, message].join("|");
    const namespace = namespaceOf(pod);
    const name = known.get(key);
    const old = name === undefined ? undefined : client.get({ collection: "/events", namespace, name });
    if (old !== undefined) {
      const count = (getNumber(old, "count") ?? 1) + 1;
      client.patch({ collection: "/events", namespace, name: nameOf(old) }, { count, lastTimestamp: time });
      return;
    }
    try {
      const created = ignoreGone(() =>
        client.create("/events", {
          apiVersion: "v1",
          kind: "Event",
          metadata: { name: `${nameOf(pod)}.${hashOf(key)}`, namespace },
          involvedObject: {
            apiVersion: "v1",
            kind: "Pod",
            namespace,
            name: nameOf(pod),
            uid: uidOf(pod),
            resourceVersion: getString(pod, "metadata", "resourceVersion"),
          },
          type,
          reason,
          message,
          count: 1,
          firstTimestamp: time,
          lastTimestamp: time,
          source: { component, host: "sandbox" },
          reportingComponent: component,
          reportingInstance: "sandbox",
        }),
      );
      if (created !== undefined) known.set(key, nameOf(created));
    } catch (error) {
      // A namespace that is being deleted takes no events.
      if (!(error instanceof StatusError)) throw error;
    }
  };
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
