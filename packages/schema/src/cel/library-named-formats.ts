import { checkFormat } from "../formats.ts";
import {
  isDns1035Label,
  isDns1123Label,
  isDns1123Subdomain,
  isLabelValue,
  isQualifiedName,
  maskTrailingDash,
} from "../names.ts";
import { fn, method, type CelOverload } from "./cel-overload.ts";
import * as t from "./cel-type.ts";
import { CelOpaque, CelOptional } from "./cel-value.ts";

const format = t.opaque("kubernetes.NamedFormat");

type Validate = (text: string) => string[];

function prefix(validate: Validate): Validate {
  return (text) => validate(maskTrailingDash(text));
}

function known(name: string, complaint: string): Validate {
  return (text) => (checkFormat(name, text) ? [] : [complaint]);
}

const formats: Readonly<Record<string, Validate>> = {
  dns1123Label: isDns1123Label,
  dns1123Subdomain: isDns1123Subdomain,
  dns1035Label: isDns1035Label,
  dns1123LabelPrefix: prefix(isDns1123Label),
  dns1123SubdomainPrefix: prefix(isDns1123Subdomain),
  dns1035LabelPrefix: prefix(isDns1035Label),
  qualifiedName: isQualifiedName,
  labelValue: isLabelValue,
  uri: known("uri", "invalid URI"),
  uuid: known("uuid", "does not match the UUID format"),
  byte: known("byte", "invalid base64"),
  date: known("date", "invalid date"),
  datetime: known("datetime", "invalid datetime"),
};

function wrap(name: string): CelOpaque {
  return new CelOpaque("kubernetes.NamedFormat", name, formats[name]);
}

/** Kubernetes' named formats. */
export const namedFormatsLibrary: readonly CelOverload[] = [
  ...Object.keys(formats).map((name) => fn(`format.${name}`, [], format, () => wrap(name))),
  fn("format.named", [t.string], t.optional(format), ([name]) =>
    Object.hasOwn(formats, name as string) ? new CelOptional(wrap(name as string)) : new CelOptional(),
  ),
  method("validate", [format, t.string], t.optional(t.list(t.string)), ([value, text]) => {
    const complaints = ((value as CelOpaque).content as Validate)(text as string);
    return complaints.length === 0 ? new CelOptional() : new CelOptional(complaints);
  }),
];
