import { StatusError } from "../errors.ts";
import { type JsonObject, nameOf, namespaceOf } from "../json.ts";
import { badRequest, expired } from "../refusals.ts";
import { collectionOf, type Resource } from "../resources/resource.ts";
import { objectKey } from "../storage/object-store.ts";
import { type ApiContext, toVersion } from "./api-context.ts";
import { createSelection } from "./selection.ts";

/** What a list request asks for. */
export interface ListOptions {
  /** Absent: all namespaces. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** At most this many; 0 or absent for all. */
  readonly limit?: number;
  readonly continueToken?: string;
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: string;
}

/** Objects in key order, with what goes into `metadata` of the list. */
export interface ListResult {
  readonly items: readonly JsonObject[];
  readonly resourceVersion: string;
  readonly continueToken?: string;
  readonly remaining?: number;
}

interface Snapshot {
  readonly revision: number;
  /** The key the page starts after; empty for the first page. */
  readonly after: string;
}

/**
 * Lists objects of a resource, page by page when asked to; all pages show the same moment.
 *
 * @throws StatusError 410 when the moment of a continue token or an exact version is no longer known.
 */
export function listObjects(context: ApiContext, resource: Resource, options: ListOptions): ListResult {
  const { matches, all } = createSelection(
    resource,
    options.labelSelector ?? "",
    options.fieldSelector ?? "",
  );
  const { revision, after } = snapshotOf(context, options);
  const current = revision === context.store.revision;
  const collection = collectionOf(resource);
  const objects = current
    ? context.store.list(collection, options.namespace)
    : context.store.listAt(collection, revision, options.namespace);
  if (objects === undefined) throw expired(expiredText(options));
  const rest = objects.filter((object) => keyOf(object) > after && matches(toVersion(object, resource)));
  const limit = options.limit ?? 0;
  const page = limit > 0 ? rest.slice(0, limit) : rest;
  const remaining = rest.length - page.length;
  const last = page.at(-1);
  return {
    items: page.map((object) => toVersion(object, resource)),
    resourceVersion: String(revision),
    ...(remaining > 0 && last !== undefined
      ? { continueToken: encodeToken(revision, keyOf(last)), ...(all ? { remaining } : {}) }
      : {}),
  };
}

function snapshotOf(context: ApiContext, options: ListOptions): Snapshot {
  const { continueToken = "", resourceVersion = "", resourceVersionMatch = "" } = options;
  if (continueToken !== "") {
    if (resourceVersion !== "" && resourceVersion !== "0") {
      throw badRequest("specifying resource version is not allowed when using continue");
    }
    return decodeToken(continueToken);
  }
  if (resourceVersionMatch !== "" && resourceVersion === "") {
    throw invalidMatch("resourceVersionMatch is forbidden unless resourceVersion is provided");
  }
  const wanted = parseVersion(resourceVersion);
  if (wanted > context.store.revision) throw tooLarge(wanted, context.store.revision);
  const exact = resourceVersionMatch === "Exact" || (resourceVersionMatch === "" && (options.limit ?? 0) > 0);
  return { revision: exact && wanted > 0 ? wanted : context.store.revision, after: "" };
}

/**
 * Reads a resource version; empty text is 0.
 *
 * @throws StatusError 400 when it is not a number.
 */
export function parseVersion(text: string): number {
  if (text === "") return 0;
  if (!/^\d+$/.test(text)) {
    throw badRequest(
      `invalid resource version: resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`,
    );
  }
  return Number(text);
}

/** 504 for a version that does not exist yet, as the watch cache answers after waiting for it. */
function tooLarge(wanted: number, current: number): StatusError {
  return new StatusError(
    504,
    "Timeout",
    `Timeout: Too large resource version: ${wanted}, current: ${current}`,
    {
      causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }],
      retryAfterSeconds: 1,
    },
  );
}

function invalidMatch(message: string): StatusError {
  return new StatusError(
    422,
    "Invalid",
    `ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: ${message}`,
    {
      group: "meta.k8s.io",
      kind: "ListOptions",
      causes: [
        { reason: "FieldValueForbidden", message: `Forbidden: ${message}`, field: "resourceVersionMatch" },
      ],
    },
  );
}

function encodeToken(revision: number, key: string): string {
  return Buffer.from(JSON.stringify({ v: "meta.k8s.io/v1", rv: revision, start: key })).toString("base64url");
}

function decodeToken(token: string): Snapshot {
  try {
    const { rv, start } = JSON.parse(Buffer.from(token, "base64url").toString()) as Record<string, unknown>;
    if (typeof rv === "number" && typeof start === "string") return { revision: rv, after: start };
  } catch {
    // Falls through to the refusal.
  }
  throw badRequest("invalid continue token: continue key is not valid");
}

function expiredText({ continueToken = "" }: ListOptions): string {
  return continueToken === ""
    ? "The resourceVersion for the provided list is too old."
    : "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.";
}

function keyOf(object: JsonObject): string {
  return objectKey(namespaceOf(object), nameOf(object));
}
