import { spawnSync } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { staticAccounts, storageContent } from "@package-operator/oci";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runReadOnly } from "../testing/read-only.ts";
import { inFolder, toolshed } from "../testing/toolshed.ts";
import { createWorkspace, startRegistry, type TestRegistry, type Workspace } from "../testing/workspace.ts";

let workspace: Workspace;
let registry: TestRegistry;
beforeEach(async () => {
  workspace = await createWorkspace(inFolder("toolshed", toolshed));
  registry = await startRegistry();
});
afterEach(async () => {
  await registry.close();
  await workspace.remove();
});

const success = { code: 0, stdout: "Package built successfully!", stderr: "" };
const failure = (message: string): object => ({ code: 1, stdout: "", stderr: `Error: ${message}\n` });

test("as JSON", async () => {
  const args = ["build", "toolshed", "-t", "yard/toolshed:v1", "-o", "x.tar", "--output-format", "json"];
  const { code, stdout, stderr } = await workspace.run(...args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(JSON.parse(stdout)).toEqual({
    digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    tags: ["yard/toolshed:v1"],
    archive: "x.tar",
    pushed: false,
  });
});

test("without targets it is a check run", async () => {
  expect(await workspace.run("build", "toolshed")).toEqual(success);
});

describe("checks before anything is read", () => {
  test.each([
    [[""], "arguments invalid: source path empty"],
    [["toolshed", "--push"], "arguments invalid: output or push is requested but no tags are set"],
    [
      ["toolshed", "-o", "x.tar", "-t="],
      "arguments invalid: output or push is requested but no tags are set",
    ],
    [
      ["toolshed", "-t", "No/Way"],
      "invalid tag specified as parameter No/Way: could not parse reference: No/Way",
    ],
    [["toolshed", "-l", "team="], 'parsing label "team", value is empty'],
    [["toolshed", "--output-format", "Human"], "unknown output format: Human"],
    [
      ["nowhere"],
      "building from source: load source from disk path nowhere: importing package from folder: walk source dir: access file .: stat .: no such file or directory",
    ],
  ])("%j", async (args, message) => {
    expect(await workspace.run("build", ...args)).toEqual(failure(message));
  });
});

test("every finding is listed, and nothing is written or pushed", async () => {
  await workspace.write({ "toolshed/x.yaml": "kind: ConfigMap\n", "toolshed/y.yaml": "a: [" });
  const { code, stdout, stderr } = await workspace.run("build", "toolshed", "-o", "x.tar", "-t", "a/bc");
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(/^Error: building from source: loading package from files: /);
  await expect(workspace.read("x.tar")).rejects.toThrow("ENOENT");
});

describe("a tar", () => {
  test("is the same however often it is made, in folders that did not exist", async () => {
    const tags = ["-t", "registry.example.org/team/toolshed:v1", "-t", "toolshed", "-l", "a=b"];
    expect(await workspace.run("build", "toolshed", "-o", "deep/er/x.tar", ...tags)).toEqual(success);
    expect(await workspace.run("build", "toolshed", "-o", "y.tar", ...tags)).toEqual(success);
    expect(await workspace.read("deep/er/x.tar")).toBe(await workspace.read("y.tar"));
    expect(await workspace.read("y.tar")).toContain(
      '"RepoTags":["registry.example.org/team/toolshed:v1","toolshed:latest"]',
    );
  });

  test.skipIf(spawnSync("skopeo", ["--version"]).status !== 0)("is read by skopeo", async () => {
    await workspace.run(
      "build",
      "toolshed",
      "-o",
      "x.tar",
      "-t",
      "quay.io/yard/toolshed:v1",
      "-l",
      "team=yard",
    );
    const archive = `docker-archive:${workspace.dir}/x.tar:quay.io/yard/toolshed:v1`;
    const { stdout, status } = spawnSync("skopeo", ["inspect", archive], { encoding: "utf8" });
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      Labels: { team: "yard" },
      Architecture: "amd64",
      Os: "linux",
    });
  });

  test("replaces a file, and not a folder", async () => {
    await workspace.write({ "x.tar": "old" });
    expect(await workspace.run("build", "toolshed", "-o", "x.tar", "-t", "toolshed")).toEqual(success);
    await mkdir(path.join(workspace.dir, "folder"));
    expect(await workspace.run("build", "toolshed", "-o", "folder", "-t", "toolshed")).toEqual(
      failure("building from source: exporting package to file: dump to folder: open folder: is a directory"),
    );
    expect(await workspace.run("build", "toolshed", "-o", "x.tar/y.tar", "-t", "toolshed")).toEqual(
      failure(
        `building from source: exporting package to file: making directory tree: mkdir ${workspace.dir}/x.tar: file exists`,
      ),
    );
  });
});

test("a folder that cannot be written", async () => {
  await mkdir(path.join(workspace.dir, "out"));
  for (const [output, problem] of [
    ["out/x.tar", "dump to out/x.tar: open out/x.tar: permission denied"],
    ["out/er/x.tar", `making directory tree: mkdir ${workspace.dir}/out/er: permission denied`],
  ] as const) {
    const args = ["build", "toolshed", "-o", output, "-t", "toolshed"];
    expect(await runReadOnly(workspace, "out", ...args)).toEqual(
      failure(`building from source: exporting package to file: ${problem}`),
    );
  }
});

describe("a push", () => {
  test("goes to every tag, and the digest can be printed alone", async () => {
    const { address, storage } = registry;
    const args = ["-t", `${address}/yard/toolshed:v1`, "-t", `${address}/yard/copy`, "-l", "team=yard"];
    const { code, stdout, stderr } = await workspace.run(
      "build",
      "toolshed",
      "--push",
      ...args,
      "--output-format",
      "digest",
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^sha256:[0-9a-f]{64}\n$/);
    for (const [repository, tag] of [
      ["yard/toolshed", "v1"],
      ["yard/copy", "latest"],
    ] as const) {
      const found = await storageContent(storage, repository).resolve(tag);
      expect(`${found?.digest}\n`).toBe(stdout);
    }
    expect(
      await workspace.run("build", "toolshed", "-l", "team=yard", "--output-format=digest"),
    ).toMatchObject({
      stdout,
    });
  });

  test("without the right credentials names the first request", async () => {
    const closed = await startRegistry({ kind: "basic", accounts: staticAccounts({ keeper: "rake" }) });
    try {
      const tag = `${closed.address}/yard/shed:v1`;
      const denied = await workspace.run("build", "toolshed", "--push", "-t", tag);
      expect(denied.code).toBe(1);
      expect(denied.stderr).toContain(
        "Error: building from source: exporting package to image: push: HEAD http://",
      );
      expect(denied.stderr).toContain("unexpected status code 401 Unauthorized");
      const auth = Buffer.from("keeper:rake").toString("base64");
      await writeFile(
        path.join(workspace.dir, "auth.json"),
        JSON.stringify({ auths: { [closed.address]: { auth } } }),
      );
      const env = { REGISTRY_AUTH_FILE: path.join(workspace.dir, "auth.json") };
      expect(await workspace.runWith({ env }, "build", "toolshed", "--push", "-t", tag)).toEqual(success);
    } finally {
      await closed.close();
    }
  });

  test("ends when it is interrupted", async () => {
    const signal = AbortSignal.abort();
    const tag = `${registry.address}/yard/shed:v1`;
    expect(await workspace.runWith({ signal }, "build", "toolshed", "--push", "-t", tag)).toEqual({
      code: 130,
      stdout: "",
      stderr: "Error: context canceled\n",
    });
  });
});

describe("locked digests", () => {
  const lock = (image: string, digest: string): string => `apiVersion: manifests.package-operator.run/v1alpha1
kind: PackageManifestLock
metadata: {creationTimestamp: "2026-11-22T16:07:24Z"}
spec: {images: [{name: web, image: "${image}", digest: "${digest}"}]}
`;
  const withImage = (image: string): string =>
    toolshed["manifest.yaml"]!.replace("spec:\n", `spec:\n  images: [{name: web, image: "${image}"}]\n`);

  test("are looked up, at the host of PKO_REPOSITORY_HOST if there is one", async () => {
    const digest = await registry.add("yard/web", "v2", { "manifest.yaml": "x" });
    await workspace.write({
      "toolshed/manifest.yaml": withImage("quay.invalid/yard/web:v1"),
      "toolshed/manifest.lock.yaml": lock("quay.invalid/yard/web:v1", digest),
    });
    const env = { PKO_REPOSITORY_HOST: registry.address };
    expect(await workspace.runWith({ env }, "build", "toolshed")).toEqual(success);
  });

  test("that are gone are an error", async () => {
    const image = `${registry.address}/yard/web:v1`;
    const digest = `sha256:${"0".repeat(64)}`;
    await workspace.write({
      "toolshed/manifest.yaml": withImage(image),
      "toolshed/manifest.lock.yaml": lock(image, digest),
    });
    const { code, stderr } = await workspace.run("build", "toolshed");
    expect(code).toBe(1);
    expect(stderr).toContain(
      `building from source: loading package from files: GET http://${registry.address}/v2/yard/web/manifests/${digest}: `,
    );
    expect(stderr).toContain(`: image "web" digest error ("${digest}")\n`);
  });

  test("of a component name it", async () => {
    const image = `${registry.address}/yard/web:v1`;
    await workspace.write({
      "toolshed/manifest.yaml": toolshed["manifest.yaml"]!.replace("spec:\n", "spec:\n  components: {}\n"),
      "toolshed/components/roof/manifest.yaml": withImage(image),
      "toolshed/components/roof/manifest.lock.yaml": lock(image, `sha256:${"0".repeat(64)}`),
    });
    const { code, stderr } = await workspace.run("build", "toolshed");
    expect(code).toBe(1);
    expect(stderr).toContain('loading package from files: component "roof": GET http://');
  });

  test("of an image that is no reference", async () => {
    await workspace.write({
      "toolshed/manifest.yaml": withImage("Not/OK"),
      "toolshed/manifest.lock.yaml": lock("Not/OK", `sha256:${"0".repeat(64)}`),
    });
    const { stderr } = await workspace.run("build", "toolshed");
    expect(stderr).toContain(
      'could not parse reference: Not/OK: can\'t parse image "web" reference "Not/OK"',
    );
  });
});

test("the log goes to stderr when asked for", async () => {
  const args = ["build", "toolshed", "-o", "q.tar", "-t", "toolshed", "--zap-log-level=info"];
  expect((await workspace.run(...args)).stderr).toBe(
    '2026-11-22T16:07:24Z\tINFO\tloading source from disk\t{"path": "toolshed"}\n' +
      "2026-11-22T16:07:24Z\tINFO\tcreating image\n" +
      '2026-11-22T16:07:24Z\tINFO\twriting tagged image to disk\t{"path": "q.tar"}\n',
  );
  expect((await workspace.run(...args, "--zap-devel=false", "--zap-time-encoding=epoch")).stderr).toContain(
    '{"level":"info","ts":1795363644,"msg":"creating image"}\n',
  );
  expect((await workspace.run(...args, "--output-format=digest")).stderr).toBe("");
});

test("hidden files stay out of the image", async () => {
  await workspace.write({ "toolshed/.git/config": "SECRET", "toolshed/.env": "SECRET" });
  await workspace.run("build", "toolshed", "-o", "x.tar", "-t", "toolshed");
  const archive = await readFile(path.join(workspace.dir, "x.tar"));
  const { gunzipSync } = await import("node:zlib");
  const layer = archive.indexOf(Buffer.from([0x1f, 0x8b]));
  expect(gunzipSync(archive.subarray(layer)).includes("SECRET")).toBe(false);
});
