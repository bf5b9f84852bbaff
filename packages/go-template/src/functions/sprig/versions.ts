import { GoVersion } from "../../value/value.ts";
import { define, type FunctionMap } from "../function.ts";
import { parseConstraint, satisfies } from "../semver/constraint.ts";
import { parseVersion } from "../semver/version.ts";

/** Semantic versions in the dialect of the Masterminds library. */
export const versions: FunctionMap = {
  semver: define(["string"], ([text]) => new GoVersion(parseVersion(text), true)),
  semverCompare: define(["string", "string"], ([constraint, version]) => {
    const parsed = parseConstraint(constraint);
    return satisfies(parseVersion(version), parsed);
  }),
};
