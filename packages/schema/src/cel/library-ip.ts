import { goQuote } from "../go-quote.ts";
import {
  cidrContains,
  formatIp,
  isIpv4Mapped,
  maskIp,
  parseCidr,
  parseIp,
  type Cidr,
  type IpAddress,
} from "../ip-address.ts";
import { CelEvaluationError } from "./cel-error.ts";
import { fn, method, type CelImplementation, type CelOverload } from "./cel-overload.ts";
import * as t from "./cel-type.ts";
import { CelOpaque, type CelValue } from "./cel-value.ts";

const ip = t.opaque("net.IP");
const cidr = t.opaque("net.CIDR");

function wrapIp(address: IpAddress): CelOpaque {
  return new CelOpaque("net.IP", formatIp(address), address);
}

function wrapCidr(network: Cidr): CelOpaque {
  return new CelOpaque("net.CIDR", `${formatIp(network.address)}/${network.bits}`, network);
}

/** An address; IPv4 mapped into IPv6 is refused, as Kubernetes does. */
function strictIp(text: string): IpAddress | undefined {
  const address = parseIp(text);
  return address === undefined || isIpv4Mapped(address) ? undefined : address;
}

function strictCidr(text: string): Cidr | undefined {
  const network = parseCidr(text);
  return network === undefined || isIpv4Mapped(network.address) ? undefined : network;
}

function toIp([text]: readonly CelValue[]): CelOpaque {
  const address = strictIp(text as string);
  if (address === undefined) {
    const problem = `ParseAddr(${goQuote(text as string)}): unable to parse IP`;
    throw new CelEvaluationError(
      `IP Address ${goQuote(text as string)} parse error during conversion from string: ${problem}`,
    );
  }
  return wrapIp(address);
}

function toCidr([text]: readonly CelValue[]): CelOpaque {
  const network = strictCidr(text as string);
  if (network === undefined) {
    const problem = `netip.ParsePrefix(${goQuote(text as string)}): no valid network`;
    throw new CelEvaluationError(`network address parse error during conversion from string: ${problem}`);
  }
  return wrapCidr(network);
}

function ofIp(test: (address: IpAddress) => CelValue): CelImplementation {
  return ([value]) => test((value as CelOpaque).content as IpAddress);
}

function network(value: CelValue | undefined): Cidr {
  return (value as CelOpaque).content as Cidr;
}

function containsCidr(outer: Cidr, inner: Cidr): boolean {
  return outer.bits <= inner.bits && cidrContains(outer, inner.address);
}

function isLoopback(address: IpAddress): boolean {
  return address.length === 4 ? address[0] === 127 : formatIp(address) === "::1";
}

function isMulticast(address: IpAddress): boolean {
  return address.length === 4 ? (address[0]! & 0xf0) === 0xe0 : address[0] === 0xff;
}

function isLinkLocalUnicast(address: IpAddress): boolean {
  if (address.length === 4) return address[0] === 169 && address[1] === 254;
  return address[0] === 0xfe && (address[1]! & 0xc0) === 0x80;
}

function isLinkLocalMulticast(address: IpAddress): boolean {
  if (address.length === 4) return address[0] === 224 && address[1] === 0 && address[2] === 0;
  return address[0] === 0xff && (address[1]! & 0x0f) === 0x02;
}

function isGlobalUnicast(address: IpAddress): boolean {
  const isBroadcast = address.length === 4 && address.every((byte) => byte === 255);
  return (
    !isBroadcast &&
    !isUnspecified(address) &&
    !isLoopback(address) &&
    !isMulticast(address) &&
    !isLinkLocalUnicast(address)
  );
}

function isUnspecified(address: IpAddress): boolean {
  return address.every((byte) => byte === 0);
}

/** Kubernetes' libraries for IP addresses and networks. */
export const ipLibrary: readonly CelOverload[] = [
  fn("ip", [t.string], ip, toIp),
  fn("isIP", [t.string], t.bool, ([text]) => strictIp(text as string) !== undefined),
  fn("ip.isCanonical", [t.string], t.bool, (args) => toIp(args).text === args[0]),
  fn("string", [ip], t.string, ([value]) => (value as CelOpaque).text),
  method(
    "family",
    [ip],
    t.int,
    ofIp((address) => (address.length === 4 ? 4n : 6n)),
  ),
  method("isUnspecified", [ip], t.bool, ofIp(isUnspecified)),
  method("isLoopback", [ip], t.bool, ofIp(isLoopback)),
  method("isLinkLocalMulticast", [ip], t.bool, ofIp(isLinkLocalMulticast)),
  method("isLinkLocalUnicast", [ip], t.bool, ofIp(isLinkLocalUnicast)),
  method("isGlobalUnicast", [ip], t.bool, ofIp(isGlobalUnicast)),
  fn("cidr", [t.string], cidr, toCidr),
  fn("isCIDR", [t.string], t.bool, ([text]) => strictCidr(text as string) !== undefined),
  fn("string", [cidr], t.string, ([value]) => (value as CelOpaque).text),
  method("ip", [cidr], ip, ([value]) => wrapIp(network(value).address)),
  method("prefixLength", [cidr], t.int, ([value]) => BigInt(network(value).bits)),
  method("masked", [cidr], cidr, ([value]) =>
    wrapCidr({ address: maskIp(network(value)), bits: network(value).bits }),
  ),
  method("containsIP", [cidr, ip], t.bool, ([value, address]) =>
    cidrContains(network(value), (address as CelOpaque).content as IpAddress),
  ),
  method("containsIP", [cidr, t.string], t.bool, ([value, text]) =>
    cidrContains(network(value), toIp([text!]).content as IpAddress),
  ),
  method("containsCIDR", [cidr, cidr], t.bool, ([value, other]) =>
    containsCidr(network(value), network(other)),
  ),
  method("containsCIDR", [cidr, t.string], t.bool, ([value, text]) =>
    containsCidr(network(value), toCidr([text!]).content as Cidr),
  ),
];
