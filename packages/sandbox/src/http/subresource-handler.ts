import { defaultAudience } from "../auth/tokens.ts";
import { getNumber, getString, getStrings, getValue, uidOf } from "../json.ts";
import { methodNotAllowed, pathNotFound, unsupportedMediaType } from "../refusals.ts";
import { hasSubresource } from "../resources/resource.ts";
import { formatTime, readObject } from "../verbs/api-context.ts";
import { deleteObject } from "../verbs/delete-object.ts";
import { patchObject, patchTypeOf } from "../verbs/patch-object.ts";
import { patchScale, readScale, updateScale } from "../verbs/scale.ts";
import { updateObject } from "../verbs/update-object.ts";
import { type ApiResponse, jsonResponse } from "./api-response.ts";
import { deleteOptionsOf } from "./delete-request.ts";
import { mediaTypeOf, readPatch } from "./negotiate.ts";
import {
  bodyOf,
  type HandlerContext,
  isSet,
  type ResourceRequest,
  targetOf,
  verbOf,
} from "./resource-request.ts";
import { answerPatch, managerOf, written } from "./write-request.ts";

/** Answers a request on a subresource. @throws StatusError */
export function handleSubresource(context: HandlerContext, call: ResourceRequest): ApiResponse {
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
      if (verb === "patch") return answerPatch(context, call, subresource);
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
