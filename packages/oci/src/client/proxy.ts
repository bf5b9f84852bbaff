import { BlockList, isIP } from "node:net";
import { hostName } from "./host.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy for a URL by `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` (and their lower-case twins), read as Go does:
 * NO_PROXY holds hosts, `.domain` suffixes, addresses, CIDR ranges, each with an optional port, or `*`; this machine
 * is never reached through a proxy.
 */
export function proxyFor(url: URL, env: Environment): URL | undefined {
  const read = (name: string): string => env[name] || env[name.toLowerCase()] || "";
  const value = read(url.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY");
  const host = hostName(url.hostname);
  if (value === "" || isLoopback(host)) return undefined;
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  const entries = read("NO_PROXY").split(",");
  if (entries.some((entry) => bypasses(entry.trim().toLowerCase(), host, port))) return undefined;
  return new URL(value.includes("://") ? value : `http://${value}`);
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}

function bypasses(entry: string, host: string, port: string): boolean {
  if (entry === "") return false;
  if (entry === "*") return true;
  if (entry.includes("/")) return inSubnet(entry, host);
  const name = hostName(entry);
  const entryPort = entry.startsWith("[") ? entry.slice(name.length + 3) : entry.slice(name.length + 1);
  if (entryPort !== "" && entryPort !== port) return false;
  if (isIP(name) !== 0) return name === host;
  // A plain name stands for itself and everything below it; with a dot or `*.` in front only for what is below.
  const domain = name.replace(/^\*?\./, "");
  return host.endsWith(`.${domain}`) || (host === domain && name === domain);
}

function inSubnet(entry: string, host: string): boolean {
  const [address = "", prefix = ""] = entry.split("/");
  const family = isIP(address) === 4 ? "ipv4" : "ipv6";
  if (isIP(address) === 0 || isIP(host) === 0 || !/^\d{1,3}$/.test(prefix)) return false;
  try {
    const list = new BlockList();
    list.addSubnet(address, Number(prefix), family);
    return list.check(host, isIP(host) === 4 ? "ipv4" : "ipv6");
  } catch {
    // A prefix longer than the address matches nothing.
    return false;
  }
}
