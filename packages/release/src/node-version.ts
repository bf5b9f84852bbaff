import { ReleaseError } from "./errors.ts";

/** The name under which Node answers debuggers, which is in every build of it. */
const MARK = "node.js/v";
/** The oldest that the programs run on, as `engines` in their package.json says. */
const OLDEST = [20, 19] as const;

/**
 * The version of a Node binary, for example `20.20.2`, without running it.
 * @throws ReleaseError `input` for another file and for a Node that is too old.
 */
export function nodeVersionIn(binary: Buffer, name: string): string {
  const start = binary.indexOf(MARK);
  const text = start < 0 ? "" : binary.toString("latin1", start + MARK.length, start + MARK.length + 32);
  const [version, major, minor] = /^(\d+)\.(\d+)\.\d+/.exec(text) ?? [];
  if (version === undefined) throw new ReleaseError("input", `${name} is no Node`);
  const isOld = Number(major) < OLDEST[0] || (Number(major) === OLDEST[0] && Number(minor) < OLDEST[1]);
  if (!isOld) return version;
  throw new ReleaseError("input", `${name} is Node ${version}; ${OLDEST.join(".")} or later is needed`);
}
