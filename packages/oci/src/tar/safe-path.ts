import { OciError } from "../errors.ts";

/**
 * The path of a tar entry relative to the root of the archive, without `.` segments and doubled or trailing slashes;
 * `""` for the root itself. Throws `unsafe-path` for absolute names, backslashes, NUL, and `..` that leaves the root.
 */
export function safeTarPath(path: string): string {
  const fail = (reason: string): never => {
    throw new OciError("unsafe-path", `tar: "${path}" ${reason}`);
  };
  if (path.startsWith("/")) fail("is an absolute path");
  if (path.includes("\\")) fail("contains a backslash");
  if (path.includes("\0")) fail("contains a NUL byte");
  const segments: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "" || segment === ".") continue;
    if (segment !== "..") segments.push(segment);
    else if (segments.pop() === undefined) fail("leaves the archive");
  }
  return segments.join("/");
}
