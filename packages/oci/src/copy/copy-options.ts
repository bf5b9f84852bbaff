import type { UploadSessions } from "../content.ts";
import type { Digest } from "../digest.ts";
import type { Descriptor } from "../manifest.ts";
import type { CopyRun } from "./copy-run.ts";

/** What happened to one blob or manifest of a copy; `image` is the image that asked for it. */
export type CopyEvent =
  | {
      readonly type: "blob";
      readonly image: string;
      readonly descriptor: Descriptor;
      readonly outcome: "present" | "mounted" | "written" | "shared";
    }
  | {
      readonly type: "manifest";
      readonly image: string;
      readonly descriptor: Descriptor;
      readonly outcome: "present" | "written";
    }
  | { readonly type: "tag"; readonly image: string; readonly tag: string; readonly digest: Digest }
  /** Bytes that reached the target; negative when they have to be sent again. */
  | { readonly type: "bytes"; readonly image: string; readonly count: number }
  | {
      readonly type: "retry";
      readonly image: string;
      readonly descriptor: Descriptor;
      readonly reason: string;
    };

/** Options of {@link copyImage}. */
export interface CopyOptions {
  /** Tag or digest at the source. With a digest, a complete image at the target costs no source request. */
  readonly reference: string;
  /** Tags to set at the target when everything else is there. Default: the reference, if it is a tag. */
  readonly tags?: readonly string[] | undefined;
  /** Shared by the copies of one run, so that each digest moves once per target store. Default: a run of its own. */
  readonly run?: CopyRun | undefined;
  /**
   * Whether an image that the target has is walked to its blobs and repaired (`deep`) or believed (`shallow`).
   * Default: `deep`.
   */
  readonly check?: "deep" | "shallow" | undefined;
  /** Copies what refers to the image and to its children: referrers, and cosign's `.sig`, `.att` and `.sbom` tags. Default: false. */
  readonly referrers?: boolean | undefined;
  /** Another repository of the target's store that has a blob, as far as is known; it is linked from there. */
  readonly mountFrom?: ((digest: Digest) => string | undefined) | undefined;
  /** Continues blob uploads that an earlier process began. */
  readonly sessions?: UploadSessions | undefined;
  /** Repetitions of a blob whose content arrived damaged or whose transfer broke for good. Default: 2. */
  readonly blobRetries?: number | undefined;
  readonly onEvent?: ((event: CopyEvent) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What a copy did. */
export interface CopyResult {
  readonly digest: Digest;
  readonly mediaType: string;
  /** `present` when nothing but tags had to be written. */
  readonly outcome: "present" | "copied";
  readonly blobs: {
    readonly present: number;
    readonly mounted: number;
    readonly written: number;
    readonly shared: number;
  };
  readonly manifests: { readonly present: number; readonly written: number };
  /** Manifests that were copied because they refer to the image or its children. */
  readonly referrers: readonly Digest[];
  /** Bytes of blobs and manifests that were sent. */
  readonly bytes: number;
}
