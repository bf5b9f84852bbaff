import { readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Context } from "./context.ts";
import { CliError } from "./errors.ts";

/** Reads a text file, or stdin for `-`. @throws CliError `input`, naming the file. */
export async function readText(context: Context, file: string): Promise<string> {
  if (file === "-") {
    const chunks: Buffer[] = [];
    for await (const chunk of context.stdin) chunks.push(Buffer.from(chunk as Uint8Array | string));
    return Buffer.concat(chunks).toString("utf8");
  }
  try {
    return await readFile(path.resolve(context.cwd, file), "utf8");
  } catch (cause) {
    throw new CliError("input", fileProblem("open", file, cause), { cause });
  }
}

/**
 * Writes a text file as a whole: it is there complete or not at all, whenever the program ends. `-` is stdout.
 *
 * @param options `mode`: permissions of the file; `step`: the first word of errors, `write` by default.
 * @throws CliError `input`, naming the file.
 */
export async function writeText(
  context: Context,
  file: string,
  text: string,
  options: { readonly mode?: number; readonly step?: string } = {},
): Promise<void> {
  if (file === "-") {
    context.stdout.write(text);
    return;
  }
  const target = path.resolve(context.cwd, file);
  const part = `${target}.part`;
  try {
    await writeFile(part, text, { mode: options.mode });
    await rename(part, target);
  } catch (cause) {
    await rm(part, { force: true });
    throw new CliError("input", fileProblem(options.step ?? "write", file, cause), { cause });
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "no such file or directory",
  EACCES: "permission denied",
  EISDIR: "is a directory",
  ENOTDIR: "not a directory",
  EEXIST: "file exists",
  EROFS: "read-only file system",
  ENOSPC: "no space left on device",
};

/** `open x.yaml: no such file or directory`: step, file and reason, as Unix tools say it. */
export function fileProblem(step: string, file: string, cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException;
  return `${step} ${file}: ${(code === undefined ? undefined : REASONS[code]) ?? message}`;
}
