import { goQuote } from "../go-quote.ts";
import { escapedPath, formatUrl, isRequestUri, parseUrl, queryValues, type GoUrl } from "../go-url.ts";
import { splitHost } from "../go-url-host.ts";
import { CelEvaluationError } from "./cel-error.ts";
import { fn, method, type CelOverload } from "./cel-overload.ts";
import * as t from "./cel-type.ts";
import { CelMap, CelOpaque, type CelValue } from "./cel-value.ts";

const url = t.opaque("kubernetes.URL");

function toUrl([text]: readonly CelValue[]): CelValue {
  try {
    parseUrl(text as string, { request: true });
    // A request knows no fragment, so that the parts are taken from another look at the text.
    const parsed = parseUrl(text as string, { request: false });
    return new CelOpaque("kubernetes.URL", formatUrl(parsed), parsed);
  } catch (error) {
    const problem = `parse ${goQuote(text as string)}: ${(error as Error).message}`;
    throw new CelEvaluationError(`URL parse error during conversion from string: ${problem}`, {
      cause: error,
    });
  }
}

function part(read: (parsed: GoUrl) => CelValue): CelOverload["call"] {
  return ([value]) => read((value as CelOpaque).content as GoUrl);
}

/** Kubernetes' URL library. */
export const urlLibrary: readonly CelOverload[] = [
  fn("url", [t.string], url, toUrl),
  fn("isURL", [t.string], t.bool, ([text]) => isRequestUri(text as string)),
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
    part(({ host }) => splitHost(host).hostname),
  ),
  method(
    "getPort",
    [url],
    t.string,
    part(({ host }) => splitHost(host).port),
  ),
  method("getEscapedPath", [url], t.string, part(escapedPath)),
  method(
    "getQuery",
    [url],
    t.map(t.string, t.list(t.string)),
    part(({ query }) => new CelMap(queryValues(query))),
  ),
];
