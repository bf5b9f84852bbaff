import { spawn, spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";

/** Whether a program can be started here. */
export function hasProgram(name: string): boolean {
  return spawnSync(name, ["--version"]).error === undefined;
}

/** A real Docker registry in a process of its own. */
export interface DockerRegistry {
  readonly address: string;
  close(): Promise<void>;
}

/** Starts Debian's `docker-registry` on a port of the system's choice and waits until it says that it listens. */
export async function startDockerRegistry(): Promise<DockerRegistry> {
  const dir = await mkdtemp(path.join(tmpdir(), "docker-registry-"));
  const config = path.join(dir, "config.yml");
  await writeFile(
    config,
    [
      "version: 0.1",
      "log: {level: info, formatter: json, accesslog: {disabled: true}}",
      `storage: {filesystem: {rootdirectory: "${dir}/data"}, delete: {enabled: true}}`,
      'http: {addr: "127.0.0.1:0"}',
      "",
    ].join("\n"),
  );
  const child = spawn("docker-registry", ["serve", config], { stdio: ["ignore", "ignore", "pipe"] });
  const lines = createInterface({ input: child.stderr });
  const address = await new Promise<string>((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`docker-registry ended with ${code}`)));
    lines.on("line", (line) => {
      const found = /listening on (127\.0\.0\.1:\d+)/.exec(line)?.[1];
      if (found !== undefined) resolve(found);
    });
  });
  return {
    address,
    async close() {
      const ended = new Promise((resolve) => child.on("exit", resolve));
      child.kill("SIGKILL");
      await ended;
      await rm(dir, { recursive: true, force: true });
    },
  };
}
