import { type HttpHandler, type HttpReply, plainText } from "./http-listener.ts";

/** A check: resolves when healthy, throws otherwise. */
export type HealthCheck = () => void | Promise<void>;

/** Checks by name, for `/healthz` and `/readyz`. */
export interface HealthChecks {
  healthz: Readonly<Record<string, HealthCheck>>;
  readyz: Readonly<Record<string, HealthCheck>>;
}

/**
 * Answers `/healthz` and `/readyz` as controller-runtime does: `ok`, or the list with `?verbose`, `?exclude=<name>`,
 * and single checks below.
 */
export function createHealthHandler(checks: HealthChecks): HttpHandler {
  return async ({ path, query }) => {
    const [, root = "", name = ""] = /^\/(healthz|readyz)(?:\/([^/]*))?$/.exec(path) ?? [];
    if (root !== "healthz" && root !== "readyz") return notFound;
    const group = checks[root];
    if (name === "") return answerAll(group, query);
    const check = Object.hasOwn(group, name) ? group[name] : undefined;
    if (!check) return notFound;
    const failure = await run(check);
    return failure ? plainText(500, `internal server error: ${failure.message}\n`) : plainText(200, "ok");
  };
}

async function answerAll(
  group: Readonly<Record<string, HealthCheck>>,
  query: URLSearchParams,
): Promise<HttpReply> {
  const excluded = new Set(query.getAll("exclude"));
  const lines: string[] = [];
  let healthy = true;
  for (const [name, check] of Object.entries(group).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (excluded.delete(name)) lines.push(`[+]${name} excluded: ok`);
    // The reason stays in the log: probes may be read by anyone.
    else if (await run(check)) {
      healthy = false;
      lines.push(`[-]${name} failed: reason withheld`);
    } else lines.push(`[+]${name} ok`);
  }
  if (healthy && !query.has("verbose")) return plainText(200, "ok");
  if (excluded.size > 0) {
    lines.push(
      `warn: some health checks cannot be excluded: no matches for ${[...excluded].map((name) => `"${name}"`).join(", ")}`,
    );
  }
  lines.push(healthy ? "healthz check passed" : "healthz check failed");
  return plainText(healthy ? 200 : 500, `${lines.join("\n")}\n`);
}

async function run(check: HealthCheck): Promise<Error | undefined> {
  try {
    await check();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

const notFound = plainText(404, "404 page not found\n");
