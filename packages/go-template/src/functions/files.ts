import { type ByteString, decodeText, encodeText, fromBytes } from "../text/byte-string.ts";
import { stringMap } from "../value/value.ts";
import { define, type FunctionMap } from "./function.ts";
import { compileGlob } from "./glob/compile-glob.ts";

/** Files that templates can read, by their path; a `Map` will do. Looked at anew at every call. */
export interface TemplateFiles {
  get(path: string): Uint8Array | string | undefined;
  keys(): Iterable<string>;
}

function contentOf(content: Uint8Array | string): ByteString {
  return typeof content === "string" ? encodeText(content) : fromBytes(content);
}

/** `getFile` and `getFileGlob` over a set of files. */
export function fileFunctions(files: TemplateFiles): FunctionMap {
  return {
    getFile: define(["string"], ([path]) => {
      const content = files.get(decodeText(path));
      if (content === undefined) throw new Error("file not found");
      return contentOf(content);
    }),
    getFileGlob: define(["string"], ([pattern], { budget }) => {
      const matches = compileGlob(pattern, budget);
      const entries = new Map<ByteString, ByteString>();
      for (const path of files.keys()) {
        budget.spend(20 + path.length * Math.min(pattern.length, 64));
        const name = encodeText(path);
        const content = matches(name) ? files.get(path) : undefined;
        if (content !== undefined) entries.set(name, contentOf(content));
      }
      return stringMap(entries);
    }),
  };
}
