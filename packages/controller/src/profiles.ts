import { Session } from "node:inspector/promises";
import type { Clock } from "@package-operator/kube";
import { type HttpHandler, plainText } from "./http-listener.ts";

const defaultSeconds = 30;
const index = `/debug/pprof/

cmdline            the command line of this process
profile?seconds=N  CPU profile over N seconds (default 30), for Chrome DevTools or speedscope
heap               heap snapshot, for Chrome DevTools
`;

/**
 * Profiles of this process under `/debug/pprof/`, where Go programs have theirs; the formats are V8's (`.cpuprofile`,
 * `.heapsnapshot`), since no Go profile can be made of a Node process. `symbol` and `trace` do not exist.
 */
export function createProfileHandler({
  argv,
  clock,
}: {
  argv: readonly string[];
  clock: Clock;
}): HttpHandler {
  /** The inspector knows one CPU profile at a time. */
  let profiling = false;
  return async ({ path, query, signal }) => {
    switch (path) {
      case "/debug/pprof":
      case "/debug/pprof/":
        return plainText(200, index);
      case "/debug/pprof/cmdline":
        return plainText(200, argv.join("\0"));
      case "/debug/pprof/heap":
        return { status: 200, contentType: "application/json", body: await heapSnapshot() };
      case "/debug/pprof/profile": {
        const seconds = Number(query.get("seconds") ?? defaultSeconds);
        if (!(seconds > 0) || seconds > 600)
          return plainText(400, "seconds must be a number from above 0 to 600\n");
        if (profiling) return plainText(409, "a CPU profile is already being taken\n");
        profiling = true;
        try {
          return {
            status: 200,
            contentType: "application/json",
            body: await cpuProfile(seconds, { clock, signal }),
          };
        } finally {
          profiling = false;
        }
      }
      default:
        return plainText(404, "404 page not found\n");
    }
  };
}

async function cpuProfile(
  seconds: number,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<string> {
  const session = new Session();
  session.connect();
  try {
    await session.post("Profiler.enable");
    await session.post("Profiler.start");
    // A client that goes away ends the profile early.
    await clock.sleep(seconds * 1000, { signal }).catch(() => undefined);
    const { profile } = await session.post("Profiler.stop");
    return JSON.stringify(profile);
  } finally {
    session.disconnect();
  }
}

async function heapSnapshot(): Promise<string> {
  const session = new Session();
  session.connect();
  const chunks: string[] = [];
  session.on("HeapProfiler.addHeapSnapshotChunk", ({ params }) => chunks.push(params.chunk));
  try {
    await session.post("HeapProfiler.takeHeapSnapshot");
    return chunks.join("");
  } finally {
    session.disconnect();
  }
}
