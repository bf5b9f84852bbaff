import type { JsonObject } from "@package-operator/kube-yaml";
import { KubeError, type Status } from "./errors.ts";
import { parseBody } from "./json-body.ts";

/** One change seen by a watch; errors are thrown, not yielded. */
export interface WatchEvent<T> {
  type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK";
  object: T;
}

/**
 * The events in the body of a watch: one JSON document per line, lines and characters cut anywhere between chunks.
 * Error events are thrown as `ApiStatus`, a line that is no event as `InvalidResponse`.
 */
export async function* decodeWatch(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<WatchEvent<JsonObject>> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line.trim() !== "") yield decodeEvent(line);
  }
  // A connection cut in the middle of a line: the event comes again when the watch goes on.
}

function decodeEvent(line: string): WatchEvent<JsonObject> {
  let event: { type?: string; object?: JsonObject };
  try {
    event = parseBody(line) as typeof event;
  } catch (cause) {
    throw new KubeError("InvalidResponse", `watch: not JSON: ${line.slice(0, 200)}`, { cause });
  }
  const { type, object } = event;
  switch (type) {
    case "ADDED":
    case "MODIFIED":
    case "DELETED":
    case "BOOKMARK":
      if (object) return { type, object };
      break;
    case "ERROR": {
      const status = (object ?? {}) as Status;
      throw new KubeError("ApiStatus", status.message || "the watch failed", { status });
    }
  }
  throw new KubeError("InvalidResponse", `watch: not an event: ${line.slice(0, 200)}`);
}
