import type {
  Condition,
  ControlledObjectReference,
  ObjectDeploymentSpec,
  ObjectDeploymentStatus,
  ObjectMeta,
  ObjectSetObject,
  ObjectSetPhaseSpec,
  ObjectSetPhaseStatus,
  ObjectSetSpec,
  ObjectSetStatus,
  ObjectTemplateSpec,
  ObjectTemplateStatus,
  PackageSpec,
  PackageStatus,
} from "@package-operator/api";

/**
 * An object of one of our kinds in either scope; the scope is in its `kind`. The API allows objects without a spec, but
 * those ask for nothing and the stores do not hand them out.
 */
export interface Resource<Spec, Status> {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec: Spec;
  status?: Status;
}

/** A Package or ClusterPackage. */
export type PackageResource = Resource<PackageSpec, PackageStatus>;

/** An ObjectDeployment or ClusterObjectDeployment. */
export type ObjectDeployment = Resource<ObjectDeploymentSpec, ObjectDeploymentStatus>;

/** An ObjectSet or ClusterObjectSet. */
export type ObjectSet = Resource<ObjectSetSpec, ObjectSetStatus>;

/** An ObjectSetPhase or ClusterObjectSetPhase. */
export type ObjectSetPhase = Resource<ObjectSetPhaseSpec, ObjectSetPhaseStatus>;

/** An ObjectTemplate or ClusterObjectTemplate. */
export type ObjectTemplate = Resource<ObjectTemplateSpec, ObjectTemplateStatus>;

/** An ObjectSlice or ClusterObjectSlice, which has neither spec nor status. */
export interface ObjectSlice {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  objects: ObjectSetObject[];
}

/** Anything that reports conditions. */
export interface Conditioned {
  readonly metadata: ObjectMeta;
  readonly status?: { readonly conditions?: Condition[] };
}

/** An entry of `status.controllerOf`. */
export type ControlledObject = ControlledObjectReference;
