import type { Authenticator } from "../auth/authenticator.ts";
import { defaultAudience, type TokenIssuer } from "../auth/tokens.ts";
import type { User } from "../auth/user.ts";
import { StatusError } from "../errors.ts";
import {
  getNumber,
  getString,
  getStrings,
  getValue,
  isObject,
  type JsonObject,
  type JsonValue,
  nameOf,
  uidOf,
} from "../json.ts";
import { badRequest, methodNotAllowed, pathNotFound, unsupportedMediaType } from "../refusals.ts";
import { hasSubresource, type Resource } from "../resources/resource.ts";
import { type ApiContext, formatTime, readObject, type Target } from "../verbs/api-context.ts";
import { createObject } from "../verbs/create-object.ts";
import type { FieldValidation } from "../verbs/decode-object.ts";
import { decodeObject } from "../verbs/decode-object.ts";
import { deleteObject, parseDeleteOptions } from "../verbs/delete-object.ts";
import { listObjects, type ListOptions } from "../verbs/list-objects.ts";
import { patchObject, patchTypeOf } from "../verbs/patch-object.ts";
import { answerReview } from "../verbs/review.ts";
import { patchScale, readScale, updateScale } from "../verbs/scale.ts";
import { updateObject } from "../verbs/update-object.ts";
import { type WriteOptions, writerFor } from "../verbs/write-options.ts";
import { trackUpdate } from "../fields/managed-fields.ts";
import { type ApiRequest, type ApiResponse, jsonResponse } from "./api-response.ts";
import { mediaTypeOf, negotiate, readBody, readPatch } from "./negotiate.ts";
import { outputList, outputObject, type OutputOptions } from "./object-output.ts";
import type { RequestInfo } from "./request-info.ts";
import { streamWatch } from "./watch-stream.ts";

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

/** Answers a request on a resource. @throws StatusError */
export function handleResource(context: HandlerContext, call: ResourceRequest): ApiResponse {
  const { info, resource, request } = call;
  if (info.subresource !== "") return handleSubresource(context, call);
  const verb = verbOf(request.method, info, request.query);
  if (!resource.verbs.includes(verb)) throw methodNotAllowed();
  const target = targetOf(call);
  switch (verb) {
    case "get":
      return jsonResponse(
        outputObject(resource, readObject(context, target), outputOptions(context, request)),
      );
    case "list":
      return list(context, call);
    case "watch":
      return watch(context, call);
    case "create":
      return create(context, call);
    case "update":
      return jsonResponse(
        ...written(context, call, (options) =>
          updateObject(context, target, bodyOf(request, resource), options),
        ),
      );
    case "patch":
      return patch(context, call, "");
    case "delete":
      return remove(context, call);
    default:
      return removeAll(context, call);
  }
}

function list(context: HandlerContext, { request, resource, info }: ResourceRequest): ApiResponse {
  const output = outputOptions(context, request);
  return jsonResponse(
    outputList(resource, listObjects(context, resource, listOptions(request, info)), output),
  );
}

function listOptions({ query }: ApiRequest, info: RequestInfo): ListOptions {
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

function watch(context: HandlerContext, { request, resource, info }: ResourceRequest): ApiResponse {
  const { query } = request;
  const seconds = Number(query.get("timeoutSeconds") ?? 0);
  const named = info.name === "" ? "" : `metadata.name=${info.name}`;
  const sendInitial = query.get("sendInitialEvents");
  return streamWatch(context, resource, outputOptions(context, request), {
    ...(info.namespace === "" ? {} : { namespace: info.namespace }),
    labelSelector: query.get("labelSelector") ?? "",
    fieldSelector: [query.get("fieldSelector") ?? "", named].filter((part) => part !== "").join(","),
    resourceVersion: query.get("resourceVersion") ?? "",
    ...(sendInitial === null ? {} : { sendInitialEvents: isTruthy(sendInitial) }),
    bookmarks: isSet(query, "allowWatchBookmarks"),
    seconds: seconds > 0 ? seconds : context.watchSeconds(),
    signal: request.signal,
  });
}

function create(context: HandlerContext, call: ResourceRequest): ApiResponse {
  const { resource, info, request, user } = call;
  const body = bodyOf(request, resource);
  if (resource.verbs.length === 1 && isObject(body)) {
    const review = decodeObject(body, resource, { fieldValidation: "Ignore", warn: () => undefined });
    trackUpdate(undefined, review, writerFor(context, resource, writeOptions(request)));
    const answer = answerReview({ ...context, user, now: context.now() }, resource, info.namespace, review);
    if (answer !== undefined) return jsonResponse(answer, 201);
    throw pathNotFound();
  }
  return jsonResponse(
    ...written(
      context,
      call,
      (options) => createObject(context, resource, info.namespace, body, options),
      201,
    ),
  );
}

function patch(context: HandlerContext, call: ResourceRequest, subresource: string): ApiResponse {
  const { request, resource } = call;
  const type = patchTypeOf(mediaTypeOf(request));
  if (type === undefined || (type === "strategic" && resource.custom)) {
    throw unsupportedMediaType([
      "application/json-patch+json",
      "application/merge-patch+json",
      ...(resource.custom ? [] : ["application/strategic-merge-patch+json"]),
      "application/apply-patch+yaml",
    ]);
  }
  const { query } = request;
  const force = query.get("force");
  const manager = query.get("fieldManager") ?? "";
  if (type !== "apply" && force !== null) {
    throw invalidOptions(
      "Patch",
      "force",
      "Forbidden: may not be specified for non-apply patch",
      "FieldValueForbidden",
    );
  }
  if (type === "apply" && manager === "") {
    throw invalidOptions(
      "Patch",
      "fieldManager",
      "Required value: is required for apply patch",
      "FieldValueRequired",
    );
  }
  let created = false;
  const [body, , headers] = written(context, call, (options) => {
    const result = patchObject(context, targetOf(call), type, readPatch(request, type === "apply"), {
      ...options,
      subresource,
      force: isTruthy(force),
    });
    created = result.created;
    return result.object;
  });
  return { status: created ? 201 : 200, headers: headers ?? {}, body };
}

function remove(context: HandlerContext, call: ResourceRequest): ApiResponse {
  const { resource, request } = call;
  const options = deleteOptionsOf(request);
  const { object, gone } = deleteObject(context, targetOf(call), options);
  const orphans =
    resource.strategy.defaultPropagation === "Orphan" && options.propagationPolicy === undefined;
  const headers = orphans ? { warning: `299 - ${JSON.stringify(orphanWarning)}` } : {};
  if (!gone || resource.strategy.returnsDeleted === true) {
    return jsonResponse(outputObject(resource, object, outputOptions(context, request)), 200, headers);
  }
  const details = {
    name: nameOf(object),
    ...(resource.group === "" ? {} : { group: resource.group }),
    kind: resource.plural,
    uid: uidOf(object),
  };
  return jsonResponse(
    { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", details },
    200,
    headers,
  );
}

const orphanWarning =
  "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning";

function removeAll(context: HandlerContext, { request, resource, info }: ResourceRequest): ApiResponse {
  const options = deleteOptionsOf(request);
  const result = listObjects(context, resource, {
    ...listOptions(request, info),
    limit: 0,
    continueToken: "",
  });
  for (const item of result.items) {
    const namespace = getString(item, "metadata", "namespace");
    try {
      deleteObject(context, { resource, namespace, name: nameOf(item) }, options);
    } catch (error) {
      if (!(error instanceof StatusError && error.reason === "NotFound")) throw error;
    }
  }
  return jsonResponse(outputList(resource, result, outputOptions(context, request)));
}

function deleteOptionsOf(request: ApiRequest): ReturnType<typeof parseDeleteOptions> {
  const { query } = request;
  const body = readBody(request);
  const options: JsonObject = isObject(body) ? { ...body } : {};
  const policy = query.get("propagationPolicy");
  if (policy !== null) options["propagationPolicy"] = policy;
  const grace = query.get("gracePeriodSeconds");
  if (grace !== null) options["gracePeriodSeconds"] = Number(grace);
  const orphan = query.get("orphanDependents");
  if (orphan !== null) options["orphanDependents"] = isTruthy(orphan);
  if (query.getAll("dryRun").includes("All")) options["dryRun"] = ["All"];
  return parseDeleteOptions(options);
}

function handleSubresource(context: HandlerContext, call: ResourceRequest): ApiResponse {
  const { info, resource, request } = call;
  const { subresource } = info;
  if (!hasSubresource(resource, subresource) || info.name === "") throw pathNotFound();
  const verb = verbOf(request.method, info, request.query);
  const known = resource.subresources.find(({ name }) => name === subresource);
  if (known === undefined || !known.verbs.includes(verb)) throw methodNotAllowed();
  const target = targetOf(call);
  switch (subresource) {
    case "status":
    case "finalize":
      if (verb === "get") return jsonResponse(readObject(context, target));
      if (verb === "patch") return patch(context, call, subresource);
      return jsonResponse(
        ...written(context, call, (options) =>
          updateObject(context, target, bodyOf(request, resource), { ...options, subresource }),
        ),
      );
    case "scale":
      return scale(context, call, verb);
    case "log":
      return log(context, call);
    case "token":
      return token(context, call);
    case "binding":
      return bind(context, call);
    case "eviction":
      deleteObject(context, target, deleteOptionsOf({ ...request, body: new Uint8Array() }));
      return jsonResponse(
        { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 },
        201,
      );
    default:
      throw pathNotFound();
  }
}

function scale(context: HandlerContext, call: ResourceRequest, verb: string): ApiResponse {
  const target = targetOf(call);
  if (verb === "get") return jsonResponse(readScale(context, target));
  const { request } = call;
  if (verb === "update") {
    return jsonResponse(
      ...written(context, call, (options) =>
        updateScale(context, target, bodyOf(request, call.resource), options),
      ),
    );
  }
  const type = patchTypeOf(mediaTypeOf(request));
  if (type === undefined || type === "apply") {
    throw unsupportedMediaType(["application/json-patch+json", "application/merge-patch+json"]);
  }
  return jsonResponse(
    ...written(context, call, (options) =>
      patchScale(context, target, type, readPatch(request, false), options),
    ),
  );
}

function log(context: HandlerContext, call: ResourceRequest): ApiResponse {
  const pod = readObject(context, targetOf(call));
  const { query, signal } = call.request;
  const number = (name: string): number | undefined => {
    const text = query.get(name);
    return text === null ? undefined : Number(text);
  };
  if (context.readLog === undefined) throw pathNotFound();
  return context.readLog({
    pod,
    container: query.get("container") ?? "",
    follow: isSet(query, "follow"),
    previous: isSet(query, "previous"),
    timestamps: isSet(query, "timestamps"),
    tailLines: number("tailLines"),
    sinceSeconds: number("sinceSeconds"),
    limitBytes: number("limitBytes"),
    signal,
  });
}

function token(context: HandlerContext, call: ResourceRequest): ApiResponse {
  const account = readObject(context, targetOf(call));
  const body = bodyOf(call.request, call.resource);
  const seconds = getNumber(body, "spec", "expirationSeconds") ?? 3600;
  const audiences = getStrings(body, "spec", "audiences");
  const { info } = call;
  const { token: text, expires } = context.tokens.issue(
    { namespace: info.namespace, name: info.name, uid: uidOf(account) },
    { seconds, audiences, now: context.now() },
  );
  return jsonResponse(
    {
      kind: "TokenRequest",
      apiVersion: "authentication.k8s.io/v1",
      metadata: { name: info.name, namespace: info.namespace, creationTimestamp: formatTime(context.now()) },
      spec: {
        audiences: audiences.length === 0 ? [defaultAudience] : audiences,
        expirationSeconds: seconds,
        boundObjectRef: getValue(body, "spec", "boundObjectRef") ?? null,
      },
      status: { token: text, expirationTimestamp: formatTime(expires) },
    },
    201,
  );
}

function bind(context: HandlerContext, call: ResourceRequest): ApiResponse {
  const node = getString(bodyOf(call.request, call.resource), "target", "name");
  patchObject(
    context,
    targetOf(call),
    "merge",
    { spec: { nodeName: node } },
    { manager: managerOf(call.request), subresource: "binding" },
  );
  return jsonResponse({ kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 }, 201);
}

/** Runs a write with the options of the request; gives what `jsonResponse` takes, with warnings as headers. */
function written(
  context: HandlerContext,
  { request, resource }: ResourceRequest,
  write: (options: WriteOptions) => JsonObject,
  status = 200,
): [JsonObject, number, Record<string, string>?] {
  const warnings: string[] = [];
  const object = write({ ...writeOptions(request), warn: (text) => warnings.push(text) });
  const shaped = outputObject(resource, object, outputOptions(context, request));
  if (warnings.length === 0) return [shaped, status];
  const header = warnings.map((text) => `299 - ${JSON.stringify(text)}`).join(", ");
  return [shaped, status, { warning: header }];
}

function writeOptions(request: ApiRequest): WriteOptions {
  const { query } = request;
  const verb: OptionsVerb =
    request.method === "POST" ? "Create" : request.method === "PUT" ? "Update" : "Patch";
  const dryRun = query.getAll("dryRun").filter((value) => value !== "");
  if (dryRun.some((value) => value !== "All")) {
    throw invalidOptions(
      verb,
      "dryRun",
      `Unsupported value: ${goList(dryRun)}: supported values: "All"`,
      "FieldValueNotSupported",
    );
  }
  const validation = query.get("fieldValidation") ?? "";
  if (!["", "Ignore", "Warn", "Strict"].includes(validation)) {
    throw invalidOptions(
      verb,
      "fieldValidation",
      `Unsupported value: ${JSON.stringify(validation)}: supported values: "", "Ignore", "Strict", "Warn"`,
      "FieldValueNotSupported",
    );
  }
  return {
    manager: managerOf(request),
    dryRun: dryRun.length > 0,
    fieldValidation: (validation || "Warn") as FieldValidation,
  };
}

function managerOf(request: ApiRequest): string {
  const named = request.query.get("fieldManager") ?? "";
  return named || ((request.headers["user-agent"] ?? "").split("/")[0]?.slice(0, 128) ?? "") || "unknown";
}

function invalidOptions(verb: OptionsVerb, field: string, message: string, reason: string): StatusError {
  const kind = `${verb}Options`;
  return new StatusError(422, "Invalid", `${kind}.meta.k8s.io "" is invalid: ${field}: ${message}`, {
    group: "meta.k8s.io",
    kind,
    causes: [{ reason, message, field }],
  });
}

type OptionsVerb = "Create" | "Update" | "Patch";

function goList(values: readonly string[]): string {
  return `[${values.map((value) => JSON.stringify(value)).join(",")}]`;
}

function targetOf({ resource, info }: ResourceRequest): Target {
  return { resource, namespace: resource.namespaced ? info.namespace : "", name: info.name };
}

function unrecognized(request: ApiRequest, resource: Resource, why: string): string {
  const text = Buffer.from(request.body).toString();
  const start = text.length > 30 ? `${text.slice(0, 30)} ...` : text;
  return `the object provided is unrecognized (must be of type ${resource.kind}): ${why} (${start})`;
}

/** The body of a write. @throws StatusError 400 in the words that go with the resource */
function bodyOf(request: ApiRequest, resource: Resource): JsonValue {
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

function outputOptions(context: HandlerContext, request: ApiRequest): OutputOptions {
  return {
    shape: negotiate(request.headers["accept"], ["table", "metadata"]).shape,
    includeObject: request.query.get("includeObject") ?? "Metadata",
    now: context.now().getTime(),
  };
}

function isSet(query: URLSearchParams, name: string): boolean {
  return isTruthy(query.get(name));
}

function isTruthy(value: string | null): boolean {
  return value === "true" || value === "1" || value === "";
}
