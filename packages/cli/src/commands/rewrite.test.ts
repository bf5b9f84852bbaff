import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runLine } from "../testing/run-line.ts";

const manifest = `kind: Job # the only document
metadata: {name: package-operator-bootstrap}
spec:
  template:
    spec:
      containers:
      - name: package-operator
        image: quay.io/org/manager:v1
        args: ["-self-bootstrap=quay.io/org/package:v1"]
        env: [{name: PKO_IMAGE_PREFIX_OVERRIDES, value: ""}]
`;
const rules = ["--override", "quay.io/org/=m.io/pko/"];
let cwd: string;

beforeEach(async () => {
  cwd = await mkdtemp(path.join(os.tmpdir(), "rewrite-"));
  await writeFile(path.join(cwd, "job.yaml"), manifest);
});
afterEach(async () => {
  await rm(cwd, { recursive: true });
});

test("the manifest goes to stdout, a file, or nowhere", async () => {
  const { code, stdout } = await runLine(["rewrite", "job.yaml", ...rules], { cwd });
  expect(code).toBe(0);
  expect(stdout).toContain("image: m.io/pko/manager:v1");
  expect(stdout).toContain("kind: Job # the only document");
  expect(await runLine(["rewrite", "job.yaml", ...rules, "-o", "out.yaml"], { cwd })).toMatchObject({
    stdout: "",
  });
  expect(await readFile(path.join(cwd, "out.yaml"), "utf8")).toBe(stdout);
  const diff = await runLine(["rewrite", "job.yaml", ...rules, "--diff"], { cwd });
  expect(diff.stdout).toBe(`--- job.yaml
+++ job.yaml
@@ -5,6 +5,6 @@
     spec:
       containers:
       - name: package-operator
-        image: quay.io/org/manager:v1
-        args: ["-self-bootstrap=quay.io/org/package:v1"]
-        env: [{name: PKO_IMAGE_PREFIX_OVERRIDES, value: ""}]
+        image: m.io/pko/manager:v1
+        args: ["-self-bootstrap=m.io/pko/package:v1"]
+        env: [{name: PKO_IMAGE_PREFIX_OVERRIDES, value: "quay.io/org/=m.io/pko/"}]
`);
  expect((await readdir(cwd)).toSorted()).toEqual(["job.yaml", "out.yaml"]);
});

test("--check tells by its exit code whether something would change", async () => {
  expect((await runLine(["rewrite", "job.yaml", ...rules, "--check"], { cwd })).code).toBe(1);
  await runLine(["rewrite", "job.yaml", ...rules, "-o", "job.yaml"], { cwd });
  expect((await runLine(["rewrite", "job.yaml", ...rules, "--check"], { cwd })).code).toBe(0);
});

test("the manifest may come from stdin", async () => {
  const { stdout } = await runLine(["rewrite", "-", ...rules], { cwd, input: manifest });
  expect(stdout).toContain("-self-bootstrap=m.io/pko/package:v1");
});

test.each([
  [["rewrite", "gone.yaml", ...rules], 1, "open gone.yaml: no such file or directory"],
  [["rewrite", "job.yaml"], 2, "use --override"],
  [["rewrite", "job.yaml", ...rules, "-o", "no/such/folder.yaml"], 1, "write no/such/folder.yaml"],
])("%j is an error", async (args, code, part) => {
  const result = await runLine(args, { cwd });
  expect(result).toMatchObject({ code, stdout: "" });
  expect(result.stderr).toContain(part);
});
