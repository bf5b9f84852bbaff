import { annotations, installation, labels } from "@package-operator/api";
import type { KubeObject } from "@package-operator/kube";
import { RolloutError } from "./errors.ts";
import { formatQualifiedObject } from "./identity.ts";
import { controllerOf, isSameOwner } from "./owner.ts";
import type { Revision } from "./revision-context.ts";

/**
 * What to do with an object that exists:
 * `own` it is ours already; `adopt` take it over; `leave` a newer revision has it; `refuse` it is somebody else's.
 */
export type Adoption =
  | { readonly verdict: "own" | "adopt" | "leave" }
  | { readonly verdict: "refuse"; readonly message: string };

/** How a manifest wants existing objects to be treated; unknown texts count as `Prevent`. */
export type CollisionProtection = "Prevent" | "IfNoController" | "None";

/** The revision number an object carries; 0 without one. Throws `RolloutError` `revision` for anything but a number. */
export function revisionOf(live: KubeObject): number {
  const text = live.metadata.annotations?.[annotations.revision] ?? "";
  if (text === "") return 0;
  if (!/^[+-]?\d+$/.test(text)) {
    throw new RolloutError(
      "revision",
      `getting revision of ${formatQualifiedObject(live)}: "${text}" is not a number`,
    );
  }
  return Number(text);
}

/** Decides about an existing object, in the order in which the Go operator asks. */
export async function decideAdoption(
  live: KubeObject,
  protection: string,
  revision: Revision,
): Promise<Adoption> {
  const controller = controllerOf(revision.ownership, live);
  if (controller !== undefined && isSameOwner(controller, revision.owner)) return { verdict: "own" };
  const liveRevision = revisionOf(live);
  const ofSibling = controller !== undefined && (await revision.isSibling(controller));
  if (liveRevision > revision.number && ofSibling) return { verdict: "leave" };
  if (revision.forceAdoption || isPartOfPackageOperator(live) || protection === "None") {
    return { verdict: "adopt" };
  }
  if (protection === "IfNoController" && controller === undefined) return { verdict: "adopt" };
  if (!ofSibling) {
    return refuse(`object ${formatQualifiedObject(live)} not owned by previous revision`);
  }
  if (liveRevision === revision.number) {
    return refuse(`revision collision on ${formatQualifiedObject(live)}`);
  }
  return { verdict: "adopt" };
}

/** Whatever an earlier installation of the operator left behind may be taken over by the next one. */
function isPartOfPackageOperator(live: KubeObject): boolean {
  return live.metadata.labels?.[labels.package] === installation.clusterPackage;
}

function refuse(reason: string): Adoption {
  return { verdict: "refuse", message: `refusing adoption, ${reason}` };
}
