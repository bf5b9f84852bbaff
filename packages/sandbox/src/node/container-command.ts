import { access, open } from "node:fs/promises";
import path from "node:path";
import type { ImageConfig } from "@package-operator/oci";
import { getString, getStrings, type JsonObject } from "../json.ts";
import { expand } from "./pod-environment.ts";
import { resolveInRoot } from "./rootfs.ts";

/** A program with its arguments, as the machine can start it. */
export interface ContainerCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
}

/** What {@link containerCommand} goes by. */
export interface CommandOptions {
  readonly container: JsonObject;
  readonly image: ImageConfig;
  /** Folder of the unpacked image. */
  readonly root: string;
  readonly env: Readonly<Record<string, string>>;
  /** Paths inside of the container and where they are on the machine, longest first. */
  readonly mounts: readonly (readonly [inside: string, outside: string])[];
  /** The Node that runs scripts made for Node. */
  readonly node: string;
}

/**
 * Works out what to start: entry point and arguments of the image unless the container has its own, the program
 * looked up inside of the image. A script for Node runs with the Node of the sandbox, because the one inside of the
 * image may be made for another system.
 */
export async function containerCommand(options: CommandOptions): Promise<ContainerCommand> {
  const { container, image, root, env, mounts } = options;
  const command = getStrings(container, "command");
  const args = getStrings(container, "args");
  const entrypoint = command.length > 0 ? command : [...(image.config?.Entrypoint ?? [])];
  const rest = args.length > 0 ? args : command.length > 0 ? [] : [...(image.config?.Cmd ?? [])];
  const [program = "", ...more] = [...entrypoint, ...rest].map((text) => mapPaths(expand(text, env), mounts));
  const cwd = await resolveInRoot(
    root,
    getString(container, "workingDir") || (image.config?.WorkingDir ?? "/"),
  );
  const file = await findProgram(root, program, image);
  const interpreter = await interpreterOf(file);
  if (interpreter !== undefined && path.basename(interpreter) === "node") {
    return { command: options.node, args: [file, ...more], cwd };
  }
  return { command: file, args: more, cwd };
}

/** Replaces paths of mounts at the start of a text or behind `=`, `:` and `,`. */
export function mapPaths(text: string, mounts: CommandOptions["mounts"]): string {
  let mapped = text;
  for (const [inside, outside] of mounts) {
    const escaped = inside.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
    mapped = mapped.replaceAll(
      new RegExp(`(^|[=:,])${escaped}(?=$|[/:,])`, "g"),
      (_all, before: string) => before + outside,
    );
  }
  return mapped;
}

async function findProgram(root: string, program: string, image: ImageConfig): Promise<string> {
  if (program.includes("/")) return resolveInRoot(root, program);
  const variables = image.config?.Env ?? [];
  const search =
    variables.find((entry) => entry.startsWith("PATH="))?.slice(5) ?? "/usr/local/bin:/usr/bin:/bin";
  for (const folder of search.split(":")) {
    const candidate = await resolveInRoot(root, `${folder}/${program}`);
    if (await exists(candidate)) return candidate;
  }
  return program;
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

/** The interpreter of a script's first line, behind `env` too. */
async function interpreterOf(file: string): Promise<string | undefined> {
  const handle = await open(file, "r").catch(() => undefined);
  if (handle === undefined) return undefined;
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(256), 0, 256, 0);
    const line = buffer.subarray(0, bytesRead).toString("latin1").split("\n")[0] ?? "";
    if (!line.startsWith("#!")) return undefined;
    const words = line.slice(2).trim().split(/\s+/);
    return path.basename(words[0] ?? "") === "env"
      ? words.find((word, index) => index > 0 && !word.startsWith("-"))
      : words[0];
  } finally {
    await handle.close();
  }
}
