import { readFile, realpath } from "node:fs/promises";
import path from "node:path";
import { readElf, type ElfFacts } from "./elf.ts";
import { ReleaseError } from "./errors.ts";

/** A file that a program needs at run time, with the path under which the loader looks for it. */
export interface RuntimeFile {
  readonly path: string;
  readonly content: Buffer;
}

/** A program with its loader and every library, ready to be put into an otherwise empty root. */
export interface RuntimeFiles {
  readonly architecture: ElfFacts["architecture"];
  /** The program first. */
  readonly files: readonly RuntimeFile[];
}

const TRIPLES: Readonly<Record<ElfFacts["architecture"], string>> = {
  amd64: "x86_64-linux-gnu",
  arm64: "aarch64-linux-gnu",
};

/**
 * Libraries that the C library opens by name at run time to look up hosts and users; older versions keep them apart.
 * Absent ones are not needed.
 */
const OPENED_AT_RUN_TIME = ["libnss_dns.so.2", "libnss_files.so.2", "libresolv.so.2"];

/**
 * Collects a program and the shared libraries it is linked with, as the dynamic loader would find them below `root`, the
 * root file system of a machine: this one, or a folder with the libraries of another.
 *
 * @throws ReleaseError `library`, naming the library and who needs it.
 */
export async function collectRuntimeFiles(program: string, root = "/"): Promise<RuntimeFiles> {
  const content = await readFile(program);
  const facts = readElf(content, program);
  const folders = defaultFolders(facts.architecture);
  const found = new Map<string, RuntimeFile>([[program, { path: program, content }]]);
  const names = new Set<string>();
  const pending = [{ facts, file: program }];
  if (facts.interpreter !== undefined) {
    found.set(facts.interpreter, await readRuntimeFile(facts.interpreter, root));
  }
  for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
    for (const name of next.facts.needed) {
      if (names.has(name)) continue;
      names.add(name);
      const library = await findLibrary(name, [...ownFolders(next), ...folders], root);
      if (library === undefined) {
        throw new ReleaseError("library", `${name}, needed by ${next.file}, is not in ${folders.join(", ")}`);
      }
      found.set(library.path, library);
      pending.push({ facts: readElf(library.content, library.path), file: library.path });
    }
  }
  for (const name of OPENED_AT_RUN_TIME) {
    const library = await findLibrary(name, folders, root);
    if (library !== undefined) found.set(library.path, library);
  }
  return { architecture: facts.architecture, files: [...found.values()] };
}

function defaultFolders(architecture: ElfFacts["architecture"]): string[] {
  const triple = TRIPLES[architecture];
  return [
    `/lib/${triple}`,
    `/usr/lib/${triple}`,
    "/lib64",
    "/usr/lib64",
    "/lib",
    "/usr/lib",
    "/usr/local/lib",
  ];
}

function ownFolders({ facts, file }: { facts: ElfFacts; file: string }): string[] {
  const origin = path.dirname(file);
  return facts.searchPaths.map((folder) => folder.replaceAll(/\$\{?ORIGIN\}?/g, origin));
}

async function findLibrary(
  name: string,
  folders: readonly string[],
  root: string,
): Promise<RuntimeFile | undefined> {
  for (const folder of folders) {
    try {
      return await readRuntimeFile(path.join(folder, name), root);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
  return undefined;
}

/** Follows links, so that what is stored is the content under the name that is looked for. */
async function readRuntimeFile(file: string, root: string): Promise<RuntimeFile> {
  return { path: file, content: await readFile(await realpath(path.join(root, file))) };
}
