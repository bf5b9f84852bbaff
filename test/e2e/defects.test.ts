import { describe } from "vitest";
import { objectSetDefects } from "../scenarios/defects-object-sets.ts";
import { packageDefects } from "../scenarios/defects-packages.ts";
import { rolloutDefects } from "../scenarios/defects-rollouts.ts";
import { withSandbox } from "./with-sandbox.ts";

describe("object sets in trouble on the sandbox", () => {
  objectSetDefects(withSandbox());
});

describe("roll-outs in trouble on the sandbox", () => {
  rolloutDefects(withSandbox());
});

describe("packages in trouble on the sandbox", () => {
  packageDefects(withSandbox());
});
