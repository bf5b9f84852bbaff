import { spawn } from "node:child_process";
import type { ContentOptions } from "../content.ts";
import { OciError } from "../errors.ts";
import { parseCredentialJson } from "./entry.ts";
import type { Credentials } from "./keychain.ts";

/** How a program ended. */
export interface HelperResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program with a text as its input; rejects with code `ENOENT` when it is not installed. */
export type RunHelper = (
  program: string,
  args: readonly string[],
  input: string,
  options: ContentOptions,
) => Promise<HelperResult>;

/**
 * Asks a Docker credential helper for the credentials of a server (docker-credential-helpers protocol). No entry is no
 * error. Throws `credentials`; what the helper wrote is shown only when it failed, as it holds secrets otherwise.
 */
export async function runCredentialHelper(
  name: string,
  server: string,
  run: RunHelper,
  options: ContentOptions,
): Promise<Credentials | undefined> {
  const program = `docker-credential-${name}`;
  const fail = (reason: string, output: string): OciError =>
    new OciError("credentials", `error getting credentials - err: ${reason}, out: \`${output}\``);
  let result: HelperResult;
  try {
    result = await run(program, ["get"], server, options);
  } catch (error) {
    options.signal?.throwIfAborted();
    const { code, message } = error as NodeJS.ErrnoException;
    throw fail(code === "ENOENT" ? `exec: "${program}": executable file not found in $PATH` : message, "");
  }
  const output = result.stdout.trim();
  if (result.exitCode !== 0) {
    if (output.includes("credentials not found")) return undefined;
    throw fail(`exit status ${result.exitCode}`, output || result.stderr.trim());
  }
  const json = parseCredentialJson(output, `answer of ${program}`);
  const { Username: username, Secret: secret } = json;
  if (typeof username !== "string" || typeof secret !== "string") {
    throw new OciError("credentials", `answer of ${program}: Username or Secret is missing`);
  }
  if (username === "<token>") return { kind: "identity-token", token: secret };
  return username === "" && secret === "" ? undefined : { kind: "basic", username, password: secret };
}

/** Runs helpers as child processes with the given environment. */
export function spawnHelper(env: Readonly<Record<string, string | undefined>>): RunHelper {
  return (program, args, input, options) =>
    new Promise((resolve, reject) => {
      const child = spawn(program, args, {
        env: { ...env },
        stdio: ["pipe", "pipe", "pipe"],
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      });
      const output = { stdout: "", stderr: "" };
      child.stdout.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
      child.stderr.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
      child.on("error", reject);
      child.on("close", (exitCode) => resolve({ exitCode, ...output }));
      // A helper that does not read its input ends before it arrives.
      child.stdin.on("error", () => {});
      child.stdin.end(input);
    });
}
