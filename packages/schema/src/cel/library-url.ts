import { goQuote } from "../go-quote.ts";
import {
  escapedPath,
  hostname,
  parseRequestUri,
  port,
  queryValues,
  requestUriProblem,
  type GoUrl,
} from "../go-url.ts";
import { CelEvaluationError } from "./cel-error.ts";
import { fn, method, type CelOverload } from "./cel-overload.ts";
import * as t from "./cel-type.ts";
import { CelMap, CelOpaque, type CelValue } from "./cel-value.ts";

const url = t.opaque("kubernetes.URL");

function toUrl([text]: readonly CelValue[]): CelValue {
  const parsed = parseRequestUri(text as string);
  if (parsed === undefined) {
    const problem = `parse ${goQuote(text as string)}: ${requestUriProblem(text as string)}`;
    throw new CelEvaluationError(`URL parse error during conversion from string: ${problem}`);
  }
  return new CelOpaque("kubernetes.URL", text as string, parsed);
}

function part(read: (parsed: GoUrl) => CelValue): CelOverload["call"] {
  return ([value]) => read((value as CelOpaque).content as GoUrl);
}

/** Kubernetes' URL library. */
export const urlLibrary: readonly CelOverload[] = [
  fn("url", [t.string], url, toUrl),
  fn("isURL", [t.string], t.bool, ([text]) => parseRequestUri(text as string) !== undefined),
  method(
    "getScheme",
    [url],
    t.string,
    part(({ scheme }) => scheme),
  ),
  method(
    "getHost",
    [url],
    t.string,
    part(({ host }) => host),
  ),
  method(
    "getHostname",
    [url],
    t.string,
    part(({ host }) => hostname(host)),
  ),
  method(
    "getPort",
    [url],
    t.string,
    part(({ host }) => port(host)),
  ),
  method("getEscapedPath", [url], t.string, part(escapedPath)),
  method(
    "getQuery",
    [url],
    t.map(t.string, t.list(t.string)),
    part(({ query }) => new CelMap(queryValues(query))),
  ),
];
