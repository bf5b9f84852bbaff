import { getStringMap, type JsonObject } from "../json.ts";

/** One entry of a ConfigMap or Secret as bytes, undefined when it is not there. */
export function readDataKey(object: JsonObject, key: string): Buffer | undefined {
  const data = getStringMap(object, "data")[key];
  if (data !== undefined) return Buffer.from(data, object["kind"] === "Secret" ? "base64" : "utf8");
  const binary = getStringMap(object, "binaryData")[key];
  return binary === undefined ? undefined : Buffer.from(binary, "base64");
}
