import { BlockList, isIP } from "node:net";

/**
 * The proxy the environment names for a URL, or undefined: `HTTP_PROXY` or `HTTPS_PROXY` unless `NO_PROXY` names
 * the host. Follows Go's golang.org/x/net/http/httpproxy: upper case wins over lower case, loopback is never
 * proxied, `NO_PROXY` takes hosts, domain suffixes, IPs, CIDRs, ports and `*`.
 */
export function proxyFor(url: URL, env: Readonly<Record<string, string | undefined>>): string | undefined {
  const variable = url.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY";
  const proxy = env[variable] || env[variable.toLowerCase()];
  if (!proxy || isExempt(url, env.NO_PROXY || env.no_proxy || "")) return undefined;
  return proxy.includes("://") ? proxy : `http://${proxy}`;
}

function isExempt(url: URL, noProxy: string): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, "").toLowerCase();
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  if (host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."))) return true;
  return noProxy
    .split(",")
    .map((rule) => rule.trim().toLowerCase())
    .some((rule) => rule !== "" && matches(rule, host, port));
}

function matches(rule: string, host: string, port: string): boolean {
  if (rule === "*") return true;
  if (rule.includes("/")) return inNetwork(rule, host);
  const [, bracketed, plain, rulePort] = /^(?:\[([^\]]+)\]|([^:]*))(?::(\d+))?$/.exec(rule) ?? [];
  const name = bracketed ?? plain ?? rule;
  if (rulePort !== undefined && rulePort !== port) return false;
  if (isIP(name)) return name === host;
  // "example.com" covers itself and what is below it, ".example.com" and "*.example.com" only what is below.
  const suffix = name.replace(/^\*/, "");
  return suffix.startsWith(".") ? host.endsWith(suffix) : host === suffix || host.endsWith(`.${suffix}`);
}

function inNetwork(rule: string, host: string): boolean {
  const [address = "", bits = ""] = rule.split("/");
  const family = isIP(address);
  const hostFamily = isIP(host);
  if (family === 0 || family !== hostFamily || !/^\d{1,3}$/.test(bits)) return false;
  if (Number(bits) > (family === 4 ? 32 : 128)) return false;
  const network = new BlockList();
  const type = family === 4 ? "ipv4" : "ipv6";
  network.addSubnet(address, Number(bits), type);
  return network.check(host, type);
}
