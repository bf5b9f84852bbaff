import type { ByteString } from "../../text/byte-string.ts";
import { define, type FunctionMap } from "../function.ts";

function clean(path: ByteString): ByteString {
  const rooted = path.startsWith("/");
  const kept: ByteString[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") kept.push(part);
    else if (kept.length > 0 && kept.at(-1) !== "..") kept.pop();
    else if (!rooted) kept.push(part);
  }
  return (rooted ? "/" : "") + kept.join("/") || ".";
}

function base(path: ByteString): ByteString {
  if (path === "") return ".";
  const trimmed = path.replace(/(?<!\/)\/+$/, "");
  const last = trimmed.slice(trimmed.lastIndexOf("/") + 1);
  return last === "" ? "/" : last;
}

function extension(path: ByteString): ByteString {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const dot = name.lastIndexOf(".");
  return dot < 0 ? "" : name.slice(dot);
}

/** Paths with slashes. */
export const paths: FunctionMap = {
  base: define(["string"], ([path]) => base(path)),
  dir: define(["string"], ([path]) => clean(path.slice(0, path.lastIndexOf("/") + 1))),
  clean: define(["string"], ([path]) => clean(path)),
  ext: define(["string"], ([path]) => extension(path)),
  isAbs: define(["string"], ([path]) => path.startsWith("/")),
};
