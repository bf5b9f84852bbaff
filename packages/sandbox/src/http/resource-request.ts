import type { Authenticator } from "../auth/authenticator.ts";
import type { TokenIssuer } from "../auth/tokens.ts";
import type { User } from "../auth/user.ts";
import { StatusError } from "../errors.ts";
import { getString, isObject, type JsonObject, type JsonValue } from "../json.ts";
import { badRequest } from "../refusals.ts";
import type { Resource } from "../resources/resource.ts";
import type { ApiContext, Target } from "../verbs/api-context.ts";
import type { ListOptions } from "../verbs/list-objects.ts";
import type { ApiRequest, ApiResponse } from "./api-response.ts";
import { negotiate, readBody } from "./negotiate.ts";
import type { OutputOptions } from "./object-output.ts";
import type { RequestInfo } from "./request-info.ts";

/** Reads the output of a container; see the process runner. */
export type LogReader = (request: LogRequest) => ApiResponse;

/** Which output, and how much of it. */
export interface LogRequest {
  readonly pod: JsonObject;
  readonly container: string;
  readonly follow: boolean;
  readonly previous: boolean;
  readonly timestamps: boolean;
  readonly tailLines: number | undefined;
  readonly sinceSeconds: number | undefined;
  readonly limitBytes: number | undefined;
  readonly signal: AbortSignal;
}

/** What requests on resources work with. */
export interface HandlerContext extends ApiContext {
  readonly authenticator: Authenticator;
  readonly tokens: TokenIssuer;
  readonly readLog: LogReader | undefined;
  /** How long a watch lasts when the client does not say, in seconds. */
  readonly watchSeconds: () => number;
}

/** One request on a resource, authorized. */
export interface ResourceRequest {
  readonly request: ApiRequest;
  readonly info: RequestInfo;
  readonly resource: Resource;
  readonly user: User;
}

/** The RBAC verb of a request. */
export function verbOf(method: string, info: RequestInfo, query: URLSearchParams): string {
  switch (method) {
    case "POST":
      return "create";
    case "PUT":
      return "update";
    case "PATCH":
      return "patch";
    case "DELETE":
      return info.name === "" ? "deletecollection" : "delete";
    default:
      if (info.watch || isSet(query, "watch")) return "watch";
      return info.name === "" ? "list" : "get";
  }
}

/** The object that a request names. */
export function targetOf({ resource, info }: ResourceRequest): Target {
  return { resource, namespace: resource.namespaced ? info.namespace : "", name: info.name };
}

/** What the query of a list asks for. */
export function listOptions({ query }: ApiRequest, info: RequestInfo): ListOptions {
  return {
    ...(info.namespace === "" ? {} : { namespace: info.namespace }),
    labelSelector: query.get("labelSelector") ?? "",
    fieldSelector: query.get("fieldSelector") ?? "",
    limit: Number(query.get("limit") ?? 0),
    continueToken: query.get("continue") ?? "",
    resourceVersion: query.get("resourceVersion") ?? "",
    resourceVersionMatch: query.get("resourceVersionMatch") ?? "",
  };
}

/** The body of a write. @throws StatusError 400 in the words that go with the resource */
export function bodyOf(request: ApiRequest, resource: Resource): JsonValue {
  try {
    const body = readBody(request);
    if (body === undefined) throw badRequest("request body is empty");
    if (resource.custom && isObject(body) && getString(body, "kind") === "") {
      const text = JSON.stringify(body);
      throw badRequest(unrecognized(request, resource, `Object 'Kind' is missing in '${text}'`));
    }
    return body;
  } catch (error) {
    if (!(error instanceof StatusError) || error.httpStatus !== 400) throw error;
    if (error.message.startsWith("the object provided")) throw error;
    throw badRequest(
      unrecognized(request, resource, `couldn't get version/kind; json parse error: ${error.message}`),
    );
  }
}

function unrecognized(request: ApiRequest, resource: Resource, why: string): string {
  const text = Buffer.from(request.body).toString();
  const start = text.length > 30 ? `${text.slice(0, 30)} ...` : text;
  return `the object provided is unrecognized (must be of type ${resource.kind}): ${why} (${start})`;
}

/** How the client wants objects. @throws StatusError 406 */
export function outputOptions(context: HandlerContext, request: ApiRequest): OutputOptions {
  return {
    shape: negotiate(request.headers["accept"], ["table", "metadata"]).shape,
    includeObject: request.query.get("includeObject") ?? "Metadata",
    now: context.now().getTime(),
  };
}

/** Whether a query parameter is there and true. */
export function isSet(query: URLSearchParams, name: string): boolean {
  return isTruthy(query.get(name));
}

/** What counts as true in a query. */
export function isTruthy(value: string | null): boolean {
  return value === "true" || value === "1" || value === "";
}
