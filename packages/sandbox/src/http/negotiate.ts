import { decodeYaml, parseJson, YamlError } from "@package-operator/kube-yaml";
import { StatusError } from "../errors.ts";
import type { JsonValue } from "../json.ts";
import { badRequest, unsupportedMediaType } from "../refusals.ts";
import { definitionOfKind } from "../builtin/definitions.ts";
import type { ApiRequest } from "./api-response.ts";
import { decodeMessage, ProtobufError, readEnvelope } from "./protobuf.ts";

/** In which shape a client wants objects. */
export type ObjectShape = "object" | "table" | "metadata" | "discovery";

/** What the `Accept` header asks for that the server can give. */
export interface Accepted {
  readonly shape: ObjectShape;
  /** The version asked for with the shape, such as `v1` or `v2beta1`. */
  readonly version: string;
}

const protobuf = "application/vnd.kubernetes.protobuf";
const readable = ["application/json", "application/yaml", protobuf];

/**
 * Picks the first acceptable media type.
 *
 * @throws StatusError 406 when the server can give none.
 */
export function negotiate(accept: string | undefined, allowed: readonly ObjectShape[]): Accepted {
  const wanted = (accept ?? "*/*").split(",");
  for (const entry of wanted) {
    const [type = "", ...parameters] = entry.split(";").map((part) => part.trim());
    if (!["application/json", "application/*", "*/*", ""].includes(type)) continue;
    const values = new Map(parameters.map((part) => part.split("=", 2) as [string, string]));
    const as = values.get("as");
    const version = values.get("v") ?? "";
    const shape = shapeOf(as);
    if (shape !== undefined && (shape === "object" || allowed.includes(shape))) return { shape, version };
  }
  throw new StatusError(
    406,
    "NotAcceptable",
    "only the following media types are accepted: application/json",
  );
}

function shapeOf(as: string | undefined): ObjectShape | undefined {
  switch (as) {
    case undefined:
      return "object";
    case "Table":
      return "table";
    case "PartialObjectMetadata":
    case "PartialObjectMetadataList":
      return "metadata";
    case "APIGroupDiscoveryList":
      return "discovery";
    default:
      return undefined;
  }
}

/** The media type of a body, without parameters. */
export function mediaTypeOf(request: ApiRequest): string {
  return (request.headers["content-type"] ?? "").split(";")[0]?.trim() ?? "";
}

/**
 * Reads a body of JSON, YAML or protobuf; undefined when there is none.
 *
 * @throws StatusError 415 for other types, 400 for malformed text.
 */
export function readBody(request: ApiRequest): JsonValue | undefined {
  if (request.body.length === 0) return undefined;
  const type = mediaTypeOf(request);
  if (type === protobuf) return parseProtobuf(request.body);
  if (type === "application/yaml") return parseText(request, "yaml");
  if (["application/json", "", "*/*", "application/x-www-form-urlencoded"].includes(type)) {
    return parseText(request, "json");
  }
  throw unsupportedMediaType(readable);
}

/**
 * Reads the body of a patch.
 *
 * @throws StatusError 400 for malformed text.
 */
export function readPatch(request: ApiRequest, yaml: boolean): JsonValue {
  return parseText(request, yaml ? "yaml" : "json") ?? null;
}

/** Built-in kinds only, as with the real server: custom ones have no protobuf form. */
function parseProtobuf(bytes: Uint8Array): JsonValue {
  try {
    const { apiVersion, kind, raw } = readEnvelope(bytes);
    const name = definitionOfKind(apiVersion, kind);
    if (name === undefined)
      throw new ProtobufError(
        `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)}`,
      );
    return { ...decodeMessage(raw, name), apiVersion, kind };
  } catch (error) {
    if (error instanceof ProtobufError) throw badRequest(error.message);
    throw error;
  }
}

function parseText(request: ApiRequest, format: "json" | "yaml"): JsonValue | undefined {
  const text = Buffer.from(request.body).toString();
  try {
    return format === "yaml" ? decodeYaml(text) : parseJson(text);
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    throw badRequest(format === "yaml" ? `error decoding YAML: ${error.message}` : error.message);
  }
}
