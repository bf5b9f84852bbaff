export { decodeYaml, type DecodeYamlOptions } from "./decode-yaml.ts";
export { type EditPlace, editYaml, type YamlEditor } from "./edit-yaml.ts";
export { encodeJson, type EncodeJsonOptions } from "./encode-json.ts";
export { encodeYaml } from "./encode-yaml.ts";
export { YamlError, type YamlErrorCode, type YamlErrorDetails } from "./errors.ts";
export { formatGoFloat } from "./go-float.ts";
export {
  compareUtf8,
  isJsonObject,
  type JsonArray,
  type JsonObject,
  type JsonValue,
  setKey,
} from "./json-value.ts";
export { parseJson } from "./parse-json.ts";
export { joinDocuments, splitDocuments } from "./split-documents.ts";
export type { YamlPath } from "./yaml-path.ts";
