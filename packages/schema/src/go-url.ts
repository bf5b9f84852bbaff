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
  if (text === "" || /\p{Cc}/u.test(text.replaceAll(/[\u0080-\u009f]/g, ""))) return undefined;
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

/** Text of a query part with `%` escapes and `+` decoded; undefined when an escape is malformed. */
export function unescapeQuery(text: string): string | undefined {
  return unescape(text.replaceAll("+", " "));
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
