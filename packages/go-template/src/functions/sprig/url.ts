import { type ByteString, decodeText } from "../../text/byte-string.ts";
import { quote } from "../../text/quote.ts";
import { percentEncode } from "../url-escape.ts";
import { checkAddress } from "./ip-address.ts";

/** Parts of a URL, decoded. */
export interface Url {
  readonly scheme: ByteString;
  /** Opaque part of a URL such as `mailto:x`. */
  readonly opaque: ByteString;
  /** Name and password as written again, `undefined` without `@`. */
  readonly userinfo: ByteString | undefined;
  readonly host: ByteString;
  readonly path: ByteString;
  readonly query: ByteString;
  readonly fragment: ByteString;
}

/** What must be escaped in the parts of a URL. */
const notInUser = /[^A-Za-z0-9\-_.~$&+,;=]/g;
const notInPath = /[^A-Za-z0-9\-_.~$&+,/:;=@]/g;
const notInFragment = /[^A-Za-z0-9\-_.~$&+,/:;=?@!()*]/g;
const notInHost = /[^A-Za-z0-9\-_.~!$&'()*+,;=:[\]<>"]/g;
const hostCharacters = /[A-Za-z0-9\-_.~!$&'()*+,;=:[\]<>"]/;

function shorten(text: ByteString): never {
  throw new Error(`invalid URL escape ${quote(text.slice(0, 3))}`);
}

/** Decodes percent escapes; in a host only those of other than ASCII, and of a zone's percent sign. */
function unescape(text: ByteString, part: "host" | "zone" | "other"): ByteString {
  let out = "";
  for (let at = 0; at < text.length; at++) {
    const unit = text[at] ?? "";
    if (unit !== "%") {
      if (part !== "other" && unit < "\x80" && !hostCharacters.test(unit)) {
        throw new Error(`invalid character ${quote(unit)} in host name`);
      }
      out += unit;
      continue;
    }
    const escape = text.slice(at, at + 3);
    if (!/^%[0-9a-fA-F]{2}$/.test(escape)) shorten(text.slice(at));
    const byte = String.fromCharCode(Number.parseInt(escape.slice(1), 16));
    if (part === "host" && byte < "\x80" && escape !== "%25") shorten(escape);
    if (part === "zone" && escape !== "%25" && byte !== " " && !hostCharacters.test(byte)) shorten(escape);
    out += byte;
    at += 2;
  }
  return out;
}

function checkPort(port: ByteString): void {
  if (!/^(?::[0-9]*)?$/.test(port)) throw new Error(`invalid port ${quote(port)} after host`);
}

function parseLiteral(host: ByteString): ByteString {
  const close = host.lastIndexOf("]");
  if (close < 0) throw new Error("missing ']' in host");
  const port = host.slice(close + 1);
  checkPort(port);
  const inside = host.slice(1, close);
  const zone = inside.indexOf("%25");
  const address =
    zone < 0
      ? unescape(inside, "host")
      : unescape(inside.slice(0, zone), "host") + unescape(inside.slice(zone), "zone");
  let family: 4 | 6;
  try {
    family = checkAddress(address);
  } catch (error) {
    throw new Error(`invalid host: ${(error as Error).message}`, { cause: error });
  }
  if (family === 4) throw new Error("invalid IP-literal");
  return `[${address}]${port}`;
}

function parseHost(scheme: ByteString, host: ByteString): ByteString {
  const open = host.lastIndexOf("[");
  if (open > 0) throw new Error("invalid IP-literal");
  if (open === 0) return parseLiteral(host);
  // For http the first colon must begin the port; other schemes keep the old leniency.
  const colon = /^https?$/.test(scheme) ? host.indexOf(":") : host.lastIndexOf(":");
  if (colon >= 0) checkPort(host.slice(colon));
  return unescape(host, "host");
}

function parseUserinfo(text: ByteString): ByteString {
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(text)) throw new Error("net/url: invalid userinfo");
  const [, name = "", password] = /^([^:]*)(?::([^]*))?$/.exec(text) ?? [];
  const parts = password === undefined ? [name] : [name, password];
  return parts.map((part) => percentEncode(unescape(part, "other"), notInUser)).join(":");
}

function cut(text: ByteString, separator: string): readonly [ByteString, ByteString | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}

function parseScheme(text: ByteString): readonly [ByteString, ByteString] {
  if (text.startsWith(":")) throw new Error("missing protocol scheme");
  const match = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(text);
  const scheme = match?.[1] ?? "";
  return [scheme.toLowerCase(), match === null ? text : text.slice(scheme.length + 1)];
}

function parseMain(text: ByteString): Omit<Url, "fragment"> {
  const none = { scheme: "", opaque: "", userinfo: undefined, host: "", path: "", query: "" };
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\0-\x1f\x7f]/.test(text)) throw new Error("net/url: invalid control character in URL");
  if (text === "*") return { ...none, path: "*" };
  const [scheme, afterScheme] = parseScheme(text);
  const [rest, query = ""] = cut(afterScheme, "?");
  if (!rest.startsWith("/")) {
    if (scheme !== "") return { ...none, scheme, opaque: rest, query };
    if (cut(rest, "/")[0].includes(":")) throw new Error("first path segment in URL cannot contain colon");
  }
  const hasAuthority = rest.startsWith("//") && (scheme !== "" || !rest.startsWith("///"));
  if (!hasAuthority) return { ...none, scheme, path: unescape(rest, "other"), query };
  const slash = rest.indexOf("/", 2);
  const authority = rest.slice(2, slash < 0 ? undefined : slash);
  const at = authority.lastIndexOf("@");
  const host = parseHost(scheme, authority.slice(at + 1));
  const userinfo = at < 0 ? undefined : parseUserinfo(authority.slice(0, at));
  const path = unescape(slash < 0 ? "" : rest.slice(slash), "other");
  return { ...none, scheme, userinfo, host, path, query };
}

function failed(url: ByteString, error: unknown): never {
  const reason = error instanceof Error ? error.message : String(error);
  throw new Error(decodeText(`parse ${quote(url)}: ${reason}`), { cause: error });
}

/** Parses a URL as Go's `net/url`. Throws with its message. */
export function parseUrl(text: ByteString): Url {
  const [main, fragment = ""] = cut(text, "#");
  let url: Omit<Url, "fragment">;
  try {
    url = parseMain(main);
  } catch (error) {
    return failed(main, error);
  }
  try {
    return { ...url, fragment: unescape(fragment, "other") };
  } catch (error) {
    return failed(text, error);
  }
}

/** Host without port and brackets. */
export function hostnameOf(host: ByteString): ByteString {
  const name = host.replace(/:[0-9]*$/, "");
  return name.startsWith("[") && name.endsWith("]") ? name.slice(1, -1) : name;
}

/** Writes a URL from its parts, escaping what must be. */
export function formatUrl({ scheme, opaque, userinfo, host, path, query, fragment }: Url): ByteString {
  let out = scheme === "" ? "" : `${scheme}:`;
  if (opaque === "") {
    if (host !== "" || userinfo !== undefined || (scheme !== "" && path !== "")) {
      out += `//${userinfo === undefined ? "" : `${userinfo}@`}${percentEncode(host, notInHost)}`;
    }
    const escaped = path === "*" ? "*" : percentEncode(path, notInPath);
    if (escaped !== "" && !escaped.startsWith("/") && host !== "") out += "/";
    if (out === "" && cut(escaped, "/")[0].includes(":")) out += "./";
    out += escaped;
  } else {
    out += opaque;
  }
  if (query !== "") out += `?${query}`;
  return fragment === "" ? out : `${out}#${percentEncode(fragment, notInFragment)}`;
}
