import {
  createPrefixMatcher,
  lintOverrides,
  parsePrefixOverrides,
  type PrefixRule,
} from "@package-operator/image";
import {
  applyPlan,
  type AppliedEntry,
  checkMirror,
  type Closure,
  computeClosure,
  type ImageRequest,
  lockOf,
  type MirrorPlan,
  planMirror,
  rewriteManifest,
  suggestRules,
  verifyImageUses,
} from "@package-operator/mirror";
import {
  createRegistryClient,
  createRegistryServer,
  digestOf,
  memoryStorage,
  type RegistryClient,
  type RegistryServerOptions,
  staticAccounts,
  staticKeychain,
  storageContent,
  writeImage,
} from "@package-operator/oci";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { writeBlobs } from "../../packages/oci/src/testing/content-checks.ts";
import { hasProgram, startDockerRegistry } from "../../packages/oci/src/testing/docker-registry.ts";
import { type FaultProxy, startFaultProxy } from "../../packages/oci/src/testing/fault-proxy.ts";
import { sampleImage, sampleIndex, sampleReferrer } from "../../packages/oci/src/testing/samples.ts";

/** What can go wrong between a rule text and a mirror that works, topic by topic. */

interface Registry {
  readonly address: string;
  readonly storage: ReturnType<typeof memoryStorage>;
  readonly requests: { method: string; path: string; status: number }[];
}

const closers: (() => Promise<void>)[] = [];
let source: Registry;
let mirror: Registry;
let client: RegistryClient;

async function startRegistry(options: Partial<RegistryServerOptions> = {}): Promise<Registry> {
  const storage = memoryStorage();
  const requests: Registry["requests"] = [];
  const server = createRegistryServer({
    storage,
    onRequest: (request) => requests.push(request),
    ...options,
  });
  const { address } = await server.listen();
  closers.push(() => server.close());
  return { address, storage, requests };
}

function clientFor(options: Parameters<typeof createRegistryClient>[0] = {}): RegistryClient {
  const url = `http://${source.address}`;
  const resolve = { "quay.io": url, "ghcr.io": url, "index.docker.io": url, ...options.resolve };
  const made = createRegistryClient({ retries: 1, ...options, resolve });
  closers.push(() => made.close());
  return made;
}

beforeEach(async () => {
  [source, mirror] = [await startRegistry(), await startRegistry()];
  client = clientFor();
});
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

const open = (registry: string, name: string): ReturnType<RegistryClient["repository"]> =>
  client.repository(registry, name);
const request = (reference: string, digest?: string): ImageRequest => ({
  reference,
  ...(digest === undefined ? {} : { digest }),
  isPackage: false,
  reason:
    digest === undefined ? { kind: "source", in: reference } : { kind: "lock", in: "a package", name: "x" },
});
const closureOf = (...requests: ImageRequest[]): Promise<Closure> => computeClosure({ requests }, { open });
const rulesTo = (from: string, folder = "m"): PrefixRule[] => [{ from, to: `${mirror.address}/${folder}/` }];
const plan = (closure: Closure, rules: readonly PrefixRule[]): Promise<MirrorPlan> =>
  planMirror(closure, { rules, openTarget: open });
const apply = (one: MirrorPlan, referrers = false): Promise<readonly AppliedEntry[]> =>
  applyPlan(one, { openSource: open, openTarget: open, referrers });
const errorsOf = (applied: readonly AppliedEntry[]): unknown[] => applied.flatMap(({ error }) => error ?? []);

/** An index of two platforms under a tag; returns its digest. */
async function pushIndex(name: string, tag = "v1"): Promise<string> {
  const target = storageContent(source.storage, name);
  const images = [await sampleImage({ format: "docker" }), await sampleImage({ architecture: "arm64" })];
  for (const image of images) await writeImage(target, image);
  const index = sampleIndex(images);
  await target.writeManifest(tag, index);
  return index.descriptor.digest;
}

async function pushImage(name: string, tag = "v1"): Promise<string> {
  return writeImage(storageContent(source.storage, name), await sampleImage(), { tags: [tag] });
}

const codes = (prefix: string, references?: readonly string[]): string[] =>
  lintOverrides({ prefix, ...(references === undefined ? {} : { references }) }).map(({ code }) => code);
const replaced = (prefix: string, reference: string): string =>
  createPrefixMatcher(parsePrefixOverrides(prefix).rules).replace(reference);

describe("matching", () => {
  test("a prefix without a slash also catches longer names: kept as upstream has it, and found by lint", () => {
    const prefix = "quay.io/foo=m.io/bar";
    expect(replaced(prefix, "quay.io/foobar:1")).toBe("m.io/barbar:1");
    expect(codes(prefix)).toContain("off-boundary");
    expect(codes("quay.io=m.io/q")).toContain("off-boundary");
  });

  test("strict boundaries know paths, digests, ends, and ports from tags", () => {
    const strict = (from: string, reference: string): boolean =>
      createPrefixMatcher([{ from, to: "m.io/x" }], { boundaries: "strict" }).match(reference) !== undefined;
    expect(strict("quay.io/foo", "quay.io/foo:v1")).toBe(true);
    expect(strict("quay.io/foo", `quay.io/foo@sha256:${"a".repeat(64)}`)).toBe(true);
    expect(strict("quay.io/foo", "quay.io/foo")).toBe(true);
    expect(strict("quay.io", "quay.io:8443/foo")).toBe(false);
    expect(strict("localhost", "localhost:5000/foo:v1")).toBe(false);
    expect(strict("localhost:5000", "localhost:5000/foo:v1")).toBe(true);
  });

  test.each([
    ["quay.io/org/=m.io/mirror", "m.io/mirrorapp:v1"],
    ["quay.io/org=m.io/mirror/", "m.io/mirror//app:v1"],
  ])("a slash on one side only, %s, is found by lint", (prefix, result) => {
    expect(replaced(prefix, "quay.io/org/app:v1")).toBe(result);
    expect(codes(prefix)).toContain("slash-mismatch");
  });

  test("a doubled slash stops the plan instead of a Pod", async () => {
    await pushImage("org/app");
    const rules = [{ from: "quay.io/org", to: `${mirror.address}/m/` }];
    await expect(plan(await closureOf(request("quay.io/org/app:v1")), rules)).rejects.toThrow(
      /no valid image reference/,
    );
  });

  test("the longest prefix by characters wins, of equal ones the first", () => {
    expect(replaced("quay.io/a=m.io/1,quay.io/a-b=m.io/2", "quay.io/a-b/x:v1")).toBe("m.io/2/x:v1");
    expect(replaced("quay.io/a/=m.io/1/,quay.io/a/=m.io/2/", "quay.io/a/x:v1")).toBe("m.io/1/x:v1");
    expect(codes("quay.io/a/=m.io/1/,quay.io/a/=m.io/2/")).toContain("contradiction");
  });

  test("blanks, line ends and missing equals signs do not silently kill a rule", () => {
    const { rules } = parsePrefixOverrides("quay.io/a/=m.io/a/,\n  quay.io/b/=m.io/b/");
    expect(rules.map(({ from }) => from)).toEqual(["quay.io/a/", "quay.io/b/"]);
    expect(codes("quay.io/a/=m.io/a/, quay.io/b/=m.io/b/")).toContain("surrounding-space");
    expect(parsePrefixOverrides("quay.io/a/").warnings).toHaveLength(1);
    expect(codes("quay.io/a/")).toContain("malformed-entry");
  });
});

describe("Docker Hub names", () => {
  const spellings = [
    "nginx:1",
    "library/nginx:1",
    "docker.io/nginx:1",
    "docker.io/library/nginx:1",
    "index.docker.io/library/nginx:1",
  ];

  test("all spellings of an image are one image, suggested rules move each of them to one place", async () => {
    await pushImage("library/nginx", "1");
    const closure = await closureOf(...spellings.map((reference) => request(reference)));
    expect(closure.images).toHaveLength(1);
    const rules = suggestRules(spellings, `${mirror.address}/hub`);
    const planned = await plan(closure, rules);
    expect(errorsOf(await apply(planned))).toEqual([]);
    for (const { target } of planned.entries) {
      const name = target.slice(mirror.address.length + 1);
      expect(await mirror.storage.repository(name).tags()).toEqual(["1"]);
    }
  });

  test("a rule for the full name misses the short ones: the plan says so, lint names them", async () => {
    await pushImage("library/nginx", "1");
    const closure = await closureOf(...spellings.map((reference) => request(reference)));
    const rules = rulesTo("docker.io/library/");
    await expect(plan(closure, rules)).rejects.toThrow(/no rule moves nginx:1/);
    expect(codes("docker.io/library/=m.io/hub/")).toContain("docker-hub-spelling");
  });
});

describe("a rewritten manifest", () => {
  const job = `kind: Job
metadata: {name: bootstrap}
spec:
  template:
    spec:
      containers:
      - name: package-operator
        image: quay.io/org/manager:v1
        args: ["-self-bootstrap=quay.io/org/package:v1"]
`;
  test("is not rewritten again by a rule whose replacement begins with what it replaces", () => {
    const rules = [{ from: "quay.io/", to: "quay.io/mirror/" }];
    const { text } = rewriteManifest(job, rules, "job.yaml");
    expect(text).toContain("image: quay.io/mirror/org/manager:v1");
    expect(rewriteManifest(text, rules, "job.yaml")).toMatchObject({ text, changes: [] });
    expect(codes("quay.io/=quay.io/mirror/")).toContain("not-idempotent");
  });
});

describe("digests", () => {
  test("an index arrives byte for byte, with all children and layers as they were", async () => {
    const digest = await pushIndex("org/app");
    const planned = await plan(await closureOf(request("quay.io/org/app:v1")), rulesTo("quay.io/org/"));
    expect(errorsOf(await apply(planned))).toEqual([]);
    const [there, here] = [mirror.storage.repository("m/app"), source.storage.repository("org/app")];
    for (const one of [digest, ...planned.entries[0]!.children]) {
      const [copy, original] = [await there.readManifest(one), await here.readManifest(one)];
      expect(Buffer.from(copy!.bytes).equals(original!.bytes)).toBe(true);
      expect(copy!.descriptor.mediaType).toBe(original!.descriptor.mediaType);
    }
  });

  test("of tag and digest the digest decides, and the tag is set as information", async () => {
    const digest = await pushImage("org/app");
    await pushImage("org/app");
    const planned = await plan(
      await closureOf(request(`quay.io/org/app:v1@${digest}`)),
      rulesTo("quay.io/org/"),
    );
    expect(planned.entries).toMatchObject([{ digest, tags: ["v1"] }]);
    await apply(planned);
    expect((await mirror.storage.repository("m/app").readManifest("v1"))?.descriptor.digest).toBe(digest);
  });

  test("a tag that has moved since the lock: both images arrive, the tag goes to what asks by tag", async () => {
    const locked = await pushImage("org/app");
    const moved = await pushImage("org/app");
    const closure = await closureOf(request("quay.io/org/app:v1", locked), request("quay.io/org/app:v1"));
    expect(closure.warnings).toEqual([expect.stringContaining("has moved")]);
    await apply(await plan(closure, rulesTo("quay.io/org/")));
    const there = mirror.storage.repository("m/app");
    expect((await there.readManifest("v1"))?.descriptor.digest).toBe(moved);
    expect(await there.readManifest(locked)).toBeDefined();
  });

  test("running something else than the lock says is found, although the tag is right", () => {
    const use = {
      ...{ apiVersion: "v1", kind: "Pod", namespace: "a", objectName: "p", path: "", name: "c", owners: [] },
      ...{ pullSecrets: [], serviceAccount: "", image: "m.io/app:v1", role: "running" as const },
      imageID: `m.io/app@sha256:${"b".repeat(64)}`,
    };
    const lock = [{ target: "m.io/app", digest: `sha256:${"a".repeat(64)}`, children: [] }];
    const rules = [{ from: "quay.io/org/", to: "m.io/" }];
    expect(verifyImageUses([use], { rules, lock })[0]?.finding?.code).toBe("stale");
  });
});

describe("what comes along", () => {
  test("referrers of a child whose index has none, and cosign's tags, are copied, locked and verified", async () => {
    const digest = await pushIndex("org/app");
    const place = storageContent(source.storage, "org/app");
    const index = JSON.parse(Buffer.from((await place.manifest(digest)).bytes).toString("utf8")) as {
      manifests: { digest: string }[];
    };
    const child = await place.manifest(index.manifests[0]!.digest);
    const bom = sampleReferrer(child, "application/vnd.example.sbom");
    await writeBlobs(place, bom.blobs);
    await place.writeManifest(bom.manifest.descriptor.digest, bom.manifest);
    const signature = await sampleImage();
    await writeImage(place, signature, { tags: [`${digest.replace(":", "-")}.sig`] });

    const planned = await plan(await closureOf(request("quay.io/org/app:v1")), rulesTo("quay.io/org/"));
    const applied = await apply(planned, true);
    expect(errorsOf(applied)).toEqual([]);
    const lock = lockOf(planned, applied);
    expect(lock.images[0]?.referrers).toEqual(
      [bom.manifest.descriptor.digest, signature.manifest.descriptor.digest].toSorted(),
    );
    expect(await checkMirror(lock, { open })).toEqual(lock.images.map((image) => ({ image })));
    const there = mirror.storage.repository("m/app");
    expect(await there.referrers(child.descriptor.digest)).toMatchObject([
      { digest: bom.manifest.descriptor.digest },
    ]);
    await there.deleteManifest(bom.manifest.descriptor.digest);
    expect((await checkMirror(lock, { open }))[0]?.problem).toContain(bom.manifest.descriptor.digest);
  });

  test.skipIf(!hasProgram("docker-registry"))(
    "a registry without the referrers API gets the fallback tag",
    async () => {
      const digest = await pushIndex("org/app");
      const place = storageContent(source.storage, "org/app");
      const bom = sampleReferrer(await place.manifest(digest));
      await writeBlobs(place, bom.blobs);
      await place.writeManifest(bom.manifest.descriptor.digest, bom.manifest);
      const docker = await startDockerRegistry();
      closers.push(() => docker.close());
      const rules = [{ from: "quay.io/org/", to: `${docker.address}/m/` }];
      const planned = await plan(await closureOf(request("quay.io/org/app:v1")), rules);
      const applied = await apply(planned, true);
      expect(errorsOf(applied)).toEqual([]);
      const lock = lockOf(planned, applied);
      expect(lock.images[0]?.referrers).toHaveLength(1);
      expect(await checkMirror(lock, { open })).toEqual(lock.images.map((image) => ({ image })));
      expect(await open(docker.address, "m/app").tags()).toEqual([digest.replace(":", "-"), "v1"].toSorted());
    },
  );
});

describe("a mirror that is half there", () => {
  test("a manifest whose blobs are gone is repaired, not believed", async () => {
    await pushIndex("org/app");
    const closure = await closureOf(request("quay.io/org/app:v1"));
    const planned = await plan(closure, rulesTo("quay.io/org/"));
    await apply(planned);
    const lost = closure.images[0]!.tree.blobs[1]!.digest;
    await mirror.storage.repository("m/app").deleteBlob(lost);
    const lock = lockOf(planned);
    expect((await checkMirror(lock, { open }))[0]?.problem).toBe(`blob ${lost} is missing`);
    const again = await plan(closure, rulesTo("quay.io/org/"));
    expect(again.entries.map(({ action }) => action)).toEqual(["present"]);
    expect(errorsOf(await apply(again))).toEqual([]);
    expect((await checkMirror(lock, { open }))[0]?.problem).toBeUndefined();
  });

  test("no manifest is written before what it points to", async () => {
    await pushIndex("org/app");
    await apply(await plan(await closureOf(request("quay.io/org/app:v1")), rulesTo("quay.io/org/")));
    const writes = mirror.requests.filter(({ method }) => method === "PUT").map(({ path }) => path);
    const firstManifest = writes.findIndex((path) => path.includes("/manifests/"));
    const kinds = writes.map((path) =>
      path.includes("/manifests/sha256:") ? "manifest" : path.includes("/manifests/") ? "tag" : "blob",
    );
    expect(firstManifest).toBeGreaterThan(0);
    // Two children with three blobs each come first, the index after its children, the tag last.
    expect(kinds.filter((kind) => kind === "blob")).toHaveLength(6);
    expect(kinds.at(-1)).toBe("tag");
    expect(kinds.slice(-2)).toEqual(["manifest", "tag"]);
  });
});

describe("registries with opinions", () => {
  const denyHeads = async (status: number): Promise<FaultProxy> => {
    const proxy = await startFaultProxy(mirror.address);
    closers.push(() => proxy.close());
    for (let count = 0; count < 20; count += 1) {
      proxy.inject(({ method }) => method === "HEAD" || method === "GET", { kind: "status", status });
    }
    return proxy;
  };

  test.each([401, 403, 404])(
    "%i for a repository that the first push creates is no error",
    async (status) => {
      const digest = await pushImage("org/app");
      const proxy = await denyHeads(status);
      const rules = [{ from: "quay.io/org/", to: `${proxy.address}/m/` }];
      const planned = await plan(await closureOf(request("quay.io/org/app:v1")), rules);
      expect(planned.entries[0]?.action).toBe("copy");
      expect(errorsOf(await apply(planned))).toEqual([]);
      expect((await mirror.storage.repository("m/app").readManifest("v1"))?.descriptor.digest).toBe(digest);
    },
  );

  test("denied at the source is an error that does not claim the image is missing", async () => {
    await pushImage("org/app");
    const proxy = await startFaultProxy(source.address);
    closers.push(() => proxy.close());
    proxy.inject(() => true, { kind: "status", status: 403 });
    proxy.inject(() => true, { kind: "status", status: 403 });
    client = clientFor({ resolve: { "quay.io": `http://${proxy.address}` } });
    const closure = closureOf(request("quay.io/org/app:v1"));
    await expect(closure).rejects.toThrow(/quay\.io\/org\/app:v1: .*403/);
    await expect(closure).rejects.not.toThrow(/not found/);
  });

  test("a mount that may not read the other repository becomes an upload", async () => {
    const allows = (_name: string | undefined, repository: string, action: "pull" | "push"): boolean =>
      action === "push" || repository === "m/b";
    const strict = await startRegistry({
      auth: { kind: "token", accounts: staticAccounts({ robot: "pw" }), allows },
    });
    const shared = await sampleImage();
    for (const name of ["org/a", "org/b"]) {
      await writeImage(storageContent(source.storage, name), shared, { tags: ["v1"] });
    }
    client = clientFor({
      keychain: staticKeychain({ [strict.address]: { kind: "basic", username: "robot", password: "pw" } }),
    });
    const rules = [{ from: "quay.io/org/", to: `${strict.address}/m/` }];
    const closure = await closureOf(request("quay.io/org/a:v1"), request("quay.io/org/b:v1"));
    expect(errorsOf(await apply(await plan(closure, rules)))).toEqual([]);
    for (const name of ["m/a", "m/b"]) expect(await strict.storage.repository(name).tags()).toEqual(["v1"]);
  });

  test("a tag that is right already is not written again: it may be immutable", async () => {
    await pushImage("org/app");
    const closure = await closureOf(request("quay.io/org/app:v1"));
    await apply(await plan(closure, rulesTo("quay.io/org/")));
    mirror.requests.length = 0;
    await apply(await plan(closure, rulesTo("quay.io/org/")));
    expect(mirror.requests.filter(({ method }) => method !== "GET" && method !== "HEAD")).toEqual([]);
  });

  test.each([
    ["too deep", "a/b/c/", { maxDepth: 3 }, "levels deep"],
    ["too long", `${"a".repeat(236)}/`, {}, "characters"],
    ["in upper case", "UP/", {}, "no valid image reference"],
  ])("a target that is %s stops the plan", async (_what, folder, limits, part) => {
    await pushImage("org/app");
    const closure = await closureOf(request("quay.io/org/app:v1"));
    const rules = [{ from: "quay.io/org/", to: `${mirror.address}/${folder}` }];
    await expect(planMirror(closure, { rules, openTarget: open, ...limits })).rejects.toThrow(part);
  });

  test("the address to push to may differ from the one that Pods pull from", async () => {
    await pushImage("org/app");
    client = clientFor({ resolve: { "registry.cluster.local:5000": `http://${mirror.address}` } });
    const rules = [{ from: "quay.io/org/", to: "registry.cluster.local:5000/m/" }];
    const planned = await plan(await closureOf(request("quay.io/org/app:v1")), rules);
    expect(errorsOf(await apply(planned))).toEqual([]);
    expect(lockOf(planned).images[0]?.target).toBe("registry.cluster.local:5000/m/app");
    expect(await mirror.storage.repository("m/app").tags()).toEqual(["v1"]);
  });
});

describe("what rules cannot reach", () => {
  test("a container that somebody else has put into a Pod shows up from what runs", () => {
    const pod = (image: string, name: string): Parameters<typeof verifyImageUses>[0][number] => ({
      ...{
        apiVersion: "v1",
        kind: "Pod",
        namespace: "a",
        objectName: "p",
        path: "",
        name,
        owners: ["Deployment web"],
      },
      ...{ pullSecrets: [], serviceAccount: "", image, role: "running" },
    });
    const rules = [{ from: "quay.io/org/", to: "m.io/" }];
    const [own, injected] = verifyImageUses(
      [pod("m.io/app:v1", "app"), pod("docker.io/istio/proxyv2:1", "istio-proxy")],
      { rules },
    );
    expect(own?.finding).toBeUndefined();
    expect(injected?.finding?.code).toBe("outside");
  });
});

describe("whatever is asked", () => {
  test("the same image is read once from the source and each blob sent once", async () => {
    const base = await sampleImage();
    for (const name of ["org/a", "org/b", "org/c"]) {
      await writeImage(storageContent(source.storage, name), base, { tags: ["v1", "v2"] });
    }
    const closure = await closureOf(
      ...["a:v1", "a:v2", "b:v1", "c:v1"].map((name) => request(`quay.io/org/${name}`)),
    );
    source.requests.length = 0;
    expect(errorsOf(await apply(await plan(closure, rulesTo("quay.io/org/"))))).toEqual([]);
    const downloads = source.requests
      .filter(({ path }) => path.includes("/blobs/"))
      .map(({ path }) => path.split("/").at(-1));
    expect(downloads).toHaveLength(3);
    expect(new Set(downloads).size).toBe(3);
    expect(digestOf((await mirror.storage.repository("m/c").readManifest("v1"))!.bytes)).toBe(
      base.manifest.descriptor.digest,
    );
  });
});
