import { StatusError } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import { unsupportedMediaType } from "../refusals.ts";
import type { FieldValidation } from "../verbs/decode-object.ts";
import { patchObject, patchTypeOf } from "../verbs/patch-object.ts";
import type { WriteOptions } from "../verbs/write-options.ts";
import type { ApiRequest, ApiResponse } from "./api-response.ts";
import { mediaTypeOf, readPatch } from "./negotiate.ts";
import { outputObject } from "./object-output.ts";
import {
  type HandlerContext,
  isTruthy,
  outputOptions,
  type ResourceRequest,
  targetOf,
} from "./resource-request.ts";

/** Runs a write with the options of the request; gives what `jsonResponse` takes, with warnings as headers. */
export function written(
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

/** What the query of a write asks for. @throws StatusError 422 */
export function writeOptions(request: ApiRequest): WriteOptions {
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

/** Who a write is by: the `fieldManager`, or the start of the user agent. */
export function managerOf(request: ApiRequest): string {
  const named = request.query.get("fieldManager") ?? "";
  return named || ((request.headers["user-agent"] ?? "").split("/")[0]?.slice(0, 128) ?? "") || "unknown";
}

/** Answers a patch of an object or of one of its subresources. */
export function answerPatch(
  context: HandlerContext,
  call: ResourceRequest,
  subresource: string,
): ApiResponse {
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

/** 422 for a query parameter that makes no sense. */
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
