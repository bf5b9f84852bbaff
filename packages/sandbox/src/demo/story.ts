import path from "node:path";
import { type KubeClient, waitFor } from "@package-operator/kube";
import {
  applyPlan,
  checkUses,
  collectClusterImages,
  computeClosure,
  type ImageRequest,
  lockOf,
  type MirrorLock,
  type MirrorPlan,
  planMirror,
  readSource,
  rewriteManifest,
  suggestRules,
  verifyImageUses,
  type VerifiedUse,
} from "@package-operator/mirror";
import { parsePrefixOverrides } from "@package-operator/image";
import type { RegistryClient } from "@package-operator/oci";
import type { BaseImage } from "@package-operator/release";
import type { Sandbox } from "../sandbox.ts";
import { applyManifest, waitForCondition } from "./cluster-steps.ts";
import { DemoError } from "./demo-error.ts";
import { buildDemoImages, type DemoImages, pushDemoImages } from "./demo-images.ts";
import { type ImageRow, imageRows } from "./image-table.ts";
import type { Narrator } from "./narrator.ts";

/** What the story is played with. */
export interface StoryOptions {
  /** Root of the repository. */
  readonly root: string;
  readonly narrator: Narrator;
  /** A sandbox with registries for `quay.io` and for the mirror. */
  readonly sandbox: Sandbox;
  readonly cluster: KubeClient;
  readonly registries: RegistryClient;
  readonly makeBase: () => Promise<BaseImage>;
  readonly signal: AbortSignal;
}

/** The outcome: every image of the story, and what the cluster was found to use. */
export interface StoryResult {
  readonly images: readonly ImageRow[];
  readonly uses: readonly VerifiedUse[];
}

/** The host whose images are mirrored. */
export const sourceHost = "quay.io";
/** The name under which the sandbox keeps the mirror; references use its address. */
export const mirrorHost = "mirror";

const PREFIX = `${sourceHost}/package-operator`;
const TAG = "v1.18.2";
const API = "package-operator.run/v1alpha1";
const MANIFEST = "self-bootstrap-job.yaml";
const WAIT_MS = 120_000;

/**
 * Plays the documented story: build a release, serve it as quay.io, mirror what it needs, take quay.io down, install from
 * the mirror, install a package, and verify that nothing came from elsewhere.
 *
 * @throws DemoError, or whatever failed, with what was going on.
 */
export async function playStory(options: StoryOptions): Promise<StoryResult> {
  const { narrator, sandbox, signal } = options;
  const built = await buildAndServe(options);
  const mirror = `${sandbox.registry(mirrorHost).address}/pko-mirror`;
  const { plan, manifest } = await mirrorEverything(options, built, mirror);
  await narrator.step(`Take ${sourceHost} down`, [], () => sandbox.registry(sourceHost).stop());
  await installOperator(options, manifest);
  await installExample(options, built.example);
  const uses = await narrator.step(
    "Prove that everything comes from the mirror",
    ["kubectl package verify cluster --lock mirror.lock.yaml --preflight"],
    () => verifyEverything(options, lockOf(plan)),
  );
  signal.throwIfAborted();
  return { images: imageRows(plan, uses), uses };
}

async function buildAndServe({
  root,
  narrator,
  registries,
  makeBase,
  signal,
}: StoryOptions): Promise<DemoImages> {
  const built = await narrator.step(
    "Build the release images, without Docker",
    [`npm run images -- --registry-prefix ${PREFIX} --tag ${TAG}`],
    async () => buildDemoImages({ root, base: await makeBase(), registryPrefix: PREFIX, tag: TAG }),
  );
  await narrator.step(
    `Put them into a registry that answers as ${sourceHost}`,
    built.images.map(({ reference }) => `skopeo copy --all oci:… docker://${reference}`),
    () => pushDemoImages(built, registries, signal),
  );
  return built;
}

async function mirrorEverything(
  { narrator, registries, signal }: StoryOptions,
  built: DemoImages,
  mirror: string,
): Promise<{ plan: MirrorPlan; manifest: string }> {
  const { bootstrapManifest } = built.release;
  const open: RegistryClient["repository"] = (registry, name) => registries.repository(registry, name);
  return narrator.step(
    "Mirror everything that the bootstrap manifest and an example package need, and rewrite the manifest",
    [
      `kubectl package mirror ${MANIFEST} ${built.example} --to ${mirror} \\`,
      `    --lock mirror.lock.yaml --rewrite ${MANIFEST} -o job.yaml`,
    ],
    async () => {
      const roots = await readSource("-", {
        cwd: ".",
        readStdin: () => Promise.resolve(bootstrapManifest),
        signal,
      });
      const example: ImageRequest = {
        reference: built.example,
        isPackage: true,
        reason: { kind: "source", in: built.example },
      };
      const closure = await computeClosure(
        { ...roots, requests: [...roots.requests, example] },
        { open, signal },
      );
      const rules = suggestRules(
        closure.images.flatMap(({ references }) => references),
        mirror,
      );
      const plan = await planMirror(closure, { rules, openTarget: open, signal });
      for (const { entry, error } of await applyPlan(plan, { openSource: open, openTarget: open, signal })) {
        if (error !== undefined) throw error;
        narrator.note(`copied ${entry.target}@${entry.digest.slice(0, 19)}…`);
      }
      narrator.note(`rules: ${plan.overrides}`);
      return { plan, manifest: rewriteManifest(bootstrapManifest, rules, MANIFEST).text };
    },
  );
}

async function installOperator({ narrator, cluster, signal }: StoryOptions, manifest: string): Promise<void> {
  await narrator.step("Apply the rewritten manifest", ["kubectl apply -f job.yaml"], () =>
    applyManifest(cluster, manifest, signal),
  );
  const crd = {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    name: "clusterpackages.package-operator.run",
  };
  await narrator.step(
    "The bootstrap Job installs the custom resources",
    [`kubectl wait --for=create crd/${crd.name}`],
    () =>
      whileJobRuns(
        cluster,
        signal,
        waitForCondition(cluster, crd, "Established", { timeoutMs: WAIT_MS, signal }),
      ),
  );
  await narrator.step(
    "… and the operator, which then takes over",
    ["kubectl wait --for=condition=Available clusterpackage/package-operator"],
    () =>
      waitForCondition(
        cluster,
        { apiVersion: API, kind: "ClusterPackage", name: "package-operator" },
        "Available",
        { timeoutMs: WAIT_MS, signal },
      ),
  );
}

/** Fails as soon as the Job gives up, with the last words of its Pod, instead of waiting for nothing. */
async function whileJobRuns(cluster: KubeClient, signal: AbortSignal, wait: Promise<void>): Promise<void> {
  const stop = new AbortController();
  const job = {
    apiVersion: "batch/v1",
    kind: "Job",
    namespace: "package-operator-system",
    name: "package-operator-bootstrap",
  };
  const failed = waitForCondition(cluster, job, "Failed", {
    timeoutMs: WAIT_MS * 2,
    signal: AbortSignal.any([signal, stop.signal]),
  }).then(() => {
    throw new DemoError(
      "the bootstrap Job failed: see `kubectl logs -n package-operator-system job/package-operator-bootstrap`",
    );
  });
  try {
    await Promise.race([wait, failed]);
  } finally {
    stop.abort();
    // Ends with the abort; nobody waits for it any more.
    failed.catch(() => undefined);
  }
}

async function installExample({ narrator, cluster, signal }: StoryOptions, image: string): Promise<void> {
  const name = "hello";
  const object = { apiVersion: API, kind: "ClusterPackage", metadata: { name }, spec: { image } };
  await narrator.step(
    "Install a package under its original name; pull and images go through the rules",
    ["kubectl apply -f hello.yaml", `kubectl wait --for=condition=Available clusterpackage/${name}`],
    async () => {
      await cluster.apply(object, { fieldManager: "kubectl", signal });
      const ref = { apiVersion: API, kind: "ClusterPackage", name };
      await waitForCondition(cluster, ref, "Available", { timeoutMs: WAIT_MS, signal });
      narrator.note(`spec.image: ${image}`);
    },
  );
}

async function verifyEverything(
  { cluster, registries, signal }: StoryOptions,
  lock: MirrorLock,
): Promise<readonly VerifiedUse[]> {
  const job = {
    apiVersion: "batch/v1",
    kind: "Job",
    namespace: "package-operator-system",
    name: "package-operator-bootstrap",
  };
  await waitFor(cluster, job, (object) => object === undefined, { timeoutMs: WAIT_MS, signal });
  const { uses } = await collectClusterImages(cluster, { signal });
  const { rules } = parsePrefixOverrides(lock.overrides);
  const verified = await checkUses(verifyImageUses(uses, { rules, lock: lock.images }), {
    open: (registry, repository) => registries.repository(registry, repository),
    signal,
  });
  const bad = verified.filter(({ finding }) => finding !== undefined);
  if (bad.length > 0) {
    throw new DemoError(
      `not everything comes from the mirror: ${bad.map(({ finding }) => finding!.message).join("; ")}`,
    );
  }
  return verified;
}

/** Where `--keep` writes the kubeconfig. */
export function kubeconfigPath(root: string): string {
  return path.join(root, "dist", "demo", "kubeconfig");
}
