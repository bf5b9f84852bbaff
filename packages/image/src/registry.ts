import { isIPv4, isIPv6 } from "node:net";
import { ImageError } from "./errors.ts";

/** Where references without a registry live; `docker.io` is another spelling of it. */
export const dockerHub = "index.docker.io";

/**
 * Checks and canonicalises a registry authority (`host` or `host:port`); the empty text means Docker Hub.
 * @throws {ImageError} `invalid-registry` when the text is more, or less, than an RFC 3986 authority.
 */
export function parseRegistry(text: string): string {
  if (!isAuthority(text)) {
    throw new ImageError(
      "invalid-registry",
      `registries must be valid RFC 3986 URI authorities: ${text}`,
      text,
    );
  }
  return text === "" || text === "docker.io" ? dockerHub : text;
}

/**
 * The scheme a registry is spoken to by default, as go-containerregistry decides it: plain HTTP for loopback and private
 * IPv4 addresses, `[::1]`, names below `.localhost`, and `localhost` with a port; HTTPS for everything else.
 */
export function registryScheme(registry: string): "http" | "https" {
  const loopback = /^(localhost:.*|::1|(127\.0\.0\.1|\[::1\]|.*\.localhost)(:\d{1,5})?)$/s;
  return loopback.test(registry) || isPrivate(registry.split(":")[0] ?? "") ? "http" : "https";
}

/** The ranges of RFC 1918. */
function isPrivate(host: string): boolean {
  if (!isIPv4(host)) return false;
  const [a = 0, b = 0] = host.split(".").map(Number);
  return a === 10 || (a === 172 && b >= 16 && b <= 31) || (a === 192 && b === 168);
}

/**
 * Accepts what Go's net/url accepts as the host of `//text`, which is what registries' clients agree on: several colons
 * are fine, upper case and letters beyond ASCII too; percent escapes are not, since the parsed host would then differ.
 */
function isAuthority(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- control characters are exactly what must not pass
  if (/[\u0000-\u0020\u007f%/?#@\\^`{|}]/.test(text)) return false;
  if (text.startsWith("[")) {
    const end = text.lastIndexOf("]");
    return isIPv6(text.slice(1, Math.max(end, 1))) && isOptionalPort(text.slice(end + 1));
  }
  if (text.includes("[")) return false;
  const colon = text.lastIndexOf(":");
  return colon < 0 || isOptionalPort(text.slice(colon));
}

function isOptionalPort(text: string): boolean {
  return text === "" || /^:\d*$/.test(text);
}
