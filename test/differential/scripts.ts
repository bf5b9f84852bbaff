import { applyScripts } from "./scripts/apply.ts";
import { crdScripts } from "./scripts/custom-resources.ts";
import { kindScripts } from "./scripts/kinds.ts";
import { objectScripts } from "./scripts/objects.ts";
import { patchScripts } from "./scripts/patches.ts";
import { workloadScripts } from "./scripts/workloads.ts";
import type { Answer, Call } from "./peer.ts";

/** A step: a request, or one made from the answers before it. */
export type Step = Call | ((answers: readonly Answer[]) => Call);

/** Requests in a namespace of their own, whose name stands for `NS` in paths and bodies. */
export type Script = readonly Step[];

/** All scripts by name. */
export const scripts: Readonly<Record<string, Script>> = {
  ...objectScripts,
  ...patchScripts,
  ...applyScripts,
  ...crdScripts,
  ...workloadScripts,
  ...kindScripts,
};
