const label1123 = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const subdomain1123 = `${label1123}(\\.${label1123})*`;
const label1035 = "[a-z]([-a-z0-9]*[a-z0-9])?";
const qualifiedName = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
const labelValue = `(${qualifiedName})?`;
const configMapKey = "[-._a-zA-Z0-9]+";

const label1123Message =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', " +
  "and must start and end with an alphanumeric character";
const subdomain1123Message =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', " +
  "and must start and end with an alphanumeric character";
const label1035Message =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', " +
  "start with an alphabetic character, and end with an alphanumeric character";
const qualifiedNameMessage =
  "must consist of alphanumeric characters, '-', '_' or '.', " +
  "and must start and end with an alphanumeric character";
const labelValueMessage =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', " +
  "and must start and end with an alphanumeric character";
const configMapKeyMessage = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'";

const qualifiedNameExamples = ["MyName", "my.name", "123-abc"];

/**
 * Findings about a DNS-1123 label (names of namespaces, Services' ports); empty when valid.
 * The texts are those of `k8s.io/apimachinery/pkg/util/validation`, as everywhere in this module.
 */
export function isDns1123Label(value: string): string[] {
  const errors = tooLong(value, 63, "characters");
  if (!matches(label1123, value)) {
    errors.push(
      matches(subdomain1123, value)
        ? "must not contain dots"
        : regexError(label1123Message, label1123, ["my-name", "123-abc"]),
    );
  }
  return errors;
}

/** Findings about a DNS-1123 subdomain, the form of most object names; empty when valid. */
export function isDns1123Subdomain(value: string): string[] {
  return subdomainErrors(value, "characters");
}

/** Findings about a DNS-1035 label (names of Services); empty when valid. */
export function isDns1035Label(value: string): string[] {
  const errors = tooLong(value, 63, "characters");
  if (!matches(label1035, value)) {
    errors.push(regexError(label1035Message, label1035, ["my-name", "abc-123"]));
  }
  return errors;
}

/** Findings about a label or annotation key: `[prefix/]name`; empty when valid. */
export function isQualifiedName(value: string): string[] {
  const parts = value.split("/");
  if (parts.length > 2) {
    const text = regexError(qualifiedNameMessage, qualifiedName, qualifiedNameExamples);
    return [
      `a valid label key ${text} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const errors: string[] = [];
  if (parts.length === 2) {
    const prefix = parts[0]!;
    if (prefix === "") errors.push("prefix part must be non-empty");
    else errors.push(...subdomainErrors(prefix, "bytes").map((text) => `prefix part ${text}`));
  }
  const name = parts.at(-1)!;
  if (name === "") errors.push("name part must be non-empty");
  else errors.push(...tooLong(name, 63, "bytes").map((text) => `name part ${text}`));
  if (!matches(qualifiedName, name)) {
    errors.push(`name part ${regexError(qualifiedNameMessage, qualifiedName, qualifiedNameExamples)}`);
  }
  return errors;
}

/** Findings about the value of a label; empty when valid. */
export function isLabelValue(value: string): string[] {
  const errors = tooLong(value, 63, "bytes");
  if (!matches(labelValue, value)) {
    errors.push(regexError(labelValueMessage, labelValue, ["MyValue", "my_value", "12345"]));
  }
  return errors;
}

/** Findings about a key of a ConfigMap or Secret; empty when valid. */
export function isConfigMapKey(value: string): string[] {
  const errors = tooLong(value, 253, "characters");
  if (!matches(configMapKey, value)) {
    errors.push(regexError(configMapKeyMessage, configMapKey, ["key.name", "KEY_NAME", "key-name"]));
  }
  if (value === "." || value === "..") {
    errors.push(`must not be '${value}'`);
  } else if (value.startsWith("..")) {
    errors.push("must not start with '..'");
  }
  return errors;
}

/** Makes a `generateName` checkable as a name: the part before the random suffix may end in a dash. */
export function maskTrailingDash(value: string): string {
  return value.length > 1 && value.endsWith("-") ? `${value.slice(0, -2)}a` : value;
}

function subdomainErrors(value: string, unit: "characters" | "bytes"): string[] {
  const errors = tooLong(value, 253, unit);
  if (!matches(subdomain1123, value)) {
    errors.push(regexError(subdomain1123Message, subdomain1123, ["example.com"]));
  }
  return errors;
}

/** `$` of a JavaScript expression matches at the very end only, as Go's does, when the `m` flag is off. */
function matches(pattern: string, value: string): boolean {
  return new RegExp(`^(?:${pattern})$`).test(value);
}

function tooLong(value: string, max: number, unit: "characters" | "bytes"): string[] {
  return byteLength(value) > max ? [`must be no more than ${max} ${unit}`] : [];
}

/** Go counts bytes also where its message says characters. */
function byteLength(text: string): number {
  return Buffer.byteLength(text);
}

function regexError(message: string, pattern: string, examples: readonly string[]): string {
  const list = examples.map((example) => `'${example}'`).join(",  or ");
  return `${message} (e.g. ${list}, regex used for validation is '${pattern}')`;
}
