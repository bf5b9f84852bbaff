import { UrlError, escapeUrl, unescapeUrl } from "./go-url-escape.ts";
import { parseAuthority, type UrlAuthority } from "./go-url-host.ts";

/** The parts of a URL as Go's `net/url` keeps them; escapes in host and path are decoded. */
export interface GoUrl extends UrlAuthority {
  readonly scheme: string;
  /** There is a scheme, but no `//`. */
  readonly omitsHost: boolean;
  /** Path as written. */
  readonly rawPath: string;
  readonly path: string;
  /** What follows the scheme when it is no path (`mailto:a@b`). */
  readonly opaque: string;
  /** Query without the `?`. */
  readonly query: string;
  /** There is a `?` with nothing behind it. */
  readonly emptyQuery: boolean;
  /** Fragment as it is written again, without the `#`. */
  readonly fragment: string;
}

/** Whether Go's `url.ParseRequestURI` accepts text: an absolute URL or an absolute path. */
export function isRequestUri(text: string): boolean {
  try {
    parseUrl(text, { request: true });
    return true;
  } catch (error) {
    if (error instanceof UrlError) return false;
    throw error;
  }
}

/** Where a URL comes from: of a request it is absolute, or an absolute path, and has no fragment. */
export interface UrlOrigin {
  readonly request: boolean;
}

/**
 * Parses as Go's `url.ParseRequestURI` (with `request`) or `url.Parse`.
 *
 * @throws UrlError with Go's reason.
 */
export function parseUrl(text: string, { request }: UrlOrigin): GoUrl {
  const hash = request ? -1 : text.indexOf("#");
  const url = parseParts(hash < 0 ? text : text.slice(0, hash), request);
  if (hash < 0) return url;
  const fragment = text.slice(hash + 1);
  unescapeUrl(fragment, "path");
  return { ...url, fragment };
}

function parseParts(text: string, request: boolean): GoUrl {
  // oxlint-disable-next-line no-control-regex -- these are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(text)) throw new UrlError("net/url: invalid control character in URL");
  if (text === "" && request) throw new UrlError("empty url");
  const none = { user: undefined, host: "", omitsHost: false, opaque: "", query: "", emptyQuery: false };
  const empty: GoUrl = { ...none, scheme: "", rawPath: "", path: "", fragment: "" };
  if (text === "*") return { ...empty, rawPath: "*", path: "*" };
  if (text.startsWith(":")) throw new UrlError("missing protocol scheme");
  const schemed = /^[A-Za-z][A-Za-z0-9+.-]*(?=:)/.exec(text)?.[0];
  const scheme = (schemed ?? "").toLowerCase();
  const afterScheme = schemed === undefined ? text : text.slice(schemed.length + 1);
  const mark = afterScheme.indexOf("?");
  const rest = mark < 0 ? afterScheme : afterScheme.slice(0, mark);
  const query = mark < 0 ? "" : afterScheme.slice(mark + 1);
  const known = { ...empty, scheme, query, emptyQuery: mark >= 0 && query === "" };
  if (!rest.startsWith("/")) {
    if (scheme !== "") return { ...known, opaque: rest };
    if (request) throw new UrlError("invalid URI for request");
    if (/^[^/]*:/.test(rest)) throw new UrlError("first path segment in URL cannot contain colon");
  }
  const mayHaveHost = scheme !== "" || (!request && !rest.startsWith("///"));
  if (!mayHaveHost || !rest.startsWith("//")) {
    return withPath({ ...known, omitsHost: scheme !== "" && rest.startsWith("/") }, rest);
  }
  const slash = rest.indexOf("/", 2);
  const authority = parseAuthority(scheme, slash < 0 ? rest.slice(2) : rest.slice(2, slash));
  return withPath({ ...known, ...authority }, slash < 0 ? "" : rest.slice(slash));
}

function withPath(url: GoUrl, rawPath: string): GoUrl {
  return { ...url, rawPath, path: unescapeUrl(rawPath, "path") };
}

/** The path with escapes: as written when that is a valid encoding, newly encoded otherwise. */
export function escapedPath({ rawPath, path }: GoUrl): string {
  const isEncoded = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/[\]]|%[0-9A-Fa-f]{2})*$/.test(rawPath);
  return isEncoded ? rawPath : escapeUrl(path, "path");
}

/** The URL as Go writes it, by which two are compared. */
export function formatUrl(url: GoUrl): string {
  const { scheme, opaque, user, host, path, query, emptyQuery, fragment } = url;
  const start = scheme === "" ? "" : `${scheme}:`;
  const end = `${query !== "" || emptyQuery ? `?${query}` : ""}${fragment === "" ? "" : `#${fragment}`}`;
  if (opaque !== "") return `${start}${opaque}${end}`;
  const hasAuthority = host !== "" || user !== undefined || (path !== "" && scheme !== "" && !url.omitsHost);
  const login = user === undefined ? "" : `${user}@`;
  const authority = hasAuthority ? `//${login}${escapeUrl(host, "host")}` : "";
  return `${start}${authority}${escapedPath(url)}${end}`;
}

/** The values of each query parameter; parts that are malformed are left out, as Go's `URL.Query` does. */
export function queryValues(query: string): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (const part of query.split("&")) {
    if (part === "" || part.includes(";")) continue;
    const equals = part.indexOf("=");
    try {
      const key = unescapeUrl(equals < 0 ? part : part.slice(0, equals), "query");
      const value = unescapeUrl(equals < 0 ? "" : part.slice(equals + 1), "query");
      const known = values.get(key);
      if (known === undefined) values.set(key, [value]);
      else known.push(value);
    } catch (error) {
      if (!(error instanceof UrlError)) throw error;
    }
  }
  return values;
}
