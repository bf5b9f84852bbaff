import { isIP } from "node:net";

/**
 * Whether packages may come from a registry over plain HTTP or with a certificate nobody vouches for: only from inside
 * the cluster or the machine, where a name or address cannot lead outside.
 */
export function isInsideCluster(host: string): boolean {
  const name = withoutPort(host).toLowerCase();
  if (name === "localhost" || name.endsWith(".localhost")) return true;
  if (isIP(name) !== 0) return isPrivateAddress(name);
  return name.endsWith(".svc") || name.endsWith(".svc.cluster.local");
}

function withoutPort(host: string): string {
  const bracketed = /^\[(.*)\](:\d+)?$/.exec(host)?.[1];
  if (bracketed !== undefined) return bracketed;
  return isIP(host) === 6 ? host : host.replace(/:\d+$/, "");
}

function isPrivateAddress(address: string): boolean {
  if (isIP(address) === 6) return address === "::1" || /^f[cd]/i.test(address);
  const [first = 0, second = 0] = address.split(".").map(Number);
  return (
    first === 127 ||
    first === 10 ||
    (first === 172 && second >= 16 && second < 32) ||
    (first === 192 && second === 168)
  );
}
