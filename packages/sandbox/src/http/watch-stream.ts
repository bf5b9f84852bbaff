import { encodeJson } from "@package-operator/kube-yaml";
import type { Resource } from "../resources/resource.ts";
import type { ApiContext } from "../verbs/api-context.ts";
import { type Watch, watchObjects, type WatchOptions } from "../verbs/watch-objects.ts";
import type { ApiResponse, ResponseSink } from "./api-response.ts";
import { outputEvent, type OutputOptions } from "./object-output.ts";

/** A watch over HTTP. */
export interface WatchStreamOptions extends WatchOptions {
  /** How long it lasts. */
  readonly seconds: number;
  /** Ends it early. */
  readonly signal: AbortSignal;
}

/** How often a quiet watch is told how far it is, in milliseconds. */
const bookmarkInterval = 60_000;

/**
 * Answers a watch: one JSON document a line until time is up or the client leaves.
 *
 * @throws StatusError before anything is sent when the watch cannot start where the client wants.
 */
export function streamWatch(
  context: ApiContext,
  resource: Resource,
  output: OutputOptions,
  options: WatchStreamOptions,
): ApiResponse {
  let sink: ResponseSink | undefined;
  let first = true;
  const early: string[] = [];
  const watch: Watch = watchObjects(context, resource, options, (event) => {
    const now = context.now().getTime();
    const line = `${encodeJson(outputEvent(resource, event, { ...output, now, first }))}\n`;
    first = false;
    if (sink === undefined) early.push(line);
    else sink.write(line);
  });
  return {
    status: 200,
    headers: { "content-type": "application/json", "cache-control": "no-cache, private" },
    stream: (opened) => {
      sink = opened;
      if (early.length > 0) opened.write(early.join(""));
      const bookmarks =
        options.bookmarks === true ? setInterval(watch.bookmark, bookmarkInterval) : undefined;
      const end = setTimeout(() => finish(), options.seconds * 1000);
      const finish = (): void => {
        clearTimeout(end);
        clearInterval(bookmarks);
        watch.stop();
        opened.end();
      };
      if (options.signal.aborted) finish();
      else options.signal.addEventListener("abort", finish, { once: true });
    },
  };
}
