import type { LabNode } from "./lab-node.ts";
import type { BuiltRelease, Mirrored } from "./releases.ts";

/** What the scenarios of the node share; they run in order, each upon what the one before left. */
export interface Story {
  readonly node: LabNode;
  /** Two mirrors with the same content, as `registry/path`. */
  readonly mirror: string;
  readonly secondMirror: string;
  /** This release, and one after it. */
  readonly current: BuiltRelease;
  readonly next: BuiltRelease;
  /** What mirroring this release gave; its manifest installs it. */
  readonly install: Mirrored;
  /** A path in the folder of this run. */
  readonly file: (name: string) => string;
}
