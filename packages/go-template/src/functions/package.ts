import { decodeYaml, encodeYaml, parseJson } from "@package-operator/kube-yaml";
import { type ByteString, decodeText, encodeText, toBytes } from "../text/byte-string.ts";
import { fromJson } from "../value/json.ts";
import { encodeJson } from "../value/encode-json.ts";
import { type GoMap, map, type Value } from "../value/value.ts";
import type { Budget } from "../limits.ts";
import { define, type FunctionMap } from "./function.ts";
import { decodeBase64 } from "./sprig/encoding.ts";
import { sprigFunctions } from "./sprig.ts";
import { TemplateError } from "../errors.ts";

function toYaml(value: Value, budget: Budget): ByteString {
  let json: ByteString;
  try {
    json = encodeJson(value, { escapeHtml: true, pretty: false }, budget);
  } catch (error) {
    if (error instanceof TemplateError) throw error;
    throw new Error(`error marshaling into JSON: ${(error as Error).message}`, { cause: error });
  }
  budget.spend(40 * json.length);
  return encodeText(encodeYaml(parseJson(decodeText(json)))).replace(/\n$/, "");
}

function fromYaml(value: Value, budget: Budget): Value {
  if (typeof value !== "string") throw new Error("fromYAML requires string or []byte as input: invalid type");
  budget.spend(60 * value.length);
  return fromJson(decodeYaml(toBytes(value)));
}

function decodeValues(dict: GoMap): GoMap {
  const entries = new Map<ByteString, Value>();
  for (const key of dict.sortedKeys()) {
    const value = dict.entries.get(key);
    if (typeof value !== "string") continue;
    try {
      entries.set(key, decodeBase64(value));
    } catch (error) {
      const reason = (error as Error).message;
      throw new Error(`decode base64 value at key ${decodeText(key)}: ${reason}`, { cause: error });
    }
  }
  return map(entries);
}

const own: FunctionMap = {
  include: define(["string", "interface {}"], ([name, data], context) => context.include(name, data)),
  toYAML: define(["interface {}"], ([value], { budget }) => toYaml(value, budget)),
  fromYAML: define(["interface {}"], ([value], { budget }) => fromYaml(value, budget)),
  b64decMap: define(["map[string]interface {}"], ([dict]) => decodeValues(dict)),
};

/** sprig's functions and `include toYAML fromYAML b64decMap`: what packages and object templates can call. */
export function packageFunctions(): FunctionMap {
  return { ...sprigFunctions(), ...own };
}
