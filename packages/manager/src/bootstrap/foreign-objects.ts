import type { ApiObject } from "@package-operator/kube";

/** A Deployment, as far as the bootstrap looks at it. */
export interface DeploymentObject extends ApiObject {
  readonly spec?: { readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> } };
  readonly status?: { readonly availableReplicas?: number; readonly updatedReplicas?: number };
}

/** A Pod, as far as the bootstrap looks at it. */
export interface PodObject extends ApiObject {
  readonly status?: {
    readonly containerStatuses?: readonly {
      readonly image: string;
      readonly state?: { readonly waiting?: { readonly reason?: string; readonly message?: string } };
    }[];
  };
}

/** A CustomResourceDefinition, as far as the bootstrap looks at it. */
export interface CrdObject extends ApiObject {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly { readonly name: string; readonly served: boolean }[];
  };
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}
