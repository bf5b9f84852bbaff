import {
  createPrefixMatcher,
  parsePrefixOverrides,
  type PrefixRule,
  withDigest,
} from "@package-operator/image";
import { isOciError } from "@package-operator/oci";
import { bootstrapRequests, bootstrapRules } from "./bootstrap-job.ts";
import { missingContent } from "./check-mirror.ts";
import {
  type Closure,
  type ClosureImage,
  type ClosureReason,
  computeClosure,
  type ImageRequest,
  type OpenSource,
} from "./closure.ts";
import type { ImageUse } from "./cluster-images.ts";
import { MirrorError } from "./errors.ts";
import type { MirrorLock } from "./lock.ts";
import { type VerifiedUse, verifyImageUses } from "./verify-cluster.ts";

/** What installing a manifest will fetch. */
export interface PreflightResult {
  /** The rules that the manifest carries. */
  readonly rules: readonly PrefixRule[];
  readonly uses: readonly VerifiedUse[];
}

/**
 * Walks to everything that a bootstrap manifest will make a cluster fetch, as the cluster will do it: at the mirror, after
 * the rules that the manifest carries. Each image is judged as `verifyImageUses` does, and has the finding
 * `missing-in-mirror` where the mirror lacks it or a part of it.
 */
export async function preflightManifest(
  text: string,
  file: string,
  options: { readonly open: OpenSource; readonly signal?: AbortSignal | undefined },
): Promise<PreflightResult> {
  const rules = bootstrapRules(text, file);
  const matcher = createPrefixMatcher(rules);
  const problems = new Map<string, string>();
  const seen: ImageRequest[] = [];
  // The node fetches the Job's image as it is written, before any rule counts.
  const locate = (request: ImageRequest): string => {
    seen.push(request);
    const { finding } = judge(request, rules);
    // What does not come from the mirror is a finding as it is; nobody else is asked for it.
    if (finding !== undefined)
      throw new MirrorError("source", finding.message, { subject: request.reference });
    return isNodePull(request.reason) ? request.reference : matcher.replace(request.reference);
  };
  const keyOf = ({ reference, digest }: ImageRequest): string => `${reference} ${digest ?? ""}`;
  const { open, signal } = options;
  const closure = await computeClosure(
    { requests: bootstrapRequests(text, file) },
    {
      open,
      signal,
      locate,
      onProblem: (request, error) => problems.set(keyOf(request), error.message),
    },
  );
  const incomplete = new Map<string, string>();
  const checkParts = async ({ registry, repository, digest }: ClosureImage): Promise<void> => {
    const source = open(registry, repository);
    const problem = await describeMissing(() => missingContent(source, digest, { signal }));
    if (problem !== undefined) incomplete.set(digest, `${source.name}: ${problem}`);
  };
  await Promise.all(closure.images.map(checkParts));
  const uses = seen.map((request): VerifiedUse => {
    const digest = request.digest ?? digestOf(closure, request.reference);
    const problem = problems.get(keyOf(request)) ?? incomplete.get(digest ?? "");
    const use = judge(request, rules);
    if (problem === undefined || use.finding !== undefined) return use;
    return { ...use, finding: { code: "missing-in-mirror", message: problem } };
  });
  return { rules, uses };
}

function digestOf({ images }: Closure, reference: string): string | undefined {
  return images.find(({ references }) => references.includes(reference))?.digest;
}

function judge({ reference, digest, reason }: ImageRequest, rules: readonly PrefixRule[]): VerifiedUse {
  const role = isNodePull(reason) ? "workload" : "planned";
  const use = verifyImageUses([plannedUse(reference, reason, role)], { rules })[0]!;
  const isPinned = digest !== undefined && use.finding === undefined;
  return isPinned ? { ...use, digest, resolved: withDigest(use.resolved, digest) } : use;
}

async function describeMissing(check: () => Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await check();
  } catch (error) {
    if (isOciError(error)) return error.message;
    throw error;
  }
}

function isNodePull({ kind }: ClosureReason): boolean {
  return kind === "bootstrap" || kind === "config";
}

/** What a lock says that the cluster may fetch; to be asked for like everything else. */
export function lockedUses(lock: MirrorLock, file: string): VerifiedUse[] {
  const { rules } = parsePrefixOverrides(lock.overrides);
  const uses = lock.images.map(({ target, digest }) =>
    plannedUse(`${target}@${digest}`, { kind: "lock", in: file }, "locked"),
  );
  return verifyImageUses(uses, { rules, lock: lock.images });
}

/** An image that nothing in the cluster names yet. */
function plannedUse(
  image: string,
  { kind, in: place, component, name = "" }: ClosureReason,
  role: ImageUse["role"],
): ImageUse {
  return {
    apiVersion: "",
    kind: "File",
    namespace: "",
    objectName: place,
    path: component === undefined ? kind : `${kind} of component ${component}`,
    name,
    image,
    role,
    owners: [],
    pullSecrets: [],
    serviceAccount: "",
  };
}
