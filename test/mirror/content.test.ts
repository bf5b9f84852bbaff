import { checkMirror, lockOf, verifyImageUses } from "@package-operator/mirror";
import { buildImage, digestOf, readBlob, storageContent, writeImage } from "@package-operator/oci";
import { describe, expect, test } from "vitest";
import { writeBlobs } from "../../packages/oci/src/testing/content-checks.ts";
import { hasProgram, startDockerRegistry } from "../../packages/oci/src/testing/docker-registry.ts";
import { sampleImage, sampleReferrer } from "../../packages/oci/src/testing/samples.ts";
import { errorsOf, request, useMirrorLab } from "./mirror-lab.ts";

/** What can be lost between a source and its mirror. */

const lab = useMirrorLab();

describe("digests", () => {
  test("an index arrives byte for byte, with all children and layers as they were", async () => {
    const digest = await lab.pushIndex("org/app");
    const planned = await lab.plan(
      await lab.closureOf(request("quay.io/org/app:v1")),
      lab.rulesTo("quay.io/org/"),
    );
    expect(errorsOf(await lab.apply(planned))).toEqual([]);
    const [there, here] = [lab.mirror.storage.repository("m/app"), lab.source.storage.repository("org/app")];
    for (const one of [digest, ...planned.entries[0]!.children]) {
      const [copy, original] = [await there.readManifest(one), await here.readManifest(one)];
      expect(Buffer.from(copy!.bytes).equals(original!.bytes)).toBe(true);
      expect(copy!.descriptor.mediaType).toBe(original!.descriptor.mediaType);
    }
  });

  test("of tag and digest the digest decides, and the tag is set as information", async () => {
    const digest = await lab.pushImage("org/app");
    await lab.pushImage("org/app");
    const planned = await lab.plan(
      await lab.closureOf(request(`quay.io/org/app:v1@${digest}`)),
      lab.rulesTo("quay.io/org/"),
    );
    expect(planned.entries).toMatchObject([{ digest, tags: ["v1"] }]);
    await lab.apply(planned);
    expect((await lab.mirror.storage.repository("m/app").readManifest("v1"))?.descriptor.digest).toBe(digest);
  });

  test("a tag that has moved since the lock: both images arrive, the tag goes to what asks by tag", async () => {
    const locked = await lab.pushImage("org/app");
    const moved = await lab.pushImage("org/app");
    const closure = await lab.closureOf(request("quay.io/org/app:v1", locked), request("quay.io/org/app:v1"));
    expect(closure.warnings).toEqual([expect.stringContaining("has moved")]);
    await lab.apply(await lab.plan(closure, lab.rulesTo("quay.io/org/")));
    const there = lab.mirror.storage.repository("m/app");
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
    const digest = await lab.pushIndex("org/app");
    const place = storageContent(lab.source.storage, "org/app");
    const index = JSON.parse(Buffer.from((await place.manifest(digest)).bytes).toString("utf8")) as {
      manifests: { digest: string }[];
    };
    const child = await place.manifest(index.manifests[0]!.digest);
    const bom = sampleReferrer(child, "application/vnd.example.sbom");
    await writeBlobs(place, bom.blobs);
    await place.writeManifest(bom.manifest.descriptor.digest, bom.manifest);
    const signature = await sampleImage();
    await writeImage(place, signature, { tags: [`${digest.replace(":", "-")}.sig`] });

    const planned = await lab.plan(
      await lab.closureOf(request("quay.io/org/app:v1")),
      lab.rulesTo("quay.io/org/"),
    );
    const applied = await lab.apply(planned, { referrers: true });
    expect(errorsOf(applied)).toEqual([]);
    const lock = lockOf(planned, applied);
    expect(lock.images[0]?.referrers).toEqual(
      [bom.manifest.descriptor.digest, signature.manifest.descriptor.digest].toSorted(),
    );
    expect(await checkMirror(lock, lab)).toEqual(lock.images.map((image) => ({ image })));
    const there = lab.mirror.storage.repository("m/app");
    expect(await there.referrers(child.descriptor.digest)).toMatchObject([
      { digest: bom.manifest.descriptor.digest },
    ]);
    await there.deleteManifest(bom.manifest.descriptor.digest);
    expect((await checkMirror(lock, lab))[0]?.problem).toContain(bom.manifest.descriptor.digest);
  });

  test.skipIf(!hasProgram("docker-registry"))(
    "a registry without the referrers API gets the fallback tag",
    async () => {
      const digest = await lab.pushIndex("org/app");
      const place = storageContent(lab.source.storage, "org/app");
      const bom = sampleReferrer(await place.manifest(digest));
      await writeBlobs(place, bom.blobs);
      await place.writeManifest(bom.manifest.descriptor.digest, bom.manifest);
      const docker = await startDockerRegistry();
      lab.atEnd(() => docker.close());
      const proxy = await lab.startProxy(docker);
      const rules = [{ from: "quay.io/org/", to: `${proxy.address}/m/` }];
      const planned = await lab.plan(await lab.closureOf(request("quay.io/org/app:v1")), rules);
      const applied = await lab.apply(planned, { referrers: true });
      expect(errorsOf(applied)).toEqual([]);
      const lock = lockOf(planned, applied);
      expect(lock.images[0]?.referrers).toHaveLength(1);
      expect(await checkMirror(lock, lab)).toEqual(lock.images.map((image) => ({ image })));
      expect(await lab.open(docker.address, "m/app").tags()).toEqual(
        [digest.replace(":", "-"), "v1"].toSorted(),
      );
      // Many registries allow no deletion, and the list of before may be somebody else's, too.
      expect(proxy.seen.filter(({ method }) => method === "DELETE")).toEqual([]);
    },
  );

  test("a registry that answers the fallback tag with the image itself has no referrers", async () => {
    const digest = await lab.pushIndex("org/app");
    const place = storageContent(lab.source.storage, "org/app");
    await place.writeManifest(digest.replace(":", "-"), await place.manifest(digest));
    const proxy = await lab.startProxy(lab.source);
    for (let count = 0; count < 9; count += 1) {
      proxy.inject(({ path }) => path.includes("/referrers/"), { kind: "status", status: 404 });
    }
    lab.useClient({ resolve: { "quay.io": `http://${proxy.address}` } });
    const closure = await lab.closureOf(request("quay.io/org/app:v1"));
    const planned = await lab.plan(closure, lab.rulesTo("quay.io/org/"));
    const applied = await lab.apply(planned, { referrers: true });
    expect(errorsOf(applied)).toEqual([]);
    expect(lockOf(planned, applied).images[0]?.referrers).toEqual([]);
    expect(proxy.pending).toBeLessThan(9);
  });

  test("a signature says the original name, byte for byte", async () => {
    const signed = await lab.pushImage("org/app");
    const place = storageContent(lab.source.storage, "org/app");
    const payload = Buffer.from(
      JSON.stringify({ critical: { identity: { "docker-reference": "quay.io/org/app" }, image: signed } }),
    );
    const layer = {
      mediaType: "application/vnd.dev.cosign.simplesigning.v1+json",
      digest: digestOf(payload),
      size: payload.length,
    };
    await writeBlobs(place, [{ descriptor: layer, bytes: payload }]);
    const signature = buildImage({ layers: [{ descriptor: layer, diffId: layer.digest }] });
    await writeImage(place, signature, { tags: [`${signed.replace(":", "-")}.sig`] });
    const closure = await lab.closureOf(request("quay.io/org/app:v1"));
    const planned = await lab.plan(closure, lab.rulesTo("quay.io/org/"));
    expect(errorsOf(await lab.apply(planned, { referrers: true }))).toEqual([]);
    const there = storageContent(lab.mirror.storage, "m/app");
    expect((await there.resolve(`${signed.replace(":", "-")}.sig`))?.digest).toBe(
      signature.manifest.descriptor.digest,
    );
    expect(Buffer.from(await readBlob(there, layer)).equals(payload)).toBe(true);
  });
});

describe("a mirror that is half there", () => {
  test("a manifest whose blobs are gone is repaired, not believed", async () => {
    await lab.pushIndex("org/app");
    const closure = await lab.closureOf(request("quay.io/org/app:v1"));
    const planned = await lab.plan(closure, lab.rulesTo("quay.io/org/"));
    await lab.apply(planned);
    const lost = closure.images[0]!.tree.blobs[1]!.digest;
    await lab.mirror.storage.repository("m/app").deleteBlob(lost);
    const lock = lockOf(planned);
    expect((await checkMirror(lock, lab))[0]?.problem).toBe(`blob ${lost} is missing`);
    const again = await lab.plan(closure, lab.rulesTo("quay.io/org/"));
    expect(again.entries.map(({ action }) => action)).toEqual(["present"]);
    expect(errorsOf(await lab.apply(again))).toEqual([]);
    expect((await checkMirror(lock, lab))[0]?.problem).toBeUndefined();
  });

  test("no manifest is written before what it points to", async () => {
    await lab.pushIndex("org/app");
    await lab.apply(
      await lab.plan(await lab.closureOf(request("quay.io/org/app:v1")), lab.rulesTo("quay.io/org/")),
    );
    const writes = lab.mirror.requests.filter(({ method }) => method === "PUT").map(({ path }) => path);
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

describe("whatever is asked", () => {
  test("a check of what is there costs the source's quota nothing", async () => {
    const digest = await lab.pushIndex("org/app");
    const closure = await lab.closureOf(request("quay.io/org/app:v1", digest));
    await lab.apply(await lab.plan(closure, lab.rulesTo("quay.io/org/")));
    lab.source.requests.length = 0;
    const planned = await lab.plan(closure, lab.rulesTo("quay.io/org/"));
    expect(errorsOf(await lab.apply(planned))).toEqual([]);
    expect(await checkMirror(lockOf(planned), lab)).toEqual(
      lockOf(planned).images.map((image) => ({ image })),
    );
    expect(lab.source.requests).toEqual([]);
  });

  test("the same image is read once from the source and each blob sent once", async () => {
    const base = await sampleImage();
    for (const name of ["org/a", "org/b", "org/c"]) {
      await writeImage(storageContent(lab.source.storage, name), base, { tags: ["v1", "v2"] });
    }
    const closure = await lab.closureOf(
      ...["a:v1", "a:v2", "b:v1", "c:v1"].map((name) => request(`quay.io/org/${name}`)),
    );
    lab.source.requests.length = 0;
    expect(errorsOf(await lab.apply(await lab.plan(closure, lab.rulesTo("quay.io/org/"))))).toEqual([]);
    const downloads = lab.source.requests
      .filter(({ path }) => path.includes("/blobs/"))
      .map(({ path }) => path.split("/").at(-1));
    expect(downloads).toHaveLength(3);
    expect(new Set(downloads).size).toBe(3);
    expect(digestOf((await lab.mirror.storage.repository("m/c").readManifest("v1"))!.bytes)).toBe(
      base.manifest.descriptor.digest,
    );
  });
});
