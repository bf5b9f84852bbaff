import { goQuote } from "./go-quote.ts";
import { UrlError, escapeUrl, unescapeUrl } from "./go-url-escape.ts";
import { parseIp } from "./ip-address.ts";

/** What stands between `//` and the path. */
export interface UrlAuthority {
  /** User and password as they are written again; undefined when there is no `@`. */
  readonly user: string | undefined;
  /** Host with port, decoded; brackets around IPv6 kept. */
  readonly host: string;
}

/**
 * Reads user information, host and port.
 *
 * @throws UrlError with Go's reason.
 */
export function parseAuthority(scheme: string, authority: string): UrlAuthority {
  const at = authority.lastIndexOf("@");
  const host = parseHost(scheme, authority.slice(at + 1));
  if (at < 0) return { user: undefined, host };
  const user = authority.slice(0, at);
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(user)) throw new UrlError("net/url: invalid userinfo");
  const colon = user.indexOf(":");
  const parts = colon < 0 ? [user] : [user.slice(0, colon), user.slice(colon + 1)];
  return { user: parts.map((part) => escapeUrl(unescapeUrl(part, "user"), "user")).join(":"), host };
}

function parseHost(scheme: string, host: string): string {
  const open = host.lastIndexOf("[");
  if (open > 0) throw new UrlError("invalid IP-literal");
  if (open === 0) return parseIpLiteral(host);
  // Some databases list hosts with ports; HTTP knows no such thing.
  const isHttp = scheme === "http" || scheme === "https";
  const colon = isHttp ? host.indexOf(":") : host.lastIndexOf(":");
  if (colon >= 0) checkPort(host.slice(colon));
  return unescapeUrl(host, "host");
}

function checkPort(port: string): void {
  if (!isOptionalPort(port)) throw new UrlError(`invalid port ${goQuote(port)} after host`);
}

/** `[address]:port`, where the address may have a zone. */
function parseIpLiteral(host: string): string {
  const close = host.lastIndexOf("]");
  if (close < 0) throw new UrlError("missing ']' in host");
  const port = host.slice(close + 1);
  checkPort(port);
  const name = host.slice(1, close);
  const zone = name.indexOf("%25");
  const address = unescapeUrl(zone < 0 ? name : name.slice(0, zone), "host");
  const decoded = zone < 0 ? address : address + unescapeUrl(name.slice(zone), "zone");
  const bare = decoded.replace(/%[^]+$/, "");
  const parsed = bare.includes("%") ? undefined : parseIp(bare);
  if (parsed === undefined || (parsed.length === 4 && bare !== decoded)) {
    throw new UrlError(`invalid host: ParseAddr(${goQuote(decoded)}): unable to parse IP`);
  }
  if (parsed.length === 4) throw new UrlError("invalid IP-literal");
  return `[${decoded}]${port}`;
}

function isOptionalPort(text: string): boolean {
  return /^(?::[0-9]*)?$/.test(text);
}

/** Host without brackets, and port, empty when there is none. */
export function splitHost(host: string): { readonly hostname: string; readonly port: string } {
  const colon = host.lastIndexOf(":");
  const hasPort = colon >= 0 && isOptionalPort(host.slice(colon));
  const name = hasPort ? host.slice(0, colon) : host;
  return {
    hostname: /^\[[^]*\]$/.test(name) ? name.slice(1, -1) : name,
    port: hasPort ? host.slice(colon + 1) : "",
  };
}
