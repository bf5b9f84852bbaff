import type { ByteString } from "../../text/byte-string.ts";
import { quote } from "../../text/quote.ts";

function bad(address: ByteString, message: string, at: ByteString = ""): never {
  const place = at === "" ? "" : ` (at ${quote(at)})`;
  throw new Error(`ParseAddr(${quote(address)}): ${message}${place}`);
}

/** Checks an IPv4 address, `text`, that stands alone or at the end of `address`. */
function checkIPv4(address: ByteString, text: ByteString): void {
  let dots = 0;
  let field = "";
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? "";
    if (character >= "0" && character <= "9") {
      if (field === "0") bad(address, "IPv4 field has octet with leading zero");
      field += character;
      if (Number(field) > 255) bad(address, "IPv4 field has value >255");
      continue;
    }
    if (character !== ".") bad(address, "unexpected character", text.slice(at));
    if (field === "" || at === text.length - 1) {
      bad(address, "IPv4 field must have at least one digit", text.slice(at));
    }
    if (dots === 3) bad(address, "IPv4 address too long");
    dots++;
    field = "";
  }
  if (dots < 3) bad(address, "IPv4 address too short");
}

/** Checks an IPv6 address, with the messages of `net/netip`. */
function checkIPv6(address: ByteString): void {
  const percent = address.indexOf("%");
  if (percent >= 0 && percent === address.length - 1) bad(address, "zone must be a non-empty string");
  let rest = percent < 0 ? address : address.slice(0, percent);
  let elided = rest.startsWith("::");
  if (elided) rest = rest.slice(2);
  if (elided && rest === "") return;
  let bytes = 0;
  while (bytes < 16) {
    const [digits = ""] = /^[0-9a-fA-F]*/.exec(rest) ?? [];
    if (digits.length > 4) bad(address, "each group must have 4 or less digits", rest);
    if (digits === "") bad(address, "each colon-separated field must have at least one digit", rest);
    if (rest[digits.length] === ".") {
      if (!elided && bytes !== 12) {
        bad(address, "embedded IPv4 address must replace the final 2 fields of the address", rest);
      }
      if (bytes > 12) {
        bad(address, "too many hex fields to fit an embedded IPv4 at the end of the address", rest);
      }
      checkIPv4(address, rest);
      rest = "";
      bytes += 4;
      break;
    }
    bytes += 2;
    rest = rest.slice(digits.length);
    if (rest === "") break;
    if (!rest.startsWith(":")) bad(address, "unexpected character, want colon", rest);
    if (rest === ":") bad(address, "colon must be followed by more characters", rest);
    rest = rest.slice(1);
    if (!rest.startsWith(":")) continue;
    if (elided) bad(address, "multiple :: in address", rest);
    elided = true;
    rest = rest.slice(1);
    if (rest === "") break;
  }
  if (rest !== "") bad(address, "trailing garbage after address", rest);
  if (bytes < 16 && !elided) bad(address, "address string too short");
  if (bytes === 16 && elided) bad(address, "the :: must expand to at least one field of zeros");
}

/** Checks an IP address and tells its family. Throws with the messages of Go's `netip.ParseAddr`. */
export function checkAddress(address: ByteString): 4 | 6 {
  const mark = /[.:%]/.exec(address)?.[0];
  if (mark === undefined) return bad(address, "unable to parse IP");
  if (mark === "%") return bad(address, "missing IPv6 address");
  if (mark === ".") checkIPv4(address, address);
  else checkIPv6(address);
  return mark === "." ? 4 : 6;
}
