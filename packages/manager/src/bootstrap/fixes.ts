import type { KubeClient } from "@package-operator/kube";
import { at } from "../errors.ts";
import type { StepOptions } from "./cluster-package.ts";
import { controllerOfVersionFix } from "./fix-controller-of-version.ts";
import { crdPluralizationFix } from "./fix-crd-pluralization.ts";
import { droppedRevisionFix } from "./fix-dropped-revision.ts";

/** A repair of what an older release left behind; running it again changes nothing. */
export interface Fix {
  /** As the Go operator calls it in errors and logs. */
  readonly name: string;
  applies(client: KubeClient, options: StepOptions): Promise<boolean>;
  run(client: KubeClient, options: StepOptions): Promise<void>;
}

/** Repairs whatever older releases left behind, in order. */
export async function runFixes(client: KubeClient, options: StepOptions): Promise<void> {
  for (const fix of [crdPluralizationFix, controllerOfVersionFix, droppedRevisionFix]) {
    const applicable = await fix.applies(client, options).catch((error: unknown) => {
      throw at("bootstrap", `fix: check failed for fix ${fix.name}`, error);
    });
    options.logger.info("checked", { fix: fix.name, applicable });
    if (!applicable) continue;
    await fix.run(client, options).catch((error: unknown) => {
      throw at("bootstrap", `fix: fix failed for fix ${fix.name}`, error);
    });
    options.logger.info("executed", { fix: fix.name });
  }
}
