import type {
  ClusterObjectDeployment,
  ClusterObjectSet,
  ClusterObjectSetPhase,
  ClusterObjectSlice,
  ClusterObjectTemplate,
  ClusterPackage,
  HostedClusterPackage,
  ObjectDeployment,
  ObjectSet,
  ObjectSetPhase,
  ObjectSlice,
  ObjectTemplate,
  Package,
} from "./types.generated.ts";

/** The API group of every kind. */
export const apiGroup = "package-operator.run";

/** The only version of the API group. */
export const apiVersion = "package-operator.run/v1alpha1";

/** Every kind that an API server with Package Operator's CRDs serves, by name. */
export interface ObjectTypes {
  readonly Package: Package;
  readonly ClusterPackage: ClusterPackage;
  readonly ObjectDeployment: ObjectDeployment;
  readonly ClusterObjectDeployment: ClusterObjectDeployment;
  readonly ObjectSet: ObjectSet;
  readonly ClusterObjectSet: ClusterObjectSet;
  readonly ObjectSetPhase: ObjectSetPhase;
  readonly ClusterObjectSetPhase: ClusterObjectSetPhase;
  readonly ObjectSlice: ObjectSlice;
  readonly ClusterObjectSlice: ClusterObjectSlice;
  readonly ObjectTemplate: ObjectTemplate;
  readonly ClusterObjectTemplate: ClusterObjectTemplate;
  readonly HostedClusterPackage: HostedClusterPackage;
}

/** Name of a kind. */
export type KindName = keyof ObjectTypes;

/** Where objects of a kind live. */
export type Scope = "Namespaced" | "Cluster";

/** What a client needs to know to work with one kind. */
export interface Kind {
  readonly kind: KindName;
  /** Resource name in URLs; the CRD is called `<plural>.package-operator.run`. */
  readonly plural: string;
  readonly scope: Scope;
  /** The kind with the same schema in the other scope; HostedClusterPackage has none. */
  readonly twin?: KindName;
  /** Whether the kind has a status subresource. */
  readonly hasStatus: boolean;
}

/** All kinds, by name. */
export const kinds: { readonly [Name in KindName]: Kind & { readonly kind: Name } } = {
  Package: {
    kind: "Package",
    plural: "packages",
    scope: "Namespaced",
    twin: "ClusterPackage",
    hasStatus: true,
  },
  ClusterPackage: {
    kind: "ClusterPackage",
    plural: "clusterpackages",
    scope: "Cluster",
    twin: "Package",
    hasStatus: true,
  },
  ObjectDeployment: {
    kind: "ObjectDeployment",
    plural: "objectdeployments",
    scope: "Namespaced",
    twin: "ClusterObjectDeployment",
    hasStatus: true,
  },
  ClusterObjectDeployment: {
    kind: "ClusterObjectDeployment",
    plural: "clusterobjectdeployments",
    scope: "Cluster",
    twin: "ObjectDeployment",
    hasStatus: true,
  },
  ObjectSet: {
    kind: "ObjectSet",
    plural: "objectsets",
    scope: "Namespaced",
    twin: "ClusterObjectSet",
    hasStatus: true,
  },
  ClusterObjectSet: {
    kind: "ClusterObjectSet",
    plural: "clusterobjectsets",
    scope: "Cluster",
    twin: "ObjectSet",
    hasStatus: true,
  },
  ObjectSetPhase: {
    kind: "ObjectSetPhase",
    plural: "objectsetphases",
    scope: "Namespaced",
    twin: "ClusterObjectSetPhase",
    hasStatus: true,
  },
  ClusterObjectSetPhase: {
    kind: "ClusterObjectSetPhase",
    plural: "clusterobjectsetphases",
    scope: "Cluster",
    twin: "ObjectSetPhase",
    hasStatus: true,
  },
  ObjectSlice: {
    kind: "ObjectSlice",
    plural: "objectslices",
    scope: "Namespaced",
    twin: "ClusterObjectSlice",
    hasStatus: false,
  },
  ClusterObjectSlice: {
    kind: "ClusterObjectSlice",
    plural: "clusterobjectslices",
    scope: "Cluster",
    twin: "ObjectSlice",
    hasStatus: false,
  },
  ObjectTemplate: {
    kind: "ObjectTemplate",
    plural: "objecttemplates",
    scope: "Namespaced",
    twin: "ClusterObjectTemplate",
    hasStatus: true,
  },
  ClusterObjectTemplate: {
    kind: "ClusterObjectTemplate",
    plural: "clusterobjecttemplates",
    scope: "Cluster",
    twin: "ObjectTemplate",
    hasStatus: true,
  },
  HostedClusterPackage: {
    kind: "HostedClusterPackage",
    plural: "hostedclusterpackages",
    scope: "Cluster",
    hasStatus: true,
  },
};

/** The kind itself where it is in this scope, else its twin. HostedClusterPackage has none and stays as it is. */
export function kindInScope(kind: KindName, scope: Scope): KindName {
  const { scope: own, twin } = kinds[kind];
  return own === scope ? kind : (twin ?? kind);
}
