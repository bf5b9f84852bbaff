import { decodeYaml, type JsonValue } from "@package-operator/kube-yaml";
import { MirrorError, type MirrorErrorCode } from "./errors.ts";
import { items, member } from "./pod-images.ts";

/** `apiVersion` of all files that this package writes. */
export const mirrorApiVersion = "mirror.package-operator.run/v1alpha1";

/** Reads fields of a file; a field that is missing or of another type is an error that names file and field. */
export interface FieldReader {
  text(field: string): string;
  /** A text with the form of a SHA-256 digest. */
  digest(field: string): string;
  /** Undefined when the field is not there. */
  optionalText(field: string): string | undefined;
  /** A whole number that is not negative. */
  count(field: string): number;
  /** Empty when the field is not there. */
  texts(field: string): string[];
  /** A reader for the fields below; undefined when the field is not there. */
  optional(field: string): FieldReader | undefined;
  /** A reader for each item; empty when the field is not there. */
  list(field: string): FieldReader[];
  /** The error for a value that is of the right type and still wrong. */
  wrong(field: string, reason: string): MirrorError;
}

/** Which file is read. */
export interface DocumentOptions {
  readonly kind: string;
  /** Its name, for messages. */
  readonly file: string;
  /** The code of errors. */
  readonly code: MirrorErrorCode;
}

/** Opens the `spec` of a file of the given kind. @throws MirrorError naming the file and what is wrong with it. */
export function readDocument(text: string, { kind, file, code }: DocumentOptions): FieldReader {
  const fail = (reason: string, cause?: unknown): MirrorError =>
    new MirrorError(code, `${file}: ${reason}`, { subject: file, cause });
  let document: JsonValue;
  try {
    document = decodeYaml(text, { source: file });
  } catch (cause) {
    throw fail((cause as Error).message, cause);
  }
  if (!isDocument(document, kind)) throw fail(`not a ${kind} of ${mirrorApiVersion}`);
  return createReader(member(document, "spec"), "spec", fail);
}

/** Whether a decoded document says that it is of the given kind. */
export function isDocument(document: JsonValue, kind: string): boolean {
  return member(document, "apiVersion") === mirrorApiVersion && member(document, "kind") === kind;
}

function createReader(value: unknown, at: string, fail: (reason: string) => MirrorError): FieldReader {
  const wrong = (field: string, reason: string): MirrorError => fail(`${at}.${field} ${reason}`);
  const optionalText = (field: string): string | undefined => {
    const found = member(value, field);
    if (found === undefined || typeof found === "string") return found;
    throw wrong(field, "is not a text");
  };
  const text = (field: string): string => {
    const found = optionalText(field);
    if (found === undefined) throw wrong(field, "is missing");
    return found;
  };
  const list = (field: string): readonly unknown[] => {
    const found = member(value, field);
    if (found !== undefined && !Array.isArray(found)) throw wrong(field, "is not a list");
    return items(found);
  };
  return {
    text,
    optionalText,
    wrong,
    digest(field) {
      const found = text(field);
      if (!/^sha256:[0-9a-f]{64}$/.test(found)) throw wrong(field, "is no SHA-256 digest");
      return found;
    },
    count(field) {
      const found = member(value, field);
      if (typeof found === "number" && Number.isSafeInteger(found) && found >= 0) return found;
      throw wrong(field, "is not a count");
    },
    texts: (field) =>
      list(field).map((item) => {
        if (typeof item === "string") return item;
        throw wrong(field, "holds something that is no text");
      }),
    optional(field) {
      const found = member(value, field);
      return found === undefined ? undefined : createReader(found, `${at}.${field}`, fail);
    },
    list: (field) => list(field).map((item, index) => createReader(item, `${at}.${field}[${index}]`, fail)),
  };
}
