import type { ByteString } from "../../text/byte-string.ts";
import { kindOf } from "../../value/type.ts";
import { type GoMap, map } from "../../value/value.ts";
import { nilDereference } from "../convert.ts";
import { define, type FunctionMap } from "../function.ts";
import { formatUrl, hostnameOf, parseUrl } from "./url.ts";

function textAt(dict: GoMap, key: string): ByteString {
  const value = dict.entries.get(key);
  if (value === undefined) return "";
  if (value === null) throw new Error(nilDereference);
  if (typeof value === "string") return value;
  throw new Error(`unable to parse ${key} key, must be of type string, but ${kindOf(value)} found`);
}

function prefixed<T>(prefix: string, body: () => T): T {
  try {
    return body();
  } catch (error) {
    throw new Error(`${prefix}: ${(error as Error).message}`, { cause: error });
  }
}

function join(dict: GoMap): ByteString {
  const [scheme, host, path, query, opaque, fragment, userinfo] = (
    ["scheme", "host", "path", "query", "opaque", "fragment", "userinfo"] as const
  ).map((key) => textAt(dict, key)) as [string, string, string, string, string, string, string];
  const parsed =
    userinfo === ""
      ? undefined
      : prefixed("unable to parse userinfo in dict", () => parseUrl(`proto://${userinfo}@host`));
  return formatUrl({ scheme, host, path, query, opaque, fragment, userinfo: parsed?.userinfo });
}

/** URLs taken apart and put together. */
export const urls: FunctionMap = {
  urlParse: define(["string"], ([text]) => {
    const url = prefixed("unable to parse url", () => parseUrl(text));
    return map(
      new Map([
        ["scheme", url.scheme],
        ["host", url.host],
        ["hostname", hostnameOf(url.host)],
        ["path", url.path],
        ["query", url.query],
        ["opaque", url.opaque],
        ["fragment", url.fragment],
        ["userinfo", url.userinfo ?? ""],
      ]),
    );
  }),
  urlJoin: define(["map[string]interface {}"], ([dict]) => join(dict)),
};
