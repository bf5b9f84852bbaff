import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { HelperResult } from "./credential-helper.ts";
import { defaultKeychain } from "./default-keychain.ts";
import { dockerConfigKeychain, parseDockerConfig } from "./docker-config.ts";
import { firstKeychain, staticKeychain, type Credentials, type Keychain } from "./keychain.ts";
import { pullSecretKeychain } from "./pull-secret.ts";

const auth = (user: string): { auth: string } => ({
  auth: Buffer.from(`${user}:pw-${user}`).toString("base64"),
});
const basic = (user: string): Credentials => ({ kind: "basic", username: user, password: `pw-${user}` });

function ofConfig(
  config: object,
  run = (): Promise<HelperResult> => Promise.reject(new Error("no helper")),
): Keychain {
  return dockerConfigKeychain(parseDockerConfig(JSON.stringify(config), "config.json"), run);
}

describe("a Docker configuration", () => {
  test.each([
    ["the host", { "quay.io": auth("a") }, "quay.io", "a"],
    ["another host", { "quay.io": auth("a") }, "ghcr.io", undefined],
    ["the host with a scheme and an API version", { "https://quay.io/v2/": auth("a") }, "quay.io", "a"],
    ["the host of a key with another path", { "quay.io/other": auth("a") }, "quay.io", "a"],
    [
      "the repository before the host",
      { "quay.io": auth("a"), "quay.io/team/app": auth("b") },
      "quay.io",
      "b",
    ],
    [
      "the longest path",
      { "quay.io/team": auth("a"), "quay.io/team/app": auth("b"), "quay.io/te": auth("c") },
      "quay.io",
      "b",
    ],
    [
      "the host before a path that does not match",
      { "quay.io/other": auth("a"), "quay.io": auth("b") },
      "quay.io",
      "b",
    ],
    ["another port", { "quay.io:8443": auth("a") }, "quay.io", undefined],
    ["Docker Hub's own key", { "https://index.docker.io/v1/": auth("a") }, "index.docker.io", "a"],
    ["Docker Hub's short name", { "docker.io": auth("a") }, "index.docker.io", "a"],
    ["Docker Hub by its short name", { "https://index.docker.io/v1/": auth("a") }, "docker.io", "a"],
    ["an empty entry", { "quay.io": {} }, "quay.io", undefined],
  ])("finds %s", async (_what, auths, registry, user) => {
    const found = await ofConfig({ auths }).credentials(registry, "team/app");
    expect(found).toEqual(user === undefined ? undefined : basic(user));
  });

  test.each([
    ["a user name and password", { username: "a", password: "pw-a" }, basic("a")],
    ["an identity token", { ...auth("a"), identitytoken: "t" }, { kind: "identity-token", token: "t" }],
    ["a registry token", { registrytoken: "t" }, { kind: "registry-token", token: "t" }],
    ["auth without padding", { auth: auth("a").auth.replace(/=+$/, "") }, basic("a")],
    ["auth before user name and password", { ...auth("a"), username: "b", password: "c" }, basic("a")],
  ])("reads %s", async (_what, entry, expected) => {
    expect(await ofConfig({ auths: { "quay.io": entry } }).credentials("quay.io", "a/b")).toEqual(expected);
  });

  test.each([
    ["text that is no JSON", "not json", "parsing config file (config.json): not valid JSON"],
    ["JSON that is no object", "[]", "parsing config file (config.json): not a JSON object"],
    [
      "auth that is no base64",
      '{"auths":{"a.b":{"auth":"%%"}}}',
      "parsing config file (config.json): illegal base64 data at input byte 0",
    ],
    [
      "auth without a colon",
      '{"auths":{"a.b":{"auth":"YWJj"}}}',
      "parsing config file (config.json): auth is not",
    ],
  ])("fails for %s", (_what, text, message) => {
    expect(() => parseDockerConfig(text, "config.json")).toThrow(
      expect.objectContaining({ code: "credentials" }),
    );
    expect(() => parseDockerConfig(text, "config.json")).toThrow(message);
  });

  test("asks the helper of the repository, of the host, or the general one", async () => {
    const asked: string[] = [];
    const run = (program: string, args: readonly string[], input: string): Promise<HelperResult> => {
      asked.push(`${program} ${args.join(" ")} ${input}`);
      return Promise.resolve({ exitCode: 0, stdout: '{"Username":"a","Secret":"pw-a"}\n', stderr: "" });
    };
    const config = {
      auths: { "other.io": auth("b") },
      credHelpers: { "quay.io/team/app": "one", "quay.io": "two", "https://index.docker.io/v1/": "hub" },
      credsStore: "all",
    };
    const keychain = dockerConfigKeychain(parseDockerConfig(JSON.stringify(config), "c"), run);
    for (const [registry, repository] of [
      ["quay.io", "team/app"],
      ["quay.io", "x/y"],
      ["docker.io", "library/nginx"],
      ["other.io", "x/y"],
    ] as const) {
      expect(await keychain.credentials(registry, repository)).toEqual(basic("a"));
    }
    expect(asked).toEqual([
      "docker-credential-one get quay.io/team/app",
      "docker-credential-two get quay.io",
      "docker-credential-hub get https://index.docker.io/v1/",
      "docker-credential-all get other.io",
    ]);
  });

  test.each<readonly [string, HelperResult | NodeJS.ErrnoException, Credentials | undefined | RegExp]>([
    [
      "a token",
      { exitCode: 0, stdout: '{"Username":"<token>","Secret":"t"}', stderr: "" },
      { kind: "identity-token", token: "t" },
    ],
    [
      "no entry",
      { exitCode: 1, stdout: "credentials not found in native keychain\n", stderr: "" },
      undefined,
    ],
    [
      "a failure",
      { exitCode: 1, stdout: "", stderr: "locked" },
      /^error getting credentials - err: exit status 1, out: `locked`$/,
    ],
    ["half an answer", { exitCode: 0, stdout: "{}", stderr: "" }, /Username or Secret is missing/],
    [
      "a helper that is not installed",
      Object.assign(new Error("spawn"), { code: "ENOENT" }),
      /^error getting credentials - err: exec: "docker-credential-x": executable file not found in \$PATH, out: ``$/,
    ],
  ])("takes %s from a helper", async (_what, result, expected) => {
    const run = (): Promise<HelperResult> =>
      result instanceof Error ? Promise.reject(result) : Promise.resolve(result);
    const asking = ofConfig({ credsStore: "x" }, run).credentials("quay.io", "a/b");
    if (!(expected instanceof RegExp)) expect(await asking).toEqual(expected);
    else {
      await expect(asking).rejects.toMatchObject({ code: "credentials" });
      await expect(asking).rejects.toThrow(expected);
    }
  });
});

describe("the user's own credentials", () => {
  let home: string;
  beforeEach(async () => {
    home = await mkdtemp(path.join(tmpdir(), "oci-home-"));
  });
  afterEach(() => rm(home, { recursive: true, force: true }));
  const put = async (file: string, user: string): Promise<string> => {
    const full = path.join(home, file);
    await mkdir(path.dirname(full), { recursive: true });
    await writeFile(full, JSON.stringify({ auths: { "quay.io": auth(user) } }));
    return full;
  };
  const ask = (env: Record<string, string>): Promise<Credentials | undefined> =>
    defaultKeychain({ env: { HOME: home, ...env } }).credentials("quay.io", "a/b");

  test("come from Docker's file before Podman's", async () => {
    expect(await ask({})).toBeUndefined();
    await put(".config/containers/auth.json", "podman");
    expect(await ask({})).toEqual(basic("podman"));
    await put("run/containers/auth.json", "runtime");
    expect(await ask({ XDG_RUNTIME_DIR: path.join(home, "run") })).toEqual(basic("runtime"));
    const chosen = await put("my-auth.json", "chosen");
    expect(await ask({ REGISTRY_AUTH_FILE: chosen, XDG_RUNTIME_DIR: path.join(home, "run") })).toEqual(
      basic("chosen"),
    );
    await put(".docker/config.json", "docker");
    expect(await ask({ REGISTRY_AUTH_FILE: chosen })).toEqual(basic("docker"));
  });

  test("come from DOCKER_CONFIG when it is set, even if only the home folder has a file", async () => {
    await put(".docker/config.json", "docker");
    await put(".config/containers/auth.json", "podman");
    expect(await ask({ DOCKER_CONFIG: path.join(home, "none") })).toBeUndefined();
    await put("elsewhere/config.json", "elsewhere");
    expect(await ask({ DOCKER_CONFIG: path.join(home, "elsewhere") })).toEqual(basic("elsewhere"));
  });

  test("may come from a real helper program", async () => {
    await mkdir(path.join(home, ".docker"));
    await writeFile(path.join(home, ".docker/config.json"), '{"credsStore":"here"}');
    const helper = path.join(home, "docker-credential-here");
    await writeFile(helper, '#!/bin/sh\nread server\nprintf \'{"Username":"%s","Secret":"s"}\' "$server"\n');
    await chmod(helper, 0o755);
    const found = await ask({ PATH: `${home}:${process.env["PATH"] ?? ""}` });
    expect(found).toEqual({ kind: "basic", username: "quay.io", password: "s" });
    await expect(ask({ PATH: "/nowhere" })).rejects.toThrow("executable file not found in $PATH");
  });
});

describe("pull secrets", () => {
  const secret = (auths: object): object => ({
    type: "kubernetes.io/dockerconfigjson",
    data: { ".dockerconfigjson": Buffer.from(JSON.stringify({ auths })).toString("base64") },
  });
  const find = (auths: object, registry: string, repository = "team/app"): Promise<Credentials | undefined> =>
    pullSecretKeychain([secret(auths)]).credentials(registry, repository);

  test.each([
    ["https://quay.io", "quay.io", "team/app", true],
    ["quay.io/v1/", "quay.io", "team/app", true],
    ["https://quay.io/v2/team", "quay.io", "team/app", true],
    ["quay.io/te", "quay.io", "team/app", true],
    ["quay.io/other", "quay.io", "team/app", false],
    ["quay.io:443", "quay.io", "team/app", false],
    ["quay.io", "quay.io:443", "team/app", false],
    ["*.example.com", "a.example.com", "x/y", true],
    ["*.example.com", "a.b.example.com", "x/y", false],
    ["*.example.com:5000/team", "a.example.com:5000", "team/app", true],
    ["reg-?.example.com", "reg-1.example.com", "x/y", true],
    ["reg-[12].example.com", "reg-3.example.com", "x/y", false],
    ["quay.i[", "quay.io", "x/y", false],
    ["https://index.docker.io/v1/", "index.docker.io", "library/nginx", true],
    ["docker.io", "index.docker.io", "library/nginx", true],
  ])("the key %s for %s/%s: %s", async (key, registry, repository, isFound) => {
    expect(await find({ [key]: auth("a") }, registry, repository)).toEqual(isFound ? basic("a") : undefined);
  });

  test("the longest key wins, and only it is used", async () => {
    const auths = { "quay.io": auth("a"), "quay.io/team": auth("b"), "quay.io/team/app": {} };
    expect(await find(auths, "quay.io", "team/x")).toEqual(basic("b"));
    expect(await find(auths, "quay.io", "team/app")).toBeUndefined();
  });

  test("the first secret wins for the same key, and other types are left out", async () => {
    const old = {
      type: "kubernetes.io/dockercfg",
      data: { ".dockercfg": Buffer.from(JSON.stringify({ "ghcr.io": auth("c") })).toString("base64") },
    };
    const keychain = pullSecretKeychain([
      { type: "Opaque", data: {} },
      secret({ "quay.io": auth("a") }),
      secret({ "https://quay.io": auth("b") }),
      old,
    ]);
    expect(await keychain.credentials("quay.io", "a/b")).toEqual(basic("a"));
    expect(await keychain.credentials("ghcr.io", "a/b")).toEqual(basic("c"));
  });

  test.each([
    [
      "no data",
      { type: "kubernetes.io/dockerconfigjson", metadata: { name: "pull" } },
      /"pull" key \.dockerconfigjson: missing/,
    ],
    ["broken JSON", { type: "kubernetes.io/dockercfg", data: { ".dockercfg": "eA==" } }, /not valid JSON/],
    ["broken base64", secret({ "quay.io": { auth: "%" } }), /entry "quay\.io": illegal base64/],
  ])("a secret with %s is an error", (_what, broken, message) => {
    expect(() => pullSecretKeychain([broken])).toThrow(expect.objectContaining({ code: "credentials" }));
    expect(() => pullSecretKeychain([broken])).toThrow(message);
  });
});

test("several key chains are asked in order", async () => {
  const one = staticKeychain({ "docker.io": basic("a") });
  const two = staticKeychain({ "index.docker.io": basic("b"), "quay.io": basic("c") });
  const both = firstKeychain(one, two);
  expect(await both.credentials("index.docker.io", "x/y")).toEqual(basic("a"));
  expect(await both.credentials("quay.io", "x/y")).toEqual(basic("c"));
  expect(await both.credentials("ghcr.io", "x/y")).toBeUndefined();
});
