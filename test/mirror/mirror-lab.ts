import type { PrefixRule } from "@package-operator/image";
import {
  applyPlan,
  type AppliedEntry,
  type Closure,
  computeClosure,
  type ImageRequest,
  type MirrorPlan,
  planMirror,
} from "@package-operator/mirror";
import {
  createRegistryClient,
  createRegistryServer,
  memoryStorage,
  type RegistryClient,
  type RegistryClientOptions,
  type RegistryServerOptions,
  storageContent,
  writeImage,
} from "@package-operator/oci";
import { afterEach, beforeEach } from "vitest";
import { type FaultProxy, startFaultProxy } from "../../packages/oci/src/testing/fault-proxy.ts";
import { sampleImage, sampleIndex } from "../../packages/oci/src/testing/samples.ts";

/** A registry in this process, and what it was asked. */
export interface LabRegistry {
  readonly address: string;
  readonly storage: ReturnType<typeof memoryStorage>;
  readonly requests: { method: string; path: string; status: number }[];
}

/** A source that answers for `quay.io`, `ghcr.io` and Docker Hub, and a mirror; both are new for each test. */
export interface MirrorLab {
  readonly source: LabRegistry;
  readonly mirror: LabRegistry;
  startRegistry(options?: Partial<RegistryServerOptions>): Promise<LabRegistry>;
  /** Puts a bad line before a registry. */
  startProxy(registry: Pick<LabRegistry, "address">): Promise<FaultProxy>;
  /** Runs at the end of the test. */
  atEnd(close: () => Promise<void>): void;
  /** Reaches registries with other options from now on. */
  useClient(options: RegistryClientOptions): void;
  readonly open: RegistryClient["repository"];
  /** Pushes an index of two platforms to the source; returns its digest. */
  pushIndex(name: string, tag?: string): Promise<string>;
  /** Pushes an image to the source; returns its digest. */
  pushImage(name: string, tag?: string): Promise<string>;
  closureOf(...requests: readonly ImageRequest[]): Promise<Closure>;
  /** Rules that move everything below `from` into a folder of the mirror. */
  rulesTo(from: string, folder?: string): PrefixRule[];
  plan(closure: Closure, rules: readonly PrefixRule[]): Promise<MirrorPlan>;
  apply(plan: MirrorPlan, options?: { readonly referrers?: boolean }): Promise<readonly AppliedEntry[]>;
}

/** Asks for an image by itself, or as a lock names it. */
export const request = (reference: string, digest?: string): ImageRequest => ({
  reference,
  ...(digest === undefined ? {} : { digest }),
  isPackage: false,
  reason:
    digest === undefined ? { kind: "source", in: reference } : { kind: "lock", in: "a package", name: "x" },
});

export const errorsOf = (applied: readonly AppliedEntry[]): readonly Error[] =>
  applied.flatMap(({ error }) => error ?? []);

/** Sets the lab up for each test of a file. */
export function useMirrorLab(): MirrorLab {
  const closers: (() => Promise<void>)[] = [];
  let source: LabRegistry;
  let mirror: LabRegistry;
  let client: RegistryClient;

  const startRegistry = async (options: Partial<RegistryServerOptions> = {}): Promise<LabRegistry> => {
    const storage = memoryStorage();
    const requests: LabRegistry["requests"] = [];
    const onRequest = (seen: (typeof requests)[number]): void => void requests.push(seen);
    const server = createRegistryServer({ storage, onRequest, ...options });
    const { address } = await server.listen();
    closers.push(() => server.close());
    return { address, storage, requests };
  };
  const useClient = (options: RegistryClientOptions = {}): void => {
    const url = `http://${source.address}`;
    const resolve = { "quay.io": url, "ghcr.io": url, "index.docker.io": url, ...options.resolve };
    const made = createRegistryClient({ retries: 1, ...options, resolve });
    closers.push(() => made.close());
    client = made;
  };
  const open: MirrorLab["open"] = (registry, name) => client.repository(registry, name);

  beforeEach(async () => {
    [source, mirror] = [await startRegistry(), await startRegistry()];
    useClient();
  });
  afterEach(async () => {
    for (const close of closers.splice(0).toReversed()) await close();
  });

  return {
    get source() {
      return source;
    },
    get mirror() {
      return mirror;
    },
    startRegistry,
    async startProxy({ address }) {
      const proxy = await startFaultProxy(address);
      closers.push(() => proxy.close());
      return proxy;
    },
    atEnd: (close) => void closers.push(close),
    useClient,
    open,
    async pushIndex(name, tag = "v1") {
      const target = storageContent(source.storage, name);
      const images = [await sampleImage({ format: "docker" }), await sampleImage({ architecture: "arm64" })];
      for (const image of images) await writeImage(target, image);
      const index = sampleIndex(images);
      await target.writeManifest(tag, index);
      return index.descriptor.digest;
    },
    pushImage: async (name, tag = "v1") =>
      writeImage(storageContent(source.storage, name), await sampleImage(), { tags: [tag] }),
    closureOf: (...requests) => computeClosure({ requests }, { open }),
    rulesTo: (from, folder = "m") => [{ from, to: `${mirror.address}/${folder}/` }],
    plan: (closure, rules) => planMirror(closure, { rules, openTarget: open }),
    apply: (plan, { referrers = false } = {}) =>
      applyPlan(plan, { openSource: open, openTarget: open, referrers }),
  };
}
