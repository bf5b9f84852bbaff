import type { RegistryStorage } from "../storage/registry-storage.ts";
import type { AccessControl, Action } from "./access.ts";
import { handleBlob } from "./blobs.ts";
import type { Exchange } from "./exchange.ts";
import { handleCatalog, handleTags } from "./lists.ts";
import { handleManifest, handleReferrers } from "./manifests.ts";
import { parseRoute, type Route } from "./route.ts";
import { ServerError } from "./server-error.ts";
import type { Uploads } from "./uploads.ts";

/** What answering needs. */
export interface HandlerContext {
  readonly storage: RegistryStorage;
  readonly access: AccessControl;
  readonly uploads: Uploads;
}

const methods: Readonly<Record<Route["kind"], readonly string[]>> = {
  root: ["GET", "HEAD"],
  catalog: ["GET"],
  tags: ["GET"],
  manifest: ["GET", "HEAD", "PUT", "DELETE"],
  blob: ["GET", "HEAD", "DELETE"],
  referrers: ["GET"],
  "start-upload": ["POST"],
  upload: ["GET", "HEAD", "PATCH", "PUT", "DELETE"],
};

/** Answers one request; throws {@link ServerError} for what is the client's fault. */
export async function handle(context: HandlerContext, exchange: Exchange): Promise<void> {
  const { pathname } = exchange.url;
  if (pathname === "/token" && context.access.token !== undefined) {
    await context.access.token(exchange);
    return;
  }
  const route = parseRoute(pathname);
  if (route === undefined) {
    exchange.answer(404, { "content-type": "text/plain" }, "404 page not found\n");
    return;
  }
  if (!methods[route.kind].includes(exchange.method)) {
    const headers = { allow: methods[route.kind].join(", ") };
    throw new ServerError("UNSUPPORTED", `${exchange.method} is not supported here`, { headers });
  }
  await dispatch(context, exchange, route);
}

async function dispatch(context: HandlerContext, exchange: Exchange, route: Route): Promise<void> {
  const { storage, access } = context;
  const isWrite = route.kind.endsWith("upload") || !["GET", "HEAD"].includes(exchange.method);
  const action: Action = isWrite ? "push" : "pull";
  const repository = "repository" in route ? route.repository : undefined;
  const mayAlso = await access.check(exchange, repository, action);
  if (isWrite && storage.readOnly) throw new ServerError("UNSUPPORTED", "this registry is read-only");
  if (route.kind === "root") return exchange.json(200, {});
  if (route.kind === "catalog") return handleCatalog(exchange, storage);
  return dispatchRepository(context, exchange, route, (other) => mayAlso(other, "pull"));
}

async function dispatchRepository(
  context: HandlerContext,
  exchange: Exchange,
  route: Exclude<Route, { kind: "root" | "catalog" }>,
  mayRead: (other: string) => boolean,
): Promise<void> {
  const place = context.storage.repository(route.repository);
  switch (route.kind) {
    case "tags":
      return handleTags(exchange, route.repository, place);
    case "manifest":
      return handleManifest(exchange, route.repository, place, route.reference);
    case "blob":
      return handleBlob(exchange, place, route.digest);
    case "referrers":
      return handleReferrers(exchange, place, route.digest);
    case "start-upload":
      return context.uploads.start(exchange, route.repository, place, mayRead);
    case "upload":
      return context.uploads.handle(exchange, route.repository, place, route.id);
  }
}
