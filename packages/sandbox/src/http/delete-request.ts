import { StatusError } from "../errors.ts";
import { getString, isObject, type JsonObject, nameOf, uidOf } from "../json.ts";
import { deleteObject, parseDeleteOptions } from "../verbs/delete-object.ts";
import { listObjects } from "../verbs/list-objects.ts";
import { type ApiRequest, type ApiResponse, jsonResponse } from "./api-response.ts";
import { readBody } from "./negotiate.ts";
import { outputList, outputObject } from "./object-output.ts";
import {
  type HandlerContext,
  isTruthy,
  listOptions,
  outputOptions,
  type ResourceRequest,
  targetOf,
} from "./resource-request.ts";

const orphanWarning =
  "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning";

/** Answers the deletion of one object. */
export function answerDelete(context: HandlerContext, call: ResourceRequest): ApiResponse {
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

/** Answers the deletion of all selected objects. */
export function answerDeleteAll(
  context: HandlerContext,
  { request, resource, info }: ResourceRequest,
): ApiResponse {
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

/** Deletion options of body and query; the query wins. */
export function deleteOptionsOf(request: ApiRequest): ReturnType<typeof parseDeleteOptions> {
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
