import type { InformerEvent, KubeObject } from "@package-operator/kube";
import { describe, expect, test } from "vitest";
import { generationChanged, watchSource, type WatchSourceOptions } from "./source.ts";

function object(name: string, generation = 1, owner?: string): KubeObject {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { namespace: "ns", name, generation, ...(owner && { labels: { owner } }) },
  };
}

/** What a source queues for some events. */
function queued(events: InformerEvent<KubeObject>[], options?: WatchSourceOptions<KubeObject>): string[] {
  const keys: string[] = [];
  const stream = {
    onEvent(handler: (event: InformerEvent<KubeObject>) => void) {
      for (const event of events) handler(event);
      return () => keys.push("stopped");
    },
  };
  watchSource(stream, options)
    .start((key, { priority } = {}) => keys.push(`${key} ${priority}`))
    .stop();
  return keys;
}

const update = (previous: KubeObject, now: KubeObject): InformerEvent<KubeObject> => ({
  type: "update",
  previous,
  object: now,
});

describe("watchSource", () => {
  test("queues the object's own key; the first fill and repetitions are periodic", () => {
    const events: InformerEvent<KubeObject>[] = [
      { type: "add", object: object("a"), initial: true },
      { type: "add", object: object("b"), initial: false },
      update(object("c"), object("c")),
      { type: "delete", object: object("d") },
      { type: "resync", object: object("e") },
    ];
    expect(queued(events)).toEqual([
      "ns/a periodic",
      "ns/b fresh",
      "ns/c fresh",
      "ns/d fresh",
      "ns/e periodic",
      "stopped",
    ]);
  });

  test("asks the old and the new object of an update", () => {
    const keys = ({ metadata }: KubeObject) => (metadata.labels?.owner ? [metadata.labels.owner] : []);
    const events = [
      update(object("a", 1, "old"), object("a", 1, "new")),
      update(object("a", 1, "x"), object("a", 1, "x")),
    ];
    expect(queued(events, { keys })).toEqual(["new fresh", "old fresh", "x fresh", "stopped"]);
  });

  test("generationChanged ignores status writes only", () => {
    const events: InformerEvent<KubeObject>[] = [
      update(object("same", 2), object("same", 2)),
      update(object("changed", 2), object("changed", 3)),
      { type: "delete", object: object("deleted") },
    ];
    expect(queued(events, { filter: generationChanged })).toEqual([
      "ns/changed fresh",
      "ns/deleted fresh",
      "stopped",
    ]);
  });

  test("is ready when the stream is filled", async () => {
    const synced = Promise.reject(new Error("never"));
    const { ready } = watchSource({ onEvent: () => () => undefined, synced }).start(() => undefined);
    await expect(ready).rejects.toThrow("never");
  });
});
