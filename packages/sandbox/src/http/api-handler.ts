import { authorize, type Attributes } from "../auth/rbac.ts";
import type { User } from "../auth/user.ts";
import { StatusError } from "../errors.ts";
import { internalError, pathNotFound } from "../refusals.ts";
import type { Resource } from "../resources/resource.ts";
import { type ApiRequest, type ApiResponse, jsonResponse, textResponse } from "./api-response.ts";
import {
  aggregatedDiscovery,
  coreVersions,
  groupInfo,
  groupList,
  resourceList,
  versionInfo,
} from "./discovery.ts";
import { negotiate } from "./negotiate.ts";
import { openApiDocument, openApiIndex } from "./openapi.ts";
import { parseRequestPath, type RequestInfo } from "./request-info.ts";
import { handleResource } from "./resource-handler.ts";
import { type HandlerContext, verbOf } from "./resource-request.ts";

/** What the handler of all requests works with. */
export interface ApiHandlerContext extends HandlerContext {
  /** `host:port` that discovery names. */
  readonly address: () => string;
  /** Told about faults of the server itself. */
  readonly onFault: (error: unknown, request: ApiRequest) => void;
}

/** Answers one authenticated request; never throws. */
export function handleRequest(context: ApiHandlerContext, request: ApiRequest, user: User): ApiResponse {
  try {
    return refusalAsAnswer(() => dispatch(context, request, user));
  } catch (error) {
    context.onFault(error, request);
    const fault = internalError(error instanceof Error ? error.message : String(error));
    return jsonResponse(fault.status, fault.httpStatus);
  }
}

function dispatch(context: ApiHandlerContext, request: ApiRequest, user: User): ApiResponse {
  const caller = impersonate(context, request, user);
  const info = parseRequestPath(request.path);
  if (info === undefined) {
    requireAllowed(context, caller, { verb: request.method.toLowerCase(), path: request.path });
    return answerPath(context, request);
  }
  requireAllowed(context, caller, attributesOf(request, info));
  const resource = context.catalog.find(info);
  if (resource === undefined && context.catalog.list(info).length === 0) {
    return textResponse("404 page not found\n", 404);
  }
  if (resource === undefined || wrongScope(resource, info)) throw pathNotFound();
  const answer = refusalAsAnswer(() => handleResource(context, { request, info, resource, user: caller }));
  return resource.deprecation === undefined ? answer : withWarning(answer, resource.deprecation);
}

function refusalAsAnswer(run: () => ApiResponse): ApiResponse {
  try {
    return run();
  } catch (error) {
    if (error instanceof StatusError) return jsonResponse(error.status, error.httpStatus);
    throw error;
  }
}

/** Adds a warning in front of those the answer has. */
function withWarning(answer: ApiResponse, text: string): ApiResponse {
  const warning = `299 - ${JSON.stringify(text)}`;
  const more = answer.headers?.["warning"];
  return {
    ...answer,
    headers: { ...answer.headers, warning: more === undefined ? warning : `${warning}, ${more}` },
  };
}

/** A namespaced object has a namespace in its path, any other has none. */
function wrongScope(resource: Resource, info: RequestInfo): boolean {
  if (!resource.namespaced) return info.namespace !== "";
  return info.namespace === "" && info.name !== "";
}

function attributesOf(request: ApiRequest, info: RequestInfo): Attributes {
  return {
    verb: verbOf(request.method, info, request.query),
    group: info.group,
    resource: info.plural,
    subresource: info.subresource,
    name: info.name,
    namespace: info.plural === "namespaces" ? info.name : info.namespace,
  };
}

/** Paths everybody may read. */
const publicPaths: ReadonlySet<string> = new Set(["/healthz", "/livez", "/readyz", "/version"]);

function requireAllowed(context: ApiHandlerContext, user: User, attributes: Attributes): void {
  if (attributes.path !== undefined && publicPaths.has(attributes.path)) return;
  if (authorize(context.store, user, attributes).allowed) return;
  throw refusal(user, attributes);
}

function refusal(user: User, attributes: Attributes): StatusError {
  const who = `User ${JSON.stringify(user.name)}`;
  if (attributes.path !== undefined) {
    const message = `forbidden: ${who} cannot ${attributes.verb} path ${JSON.stringify(attributes.path)}`;
    return new StatusError(403, "Forbidden", message, {});
  }
  const { group = "", resource = "", subresource = "", name = "", namespace = "" } = attributes;
  const where = namespace === "" ? "at the cluster scope" : `in the namespace ${JSON.stringify(namespace)}`;
  const full = subresource === "" ? resource : `${resource}/${subresource}`;
  const what = group === "" ? resource : `${resource}.${group}`;
  const object = name === "" ? what : `${what} ${JSON.stringify(name)}`;
  const message = `${object} is forbidden: ${who} cannot ${attributes.verb} resource ${JSON.stringify(full)} in API group ${JSON.stringify(group)} ${where}`;
  return new StatusError(403, "Forbidden", message, {
    ...(name === "" ? {} : { name }),
    ...(group === "" ? {} : { group }),
    kind: resource,
  });
}

/** Somebody may ask as somebody else when RBAC lets them. */
function impersonate(context: ApiHandlerContext, request: ApiRequest, user: User): User {
  const name = request.headers["impersonate-user"];
  if (name === undefined) return user;
  requireAllowed(context, user, { verb: "impersonate", group: "", resource: "users", name });
  const groups = (request.headers["impersonate-group"] ?? "").split(", ").filter((group) => group !== "");
  for (const group of groups) {
    requireAllowed(context, user, { verb: "impersonate", group: "", resource: "groups", name: group });
  }
  const account = /^system:serviceaccount:([^:]+):/.exec(name);
  const implied =
    account === null ? [] : ["system:serviceaccounts", `system:serviceaccounts:${account[1] ?? ""}`];
  return { name, groups: [...groups, ...implied, "system:authenticated"] };
}

function answerPath(context: ApiHandlerContext, request: ApiRequest): ApiResponse {
  const parts = request.path.split("/").filter((part) => part !== "");
  const [root = "", first, second, third] = parts;
  switch (root) {
    case "healthz":
    case "livez":
    case "readyz":
      return textResponse("ok");
    case "version":
      return jsonResponse(versionInfo());
    case "api":
    case "apis":
      return discovery(context, request, root === "api", first, second);
    case "openapi":
      if (first === "v3") return openApi(context, second, third, parts[4]);
      throw pathNotFound();
    case "":
      return jsonResponse({
        paths: ["/api", "/api/v1", "/apis", "/healthz", "/livez", "/openapi/v3", "/readyz", "/version"],
      });
    default:
      throw pathNotFound();
  }
}

function discovery(
  context: ApiHandlerContext,
  request: ApiRequest,
  core: boolean,
  first: string | undefined,
  second: string | undefined,
): ApiResponse {
  const { catalog } = context;
  if (first === undefined) {
    const accepted = negotiate(request.headers["accept"], ["discovery"]);
    if (accepted.shape !== "discovery") {
      return jsonResponse(core ? coreVersions(context.address()) : groupList(catalog));
    }
    const version = accepted.version === "v2beta1" ? "v2beta1" : "v2";
    const type = `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`;
    return jsonResponse(aggregatedDiscovery(catalog, core, version), 200, { "content-type": type });
  }
  const found = core
    ? resourceList(catalog, "", first)
    : second === undefined
      ? groupInfo(catalog, first)
      : resourceList(catalog, first, second);
  if (found === undefined) throw pathNotFound();
  return jsonResponse(found);
}

function openApi(
  context: ApiHandlerContext,
  root: string | undefined,
  first: string | undefined,
  second: string | undefined,
): ApiResponse {
  if (root === undefined) return jsonResponse(openApiIndex(context.catalog));
  const [group, version] = root === "api" ? ["", first] : [first ?? "", second];
  const document = version === undefined ? undefined : openApiDocument(context.catalog, group, version);
  if (document === undefined) throw pathNotFound();
  return jsonResponse(document);
}
