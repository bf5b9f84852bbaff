import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  createRegistryServer,
  memoryStorage,
  type RegistryServer,
  type RegistryServerAuth,
  type RegistryStorage,
  storageContent,
  writeImage,
} from "@package-operator/oci";
import { buildPackageImage } from "@package-operator/packaging";
import { type LineResult, runLine, type RunLineOptions } from "./run-line.ts";

/** A folder of a test with the files that commands read, and a way to run commands in it. */
export interface Workspace {
  readonly dir: string;
  write(files: Readonly<Record<string, string>>): Promise<void>;
  read(file: string): Promise<string>;
  run(...args: string[]): Promise<LineResult>;
  runWith(options: RunLineOptions, ...args: string[]): Promise<LineResult>;
  remove(): Promise<void>;
}

/** Makes an empty folder; commands run in it at 2026-11-22T16:07:24Z, without an environment. */
export async function createWorkspace(files: Readonly<Record<string, string>> = {}): Promise<Workspace> {
  const dir = await mkdtemp(path.join(tmpdir(), "pko-cli-"));
  const workspace: Workspace = {
    dir,
    async write(more) {
      for (const [name, text] of Object.entries(more)) {
        await mkdir(path.dirname(path.join(dir, name)), { recursive: true });
        await writeFile(path.join(dir, name), text);
      }
    },
    read: (file) => readFile(path.join(dir, file), "utf8"),
    run: (...args) => workspace.runWith({}, ...args),
    runWith: (options, ...args) =>
      runLine(args, { cwd: dir, now: () => Date.UTC(2026, 10, 22, 16, 7, 24), ...options }),
    remove: () => rm(dir, { recursive: true, force: true }),
  };
  await workspace.write(files);
  return workspace;
}

/** A registry of a test, on a port of its own. */
export interface TestRegistry {
  /** `127.0.0.1:port`. */
  readonly address: string;
  readonly storage: RegistryStorage;
  /** Puts a package there without a command; returns its digest. */
  add(repository: string, tag: string, files: Readonly<Record<string, string>>): Promise<string>;
  close(): Promise<void>;
}

export async function startRegistry(auth?: RegistryServerAuth): Promise<TestRegistry> {
  const storage = memoryStorage();
  const server: RegistryServer = createRegistryServer({ storage, auth });
  const { address } = await server.listen();
  return {
    address,
    storage,
    async add(repository, tag, files) {
      const raw = new Map(Object.entries(files).map(([name, text]) => [name, Buffer.from(text)]));
      const image = await buildPackageImage({ files: raw, labels: {} });
      return writeImage(storageContent(storage, repository), image, { tags: [tag] });
    },
    close: () => server.close(),
  };
}
