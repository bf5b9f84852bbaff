import { goQuote } from "./go-quote.ts";

/** The parts of a URL as Go's `net/url` keeps them; escapes in host and path are decoded where Go does. */
export interface GoUrl {
  readonly scheme: string;
  /** User information, without the `@`; empty when absent. */
  readonly user: string;
  /** Host with port; brackets around IPv6 kept. */
  readonly host: string;
  /** Path as written. */
  readonly rawPath: string;
  /** Decoded path. */
  readonly path: string;
  /** What follows the scheme when it is no path (`mailto:a@b`). */
  readonly opaque: string;
  /** Query without the `?`. */
  readonly query: string;
}

/** Whether Go's `url.ParseRequestURI` accepts text: an absolute URL or an absolute path. */
export function isRequestUri(text: string): boolean {
  return parseRequestUri(text) !== undefined;
}

/** Parses as Go's `url.ParseRequestURI` does, which knows no fragment; undefined when refused. */
export function parseRequestUri(text: string): GoUrl | undefined {
  if (text === "" || hasControl(text)) return undefined;
  const empty: GoUrl = { scheme: "", user: "", host: "", rawPath: "", path: "", opaque: "", query: "" };
  if (text === "*") return { ...empty, rawPath: "*", path: "*" };
  const schemed = /^([A-Za-z][A-Za-z0-9+.-]*):(.*)$/s.exec(text);
  if (schemed === null && text.startsWith(":")) return undefined;
  const scheme = (schemed?.[1] ?? "").toLowerCase();
  const afterScheme = schemed?.[2] ?? text;
  const mark = afterScheme.indexOf("?");
  const rest = mark < 0 ? afterScheme : afterScheme.slice(0, mark);
  const query = mark < 0 ? "" : afterScheme.slice(mark + 1);
  if (!rest.startsWith("/")) return scheme === "" ? undefined : { ...empty, scheme, opaque: rest, query };
  // Without a scheme even two slashes begin a path.
  if (scheme === "" || !rest.startsWith("//")) return withPath({ ...empty, scheme, query }, rest);
  const slash = rest.indexOf("/", 2);
  const authority = slash < 0 ? rest.slice(2) : rest.slice(2, slash);
  const at = authority.lastIndexOf("@");
  const user = at < 0 ? "" : authority.slice(0, at);
  const host = parseHost(authority.slice(at + 1));
  if (host === undefined || !isUserInfo(user)) return undefined;
  return withPath({ ...empty, scheme, user, host, query }, slash < 0 ? "" : rest.slice(slash));
}

/** Host without port and brackets. */
export function hostname(host: string): string {
  if (host.startsWith("[")) return host.slice(1, host.indexOf("]"));
  const colon = host.indexOf(":");
  return colon < 0 ? host : host.slice(0, colon);
}

/** Port of a host, empty when there is none. */
export function port(host: string): string {
  return /:([0-9]*)$/.exec(host.slice(host.indexOf("]") + 1))?.[1] ?? "";
}

/** Why `parseRequestUri` refuses a text, in Go's words. */
export function requestUriProblem(text: string): string {
  if (text === "") return "empty url";
  if (hasControl(text)) return "net/url: invalid control character in URL";
  if (text.startsWith(":")) return "missing protocol scheme";
  const escape = /%(?![0-9A-Fa-f]{2}).{0,2}/s.exec(text)?.[0];
  if (escape !== undefined) return `invalid URL escape ${goQuote(escape)}`;
  const authority = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/([^/?]*)/.exec(text)?.[1];
  if (authority === undefined) return "invalid URI for request";
  const badPort = /(:[^:\]]*[^0-9:\]][^:\]]*)$/.exec(authority)?.[1];
  if (badPort !== undefined) return `invalid port ${goQuote(badPort)} after host`;
  const badChar = /[ "^`{}|\\]/.exec(authority)?.[0];
  return badChar === undefined
    ? "invalid URI for request"
    : `invalid character ${goQuote(badChar)} in host name`;
}

/** The path with escapes: as written when that is a valid encoding, newly encoded otherwise. */
export function escapedPath({ rawPath, path }: GoUrl): string {
  if (/^(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/[\]]|%[0-9A-Fa-f]{2})*$/.test(rawPath)) return rawPath;
  return path.replaceAll(/[^A-Za-z0-9\-._~$&+,/:;=@]/gu, (char) =>
    Array.from(Buffer.from(char), (byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join(""),
  );
}

/** The values of each query parameter; parts that are malformed are left out, as Go's `URL.Query` does. */
export function queryValues(query: string): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (const part of query.split("&")) {
    if (part === "" || part.includes(";")) continue;
    const equals = part.indexOf("=");
    const key = unescapeQuery(equals < 0 ? part : part.slice(0, equals));
    const value = unescapeQuery(equals < 0 ? "" : part.slice(equals + 1));
    if (key === undefined || value === undefined) continue;
    const known = values.get(key);
    if (known === undefined) values.set(key, [value]);
    else known.push(value);
  }
  return values;
}

function unescapeQuery(text: string): string | undefined {
  return unescape(text.replaceAll("+", " "));
}

function hasControl(text: string): boolean {
  return /[\p{Cc}]/u.test(text.replaceAll(/[\u0080-\u009f]/g, ""));
}

function withPath(url: GoUrl, rawPath: string): GoUrl | undefined {
  const path = unescape(rawPath);
  return path === undefined ? undefined : { ...url, rawPath, path };
}

function unescape(text: string): string | undefined {
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) return undefined;
  const bytes = Buffer.from(text.replaceAll(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => `\u0000${hex}`));
  if (!text.includes("%")) return text;
  const decoded: number[] = [];
  for (let index = 0; index < bytes.length; index++) {
    if (bytes[index] === 0) {
      decoded.push(Number.parseInt(bytes.toString("latin1", index + 1, index + 3), 16));
      index += 2;
    } else decoded.push(bytes[index]!);
  }
  return Buffer.from(decoded).toString("utf8");
}

function isUserInfo(user: string): boolean {
  return /^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(user) && unescape(user) !== undefined;
}

function parseHost(host: string): string | undefined {
  if (host.startsWith("[")) {
    const end = host.lastIndexOf("]");
    return end > 0 && isPort(host.slice(end + 1)) ? host : undefined;
  }
  const colon = host.lastIndexOf(":");
  if (colon >= 0 && !isPort(host.slice(colon))) return undefined;
  // Escapes of non-ASCII bytes only; blanks and quotes may not stand in a host.
  if (!/^(?:[A-Za-z0-9\-._~!$&'()*+,;=:[\]<>"]|[\u0080-\u{10ffff}]|%[89A-Fa-f][0-9A-Fa-f])*$/u.test(host))
    return undefined;
  return unescape(host);
}

function isPort(text: string): boolean {
  return /^(?::[0-9]*)?$/.test(text);
}
