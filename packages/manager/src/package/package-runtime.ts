import type { HostRule, PrefixMatcher } from "@package-operator/image";
import type { EnvironmentSource } from "../environment/environment-source.ts";
import type { PackagePuller } from "../pull/package-puller.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { UnpackMemory } from "./unpack-memory.ts";

/** What the package controllers work with beside the common things. */
export interface PackageRuntime extends Runtime {
  readonly puller: PackagePuller;
  readonly environment: EnvironmentSource;
  readonly overrides: { readonly prefix: PrefixMatcher; readonly hosts: readonly HostRule[] };
  /** Mixed into the hash of every spec; 0 for none. */
  readonly hashModifier: number;
  readonly memory: UnpackMemory;
}
