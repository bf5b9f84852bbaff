import { trackUpdate } from "../fields/managed-fields.ts";
import { isObject } from "../json.ts";
import { methodNotAllowed, pathNotFound } from "../refusals.ts";
import { readObject } from "../verbs/api-context.ts";
import { createObject } from "../verbs/create-object.ts";
import { decodeObject } from "../verbs/decode-object.ts";
import { listObjects } from "../verbs/list-objects.ts";
import { answerReview } from "../verbs/review.ts";
import { updateObject } from "../verbs/update-object.ts";
import { writerFor } from "../verbs/write-options.ts";
import { type ApiResponse, jsonResponse } from "./api-response.ts";
import { answerDelete, answerDeleteAll } from "./delete-request.ts";
import { outputList, outputObject } from "./object-output.ts";
import {
  bodyOf,
  type HandlerContext,
  isSet,
  isTruthy,
  listOptions,
  outputOptions,
  type ResourceRequest,
  targetOf,
  verbOf,
} from "./resource-request.ts";
import { handleSubresource } from "./subresource-handler.ts";
import { streamWatch } from "./watch-stream.ts";
import { answerPatch, writeOptions, written } from "./write-request.ts";

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
      return answerPatch(context, call, "");
    case "delete":
      return answerDelete(context, call);
    default:
      return answerDeleteAll(context, call);
  }
}

function list(context: HandlerContext, { request, resource, info }: ResourceRequest): ApiResponse {
  const output = outputOptions(context, request);
  return jsonResponse(
    outputList(resource, listObjects(context, resource, listOptions(request, info)), output),
  );
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
