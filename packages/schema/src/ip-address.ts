/** An address as its bytes: four for IPv4, sixteen for IPv6; IPv4 mapped into IPv6 keeps sixteen. */
export type IpAddress = readonly number[];

/** An address with the length of its network's prefix in bits. */
export interface Cidr {
  readonly address: IpAddress;
  readonly bits: number;
}

/** How strictly text is read. */
export interface IpOptions {
  /** Accept leading zeros in IPv4 numbers, as old Go versions did. Default false. */
  readonly sloppy?: boolean;
}

/** Parses an IPv4 or IPv6 address without zone; undefined when it is none. */
export function parseIp(text: string, options: IpOptions = {}): IpAddress | undefined {
  return text.includes(":") ? parseIpv6(text, options) : parseIpv4(text, options);
}

/** Parses `address/bits`; undefined when it is none. */
export function parseCidr(text: string, options: IpOptions = {}): Cidr | undefined {
  const slash = text.indexOf("/");
  if (slash < 0) return undefined;
  const address = parseIp(text.slice(0, slash), options);
  const digits = text.slice(slash + 1);
  const valid = options.sloppy === true ? /^[0-9]{1,3}$/ : /^(?:0|[1-9][0-9]{0,2})$/;
  if (address === undefined || !valid.test(digits) || Number(digits) > address.length * 8) return undefined;
  return { address, bits: Number(digits) };
}

/** The canonical text: dotted numbers, or IPv6 with its longest run of zero groups shortened. */
export function formatIp(address: IpAddress): string {
  if (address.length === 4) return address.join(".");
  const groups = Array.from({ length: 8 }, (_, index) => address[2 * index]! * 256 + address[2 * index + 1]!);
  const run = longestZeroRun(groups);
  const hex = (part: number[]): string => part.map((group) => group.toString(16)).join(":");
  if (run.length < 2) return hex(groups);
  return `${hex(groups.slice(0, run.start))}::${hex(groups.slice(run.start + run.length))}`;
}

/** The first address of a network: all bits after the prefix cleared. */
export function maskIp({ address, bits }: Cidr): IpAddress {
  return address.map((byte, index) => byte & (0xff00 >> Math.min(8, Math.max(0, bits - 8 * index))) & 0xff);
}

/** Whether an address of the same family lies in the network. */
export function cidrContains(network: Cidr, address: IpAddress): boolean {
  if (network.address.length !== address.length) return false;
  const masked = maskIp({ address, bits: network.bits });
  return maskIp(network).every((byte, index) => byte === masked[index]);
}

/** Whether sixteen bytes hold an IPv4 address in IPv6 form (`::ffff:1.2.3.4`). */
export function isIpv4Mapped(address: IpAddress): boolean {
  return (
    address.length === 16 &&
    address.slice(0, 10).every((byte) => byte === 0) &&
    address[10] === 255 &&
    address[11] === 255
  );
}

function parseIpv4(text: string, { sloppy }: IpOptions): IpAddress | undefined {
  const parts = text.split(".");
  const pattern = sloppy === true ? /^[0-9]+$/ : /^(?:0|[1-9][0-9]*)$/;
  if (parts.length !== 4 || !parts.every((part) => pattern.test(part) && Number(part) <= 255))
    return undefined;
  return parts.map(Number);
}

function parseIpv6(text: string, options: IpOptions): IpAddress | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0]!, halves.length === 1, options);
  const tail = halves.length === 1 ? [] : parseGroups(halves[1]!, true, options);
  if (head === undefined || tail === undefined) return undefined;
  const missing = 16 - head.length - tail.length;
  // `::` stands for at least one group.
  if (halves.length === 1 ? missing !== 0 : missing < 2) return undefined;
  return [...head, ...Array.from({ length: missing }, () => 0), ...tail];
}

function parseGroups(text: string, last: boolean, options: IpOptions): number[] | undefined {
  if (text === "") return [];
  const parts = text.split(":");
  const bytes: number[] = [];
  for (const [index, part] of parts.entries()) {
    if (last && index === parts.length - 1 && part.includes(".")) {
      const embedded = parseIpv4(part, options);
      if (embedded === undefined) return undefined;
      bytes.push(...embedded);
    } else if (/^[0-9a-f]{1,4}$/i.test(part)) {
      const group = Number.parseInt(part, 16);
      bytes.push(group >> 8, group & 0xff);
    } else return undefined;
  }
  return bytes;
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  groups.forEach((group, index) => {
    if (group !== 0) start = index + 1;
    else if (index + 1 - start > best.length) best = { start, length: index + 1 - start };
  });
  return best;
}
