// What a command loads decides how fast it starts.
import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundleCli, type BundledCli } from "./e2e/bundled-cli.ts";

let cli: BundledCli;
beforeAll(async () => {
  cli = await bundleCli();
}, 60_000);
afterAll(() => cli.remove());

/** The names of the files that Node opens below the folder of the program, without their hashes. */
async function loaded(...args: readonly string[]): Promise<ReadonlySet<string>> {
  // Node has no list of the ES modules that it loaded; its inspector has one of all scripts.
  const listScripts = `
    import { Session } from "node:inspector";
    const session = new Session();
    session.connect();
    const urls = [];
    session.on("Debugger.scriptParsed", ({ params }) => urls.push(params.url));
    session.post("Debugger.enable");
    process.on("exit", () => process.stderr.write(urls.join("\\n")));`;
  const { stderr } = await promisify(execFile)(process.execPath, [
    "--import",
    `data:text/javascript,${encodeURIComponent(listScripts)}`,
    cli.program,
    ...args,
  ]);
  const folder = path.dirname(cli.program);
  const files = stderr.split("\n").filter((url) => url.includes(folder));
  return new Set(files.map((url) => path.basename(url, ".mjs").replace(/-[\w-]{8}$/, "")));
}

test("version loads no engine", async () => {
  expect(await loaded("version")).not.toContain("packaging");
});

test("validate of a folder loads the engine of packages, but nothing that talks to registries or clusters", async () => {
  const names = await loaded("validate", path.resolve(import.meta.dirname, "../examples/nginx"));
  expect(names).toContain("packaging");
  for (const name of ["undici", "oci", "kube", "mirror", "sandbox", "ajv"]) expect(names).not.toContain(name);
});
