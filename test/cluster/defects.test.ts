import { describe } from "vitest";
import { objectSetDefects } from "../scenarios/defects-object-sets.ts";
import { packageDefects } from "../scenarios/defects-packages.ts";
import { rolloutDefects } from "../scenarios/defects-rollouts.ts";

const { KUBECONFIG } = process.env;

describe.skipIf(!KUBECONFIG)("object sets in trouble on a real API server", () => {
  objectSetDefects(() => KUBECONFIG!);
});

describe.skipIf(!KUBECONFIG)("roll-outs in trouble on a real API server", () => {
  rolloutDefects(() => KUBECONFIG!);
});

describe.skipIf(!KUBECONFIG)("packages in trouble on a real API server", () => {
  packageDefects(() => KUBECONFIG!);
});
