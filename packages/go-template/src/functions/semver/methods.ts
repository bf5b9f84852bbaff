import type { ByteString } from "../../text/byte-string.ts";
import { GoInt, GoVersion, int, type Result } from "../../value/value.ts";
import { define, type ParameterType, type TemplateFunction } from "../function.ts";
import { checkMetadata, checkPrerelease, compareVersions, type Version, versionText } from "./version.ts";

/** A version changed by a method: a struct, which keeps the `v` of the text it came from. */
function changed(from: Version, change: Partial<Version>): GoVersion {
  const next = { ...from, ...change };
  const prefix = from.original.startsWith("v") ? "v" : "";
  return new GoVersion({ ...next, original: prefix + versionText(next) }, false);
}

const released = { pre: "", metadata: "" };

function increment(name: string, value: bigint): bigint {
  if (value === (1n << 64n) - 1n) throw new Error(`${name} version increment would overflow uint64`);
  return value + 1n;
}

function uint64(value: bigint): GoInt {
  return new GoInt("uint64", value);
}

type Method = (version: Version) => Result;

const valueMethods: Readonly<Record<string, Method>> = {
  Major: ({ major }) => uint64(major),
  Minor: ({ minor }) => uint64(minor),
  Patch: ({ patch }) => uint64(patch),
  Prerelease: ({ pre }) => pre,
  Metadata: ({ metadata }) => metadata,
  String: versionText,
  IncMajor: (version) =>
    changed(version, { major: increment("major", version.major), minor: 0n, patch: 0n, ...released }),
  IncMinor: (version) =>
    changed(version, { minor: increment("minor", version.minor), patch: 0n, ...released }),
  // A pre-release of a patch is followed by the patch itself.
  IncPatch: (version) =>
    changed(version, {
      patch: version.pre === "" ? increment("patch", version.patch) : version.patch,
      ...released,
    }),
};

const setters: Readonly<Record<string, (version: Version, text: ByteString) => GoVersion>> = {
  SetPrerelease(version, text) {
    if (text !== "") checkPrerelease(text);
    return changed(version, { pre: text });
  },
  SetMetadata(version, text) {
    if (text !== "") checkMetadata(text);
    return changed(version, { metadata: text });
  },
};

const comparisons: Readonly<Record<string, (order: number) => Result>> = {
  Compare: int,
  LessThan: (order) => order < 0,
  LessThanEqual: (order) => order <= 0,
  GreaterThan: (order) => order > 0,
  GreaterThanEqual: (order) => order >= 0,
  Equal: (order) => order === 0,
};

function own<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

const otherVersion: readonly [ParameterType] = ["*semver.Version"];

/** The method of a version that templates may call, already bound to it; pointers have more methods than structs. */
export function versionMethod(
  { version, isPointer }: GoVersion,
  name: ByteString,
): TemplateFunction | undefined {
  const method = own(valueMethods, name);
  if (method !== undefined) return define([], () => method(version));
  const setter = own(setters, name);
  if (setter !== undefined) return define(["string"], ([text]) => setter(version, text));
  if (!isPointer) return undefined;
  if (name === "Original") return define([], () => version.original);
  const comparison = own(comparisons, name);
  if (comparison === undefined) return undefined;
  return {
    parameters: otherVersion,
    rest: undefined,
    call([other]) {
      if (other instanceof GoVersion) return comparison(compareVersions(version, other.version));
      if (name === "Equal") return false;
      throw new Error("runtime error: invalid memory address or nil pointer dereference");
    },
  };
}
