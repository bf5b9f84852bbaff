import { lockOf, planMirror, suggestRules } from "@package-operator/mirror";
import { staticAccounts, staticKeychain, storageContent, writeImage } from "@package-operator/oci";
import { describe, expect, test } from "vitest";
import type { FaultProxy, SeenRequest } from "../../packages/oci/src/testing/fault-proxy.ts";
import { randomLayer, sampleImage } from "../../packages/oci/src/testing/samples.ts";
import { errorsOf, request, useMirrorLab } from "./mirror-lab.ts";

/** What registries do that is allowed, usual or at least seen. */

const lab = useMirrorLab();

describe("registries with opinions", () => {
  const denyHeads = async (status: number): Promise<FaultProxy> => {
    const proxy = await lab.startProxy(lab.mirror);
    for (let count = 0; count < 20; count += 1) {
      proxy.inject(({ method }) => method === "HEAD" || method === "GET", { kind: "status", status });
    }
    return proxy;
  };

  test.each([401, 403, 404])(
    "%i for a repository that the first push creates is no error",
    async (status) => {
      const digest = await lab.pushImage("org/app");
      const proxy = await denyHeads(status);
      const rules = [{ from: "quay.io/org/", to: `${proxy.address}/m/` }];
      const planned = await lab.plan(await lab.closureOf(request("quay.io/org/app:v1")), rules);
      expect(planned.entries[0]?.action).toBe("copy");
      expect(errorsOf(await lab.apply(planned))).toEqual([]);
      expect((await lab.mirror.storage.repository("m/app").readManifest("v1"))?.descriptor.digest).toBe(
        digest,
      );
    },
  );

  test("denied at the source is an error that does not claim the image is missing", async () => {
    await lab.pushImage("org/app");
    const proxy = await lab.startProxy(lab.source);
    proxy.inject(() => true, { kind: "status", status: 403 });
    proxy.inject(() => true, { kind: "status", status: 403 });
    lab.useClient({ resolve: { "quay.io": `http://${proxy.address}` } });
    const closure = lab.closureOf(request("quay.io/org/app:v1"));
    await expect(closure).rejects.toThrow(/quay\.io\/org\/app:v1: .*403/);
    await expect(closure).rejects.not.toThrow(/not found/);
  });

  test("a mount that may not read the other repository becomes an upload", async () => {
    const allows = (_name: string | undefined, repository: string, action: "pull" | "push"): boolean =>
      action === "push" || repository === "m/b";
    const strict = await lab.startRegistry({
      auth: { kind: "token", accounts: staticAccounts({ robot: "pw" }), allows },
    });
    const shared = await sampleImage();
    for (const name of ["org/a", "org/b"]) {
      await writeImage(storageContent(lab.source.storage, name), shared, { tags: ["v1"] });
    }
    lab.useClient({
      keychain: staticKeychain({ [strict.address]: { kind: "basic", username: "robot", password: "pw" } }),
    });
    const rules = [{ from: "quay.io/org/", to: `${strict.address}/m/` }];
    const closure = await lab.closureOf(request("quay.io/org/a:v1"), request("quay.io/org/b:v1"));
    expect(errorsOf(await lab.apply(await lab.plan(closure, rules)))).toEqual([]);
    for (const name of ["m/a", "m/b"]) expect(await strict.storage.repository(name).tags()).toEqual(["v1"]);
  });

  test("a tag that is right already is not written again: it may be immutable", async () => {
    await lab.pushImage("org/app");
    const closure = await lab.closureOf(request("quay.io/org/app:v1"));
    await lab.apply(await lab.plan(closure, lab.rulesTo("quay.io/org/")));
    lab.mirror.requests.length = 0;
    await lab.apply(await lab.plan(closure, lab.rulesTo("quay.io/org/")));
    expect(lab.mirror.requests.filter(({ method }) => method !== "GET" && method !== "HEAD")).toEqual([]);
  });

  test.each([
    ["too deep", "a/b/c/", { maxDepth: 3 }, "levels deep"],
    ["too long", `${"a".repeat(236)}/`, {}, "characters"],
    ["in upper case", "UP/", {}, "no valid image reference"],
  ])("a target that is %s stops the plan", async (_what, folder, limits, part) => {
    await lab.pushImage("org/app");
    const closure = await lab.closureOf(request("quay.io/org/app:v1"));
    const rules = [{ from: "quay.io/org/", to: `${lab.mirror.address}/${folder}` }];
    await expect(planMirror(closure, { rules, openTarget: lab.open, ...limits })).rejects.toThrow(part);
  });

  test("the address to push to may differ from the one that Pods pull from", async () => {
    await lab.pushImage("org/app");
    lab.useClient({ resolve: { "registry.cluster.local:5000": `http://${lab.mirror.address}` } });
    const rules = [{ from: "quay.io/org/", to: "registry.cluster.local:5000/m/" }];
    const planned = await lab.plan(await lab.closureOf(request("quay.io/org/app:v1")), rules);
    expect(errorsOf(await lab.apply(planned))).toEqual([]);
    expect(lockOf(planned).images[0]?.target).toBe("registry.cluster.local:5000/m/app");
    expect(await lab.mirror.storage.repository("m/app").tags()).toEqual(["v1"]);
  });

  test("a link that is answered with 400 becomes an upload", async () => {
    const shared = await sampleImage();
    for (const name of ["org/a", "org/b"]) {
      await writeImage(storageContent(lab.source.storage, name), shared, { tags: ["v1"] });
    }
    const proxy = await lab.startProxy(lab.mirror);
    const isLink = ({ path }: SeenRequest): boolean => path.includes("mount=");
    for (let count = 0; count < 20; count += 1) proxy.inject(isLink, { kind: "status", status: 400 });
    const closure = await lab.closureOf(request("quay.io/org/a:v1"), request("quay.io/org/b:v1"));
    const rules = [{ from: "quay.io/org/", to: `${proxy.address}/m/` }];
    expect(errorsOf(await lab.apply(await lab.plan(closure, rules)))).toEqual([]);
    expect(proxy.seen.some(isLink)).toBe(true);
    // Docker Hub answers 400 to a link that names the registry it should come from.
    expect(proxy.seen.filter(({ path }) => path.includes("origin="))).toEqual([]);
    for (const name of ["m/a", "m/b"]) {
      expect((await lab.mirror.storage.repository(name).readManifest("v1"))?.descriptor).toEqual(
        shared.manifest.descriptor,
      );
    }
  });

  test("a token is asked for the repositories of one request, however many the run has", async () => {
    const guarded = await lab.startRegistry({
      auth: { kind: "token", accounts: staticAccounts({ robot: "pw" }) },
    });
    const proxy = await lab.startProxy(guarded);
    lab.useClient({
      keychain: staticKeychain({ [proxy.address]: { kind: "basic", username: "robot", password: "pw" } }),
    });
    const base = await randomLayer();
    const names = Array.from({ length: 12 }, (_, index) => `app-${index}`);
    for (const name of names) {
      const image = await sampleImage({ layers: [base, await randomLayer()] });
      await writeImage(storageContent(lab.source.storage, `org/${name}`), image, { tags: ["v1"] });
    }
    const closure = await lab.closureOf(...names.map((name) => request(`quay.io/org/${name}:v1`)));
    const rules = [{ from: "quay.io/org/", to: `${proxy.address}/m/` }];
    expect(errorsOf(await lab.apply(await lab.plan(closure, rules)))).toEqual([]);
    const asked = proxy.seen
      .map(({ path }) => new URL(path, "http://registry").searchParams.getAll("scope"))
      .filter((scopes) => scopes.length > 0);
    expect(asked.length).toBeGreaterThan(names.length);
    expect(Math.max(...asked.map((scopes) => scopes.length))).toBe(2);
  });

  test.each([
    ["a repository that has to be made first", "POST", 404, /m\/b.*404/s],
    ["an immutable tag", "PUT", 409, /m\/b.*v1.*409/s],
  ])("%s is an error that names it, and the other images arrive", async (_what, method, status, message) => {
    for (const name of ["org/a", "org/b"]) await lab.pushImage(name);
    const proxy = await lab.startProxy(lab.mirror);
    const refuses = (seen: SeenRequest): boolean =>
      seen.method === method && /\/m\/b\/(?:blobs\/uploads\/$|manifests\/v1$)/.test(seen.path);
    for (let count = 0; count < 9; count += 1) proxy.inject(refuses, { kind: "status", status });
    const closure = await lab.closureOf(request("quay.io/org/a:v1"), request("quay.io/org/b:v1"));
    const rules = [{ from: "quay.io/org/", to: `${proxy.address}/m/` }];
    const applied = await lab.apply(await lab.plan(closure, rules));
    expect(errorsOf(applied)).toMatchObject([{ message: expect.stringMatching(message) as string }]);
    expect(await lab.mirror.storage.repository("m/a").tags()).toEqual(["v1"]);
    expect(await lab.mirror.storage.repository("m/b").readManifest("v1")).toBeUndefined();
  });

  test("a bare host is a target like any other", async () => {
    await lab.pushImage("org/app");
    const rules = suggestRules(["quay.io/org/app:v1"], lab.mirror.address);
    const planned = await lab.plan(await lab.closureOf(request("quay.io/org/app:v1")), rules);
    expect(errorsOf(await lab.apply(planned))).toEqual([]);
    expect(planned.entries[0]!.target.startsWith(`${lab.mirror.address}/`)).toBe(true);
    const name = planned.entries[0]!.target.slice(lab.mirror.address.length + 1);
    expect(await lab.mirror.storage.repository(name).tags()).toEqual(["v1"]);
  });
});
