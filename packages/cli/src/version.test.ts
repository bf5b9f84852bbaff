import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { runLine } from "./testing/run-line.ts";
import { version } from "./version.ts";

test("the version is the one of package.json", () => {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  expect(manifest).toMatchObject({ version });
});

test("is printed by --version of the program, and by the command first", async () => {
  expect(await runLine(["--version"])).toEqual({
    code: 0,
    stdout: `kubectl-package version ${version}\n`,
    stderr: "",
  });
  expect((await runLine(["version"])).stdout).toMatch(new RegExp(`^pko\t${version}\nnode\tv`));
  expect(JSON.parse((await runLine(["version", "--output=json"])).stdout)).toMatchObject({ pko: version });
  expect((await runLine(["tree", "--version"])).stderr).toBe("Error: unknown flag: --version\n");
});
