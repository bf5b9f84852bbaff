import { parseReference } from "@package-operator/image";
import { isOciError } from "@package-operator/oci";
import type { ClosureOptions, ImageRequest } from "./closure.ts";
import { MirrorError } from "./errors.ts";
import { type ImageTree, readImageTree } from "./image-tree.ts";

/** A request and what it stands for. */
export interface ResolvedRequest {
  readonly request: ImageRequest;
  /** Where the image was found. */
  readonly registry: string;
  readonly repository: string;
  readonly tree: ImageTree;
}

/**
 * Finds the image of a request. A tag that has moved since a lock was written is worth a warning, not more.
 * @throws MirrorError `source`, naming the image, who needs it and what its registry said.
 */
export async function resolveRequest(
  request: ImageRequest,
  { open, signal, locate }: ClosureOptions,
  warnings: Set<string>,
): Promise<ResolvedRequest> {
  const { reference, digest } = request;
  const parsed = parseRequest(request, locate?.(request) ?? reference);
  const { registry, repository } = parsed;
  const source = open(registry, repository);
  try {
    const tree = await readImageTree(source, digest ?? parsed.identifier, { signal });
    if (digest !== undefined && parsed.kind === "tag") {
      const tagged = await source.resolve(parsed.identifier, { signal });
      if (tagged !== undefined && tagged.digest !== digest) {
        warnings.add(
          `${reference} has moved since it was locked: the lock says ${digest}, the tag is at ${tagged.digest} now; ` +
            "the locked one is mirrored",
        );
      }
    }
    return { request, registry, repository, tree };
  } catch (cause) {
    if (!isOciError(cause)) throw cause;
    throw new MirrorError("source", `${describeRequest(request)}: ${cause.message}`, {
      subject: reference,
      cause,
    });
  }
}

function parseRequest(request: ImageRequest, located: string): ReturnType<typeof parseReference> {
  try {
    return parseReference(located);
  } catch (cause) {
    throw new MirrorError("source", `${describeRequest(request)}: ${(cause as Error).message}`, {
      subject: request.reference,
      cause,
    });
  }
}

/** The image and, unless the user named it, who needs it. */
function describeRequest({ reference, digest, reason }: ImageRequest): string {
  const image = digest === undefined ? reference : `${reference} (locked at ${digest})`;
  if (reason.kind === "source") return image;
  const component = reason.component === undefined ? "" : `, component ${reason.component}`;
  return `${image}, needed by ${reason.in}${component}`;
}
