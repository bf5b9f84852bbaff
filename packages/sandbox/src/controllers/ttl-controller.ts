import { getNumber, getObjects, getString, type JsonObject, uidOf } from "../json.ts";
import { type ControlLoop, ownKey, splitKey, startControlLoop } from "./control-loop.ts";
import type { ControllerContext } from "./controller-context.ts";
import { createLocalClient, localRef } from "./local-client.ts";

const collection = "batch/jobs";

/** Deletes Jobs some time after they finished, when they ask for it. */
export function startTtlController({ api, onError }: ControllerContext): ControlLoop {
  const client = createLocalClient(api, "ttl-after-finished-controller");
  return startControlLoop({
    store: api.store,
    name: "ttl-after-finished",
    watches: { [collection]: ownKey },
    onError,
    reconcile: (key, loop) => {
      const job = client.get({ collection, ...splitKey(key) });
      const seconds = job === undefined ? undefined : getNumber(job, "spec", "ttlSecondsAfterFinished");
      if (
        job === undefined ||
        seconds === undefined ||
        getString(job, "metadata", "deletionTimestamp") !== ""
      )
        return;
      const finished = finishTime(job);
      if (finished === undefined) return;
      const left = finished + seconds * 1000 - api.now().getTime();
      if (left > 0) loop.enqueue(key, left);
      else
        client.delete(localRef(collection, job), {
          propagationPolicy: "Foreground",
          preconditions: { uid: uidOf(job) },
        });
    },
  });
}

function finishTime(job: JsonObject): number | undefined {
  const condition = getObjects(job, "status", "conditions").find(
    (item) => (item["type"] === "Complete" || item["type"] === "Failed") && item["status"] === "True",
  );
  return condition === undefined ? undefined : Date.parse(getString(condition, "lastTransitionTime"));
}
