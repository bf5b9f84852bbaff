import { BlockList, isIP } from "node:net";

const privateAddresses = new BlockList();
for (const [address, prefix] of [
  ["127.0.0.0", 8],
  ["10.0.0.0", 8],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
] as const) {
  privateAddresses.addSubnet(address, prefix, "ipv4");
}
privateAddresses.addAddress("::1", "ipv6");

/** The host of `host:port`, without the brackets of an IPv6 address. */
export function hostName(registry: string): string {
  if (registry.startsWith("[")) return registry.slice(1, registry.indexOf("]"));
  const colon = registry.lastIndexOf(":");
  return colon < 0 || registry.indexOf(":") !== colon ? registry : registry.slice(0, colon);
}

/** Whether a registry is this machine or at an RFC 1918 address: there plain HTTP is allowed, as Docker does. */
export function isPrivateRegistry(registry: string): boolean {
  const host = hostName(registry);
  const family = isIP(host);
  if (family !== 0) return privateAddresses.check(host, family === 4 ? "ipv4" : "ipv6");
  return host === "localhost" || host.endsWith(".localhost");
}

/** Compares a registry with entries like `host`, `host:port` and `*`. */
export function matchesHost(
  registry: string,
  entries: readonly string[] | ((host: string) => boolean) | undefined,
): boolean {
  if (typeof entries === "function") return entries(registry);
  return (entries ?? []).some((entry) => entry === "*" || entry === registry || entry === hostName(registry));
}
