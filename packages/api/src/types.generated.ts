// Written by `npm run generate` from config/crds; changes made here are lost.
import type { EmbeddedObject, JsonValue, ObjectMeta } from "./object.ts";

/** Rolls out changing lists of objects, one ClusterObjectSet per revision. */
export interface ClusterObjectDeployment {
  apiVersion: "package-operator.run/v1alpha1";
  kind: "ClusterObjectDeployment";
  metadata: ObjectMeta;
  /** What to roll out and how. */
  spec?: ObjectDeploymentSpec;
  /** How far it got. */
  status?: ObjectDeploymentStatus;
}

/** Rolls out a fixed list of objects, phase by phase, in any namespace. */
export interface ClusterObjectSet {
  apiVersion: "package-operator.run/v1alpha1";
  kind: "ClusterObjectSet";
  metadata: ObjectMeta;
  /** What to roll out. */
  spec?: ObjectSetSpec;
  /** How far it got. */
  status?: ObjectSetStatus;
}

/** One phase of a ClusterObjectSet, for the phase manager that its class label names. */
export interface ClusterObjectSetPhase {
  apiVersion: "package-operator.run/v1alpha1";
  kind: "ClusterObjectSetPhase";
  metadata: ObjectMeta;
  /** What to roll out. */
  spec?: ObjectSetPhaseSpec;
  /** How far it got. */
  status?: ObjectSetPhaseStatus;
}

/** Stores part of the objects of a big ClusterObjectSet. */
export interface ClusterObjectSlice {
  apiVersion: "package-operator.run/v1alpha1";
  kind: "ClusterObjectSlice";
  metadata: ObjectMeta;
  /** Objects of the slice. */
  objects: ObjectSetObject[];
}

/** Renders an object from values of other objects, in any namespace, and keeps it up to date. */
export interface ClusterObjectTemplate {
  apiVersion: "package-operator.run/v1alpha1";
  kind: "ClusterObjectTemplate";
  metadata: ObjectMeta;
  /** What to render, from what. */
  spec?: ObjectTemplateSpec;
  /** What became of it. */
  status?: ObjectTemplateStatus;
}

/** Installs a package from a container image into the cluster. */
export interface ClusterPackage {
  apiVersion: "package-operator.run/v1alpha1";
  kind: "ClusterPackage";
  metadata: ObjectMeta;
  /** What to install. */
  spec?: PackageSpec;
  /** What became of it. */
  status?: PackageStatus;
}

/** One observation about the object. */
export interface Condition {
  /** What the condition is about; types with a prefix and a slash are mapped from managed objects. */
  type: string;
  /** Whether it holds. */
  status: "True" | "False" | "Unknown";
  /** Why, as one word for programs. */
  reason: string;
  /** Why, for people; may be empty. */
  message: string;
  /** When the status last changed. */
  lastTransitionTime: string;
  /** Generation of the object that the condition was computed for. */
  observedGeneration?: number;
}

/** Reports a condition of a managed object on its owners. */
export interface ConditionMapping {
  /** Condition type on the managed object. */
  sourceType: string;
  /** Condition type to report it as, with a prefix and a slash. */
  destinationType: string;
}

/** An object that is controlled by the one whose status names it. */
export interface ControlledObjectReference {
  /** Kind of the object. */
  kind: string;
  /** API group of the object, empty for the core group. */
  group: string;
  /** API version of the object; often left empty. */
  version: string;
  /** Name of the object. */
  name: string;
  /** Namespace of the object, absent for cluster-scoped ones. */
  namespace?: string;
}

/** Installs a package for every hosted cluster of HyperShift. Experimental. */
export interface HostedClusterPackage {
  apiVersion: "package-operator.run/v1alpha1";
  kind: "HostedClusterPackage";
  metadata: ObjectMeta;
  /** What to install where. */
  spec?: HostedClusterPackageSpec;
  /** How far it got. */
  status?: HostedClusterPackageStatus;
}

/** Updates hosted clusters in groups, one after another. */
export interface HostedClusterPackagePartition {
  /** Label of hosted clusters whose value names their partition. */
  labelKey: string;
  /** Which partition comes when. */
  order?: {
    /** Partitions by name, in order; * stands for all that are not named. */
    static?: string[];
    /** Partitions by name, ascending. */
    alphanumericAsc?: Record<string, never>;
  };
}

/** The numbers of one partition. */
export interface HostedClusterPackagePartitionStatus {
  /** Name of the partition. */
  name: string;
  /** Generation that the numbers were computed for. */
  observedGeneration?: number;
  /** Packages that are available. */
  availablePackages?: number;
  /** Packages that have finished their roll-out. */
  progressedPackages?: number;
  /** Packages that match the template. */
  updatedPackages?: number;
  /** Packages there should be. */
  totalPackages?: number;
}

/** A package that is being updated. */
export interface HostedClusterPackageReference {
  /** Uid of the package. */
  uid: string;
  /** Name of the package. */
  name: string;
  /** Namespace of the package. */
  namespace?: string;
}

/** What to install where. */
export interface HostedClusterPackageSpec {
  /** How to bring packages to a new template. Default: `{"instant":{}}`. */
  strategy: HostedClusterPackageStrategy;
  /** Picks the hosted clusters; empty picks all. */
  hostedClusterSelector?: LabelSelector;
  /** Template of the packages. */
  template: PackageTemplate;
  /** Updates hosted clusters in groups, one after another. */
  partition?: HostedClusterPackagePartition;
}

/** How far it got. */
export interface HostedClusterPackageStatus {
  /** Available, Progressing and HasPausedPackage. */
  conditions?: Condition[];
  /** Generation that the numbers were computed for. */
  observedGeneration?: number;
  /** Packages that are available. */
  availablePackages?: number;
  /** Packages that have finished their roll-out. */
  progressedPackages?: number;
  /** Packages that match the template. */
  updatedPackages?: number;
  /** Packages there should be. */
  totalPackages?: number;
  /** The numbers of each partition. */
  partitions?: HostedClusterPackagePartitionStatus[];
  /** Packages that are being updated. */
  processing?: HostedClusterPackageReference[];
}

/** How to bring packages to a new template. Default: `{"instant":{}}`. */
export interface HostedClusterPackageStrategy {
  /** Updates every package at once. Wins when both are given. */
  instant?: Record<string, never>;
  /** Updates packages a few at a time. */
  rollingUpgrade?: {
    /** How many packages may be unavailable at a time. Default: `1`. */
    maxUnavailable: number;
  };
}

/** Picks objects by their labels; empty picks all. */
export interface LabelSelector {
  /** Labels an object must have, with these values. */
  matchLabels?: Record<string, string>;
  /** Requirements an object must meet, all of them. */
  matchExpressions?: LabelSelectorRequirement[];
}

/** One requirement on a label. */
export interface LabelSelectorRequirement {
  /** Label the requirement is about. */
  key: string;
  /** In, NotIn, Exists or DoesNotExist. */
  operator: string;
  /** Values for In and NotIn. */
  values?: string[];
}

/** Rolls out changing lists of objects, one ObjectSet per revision. */
export interface ObjectDeployment {
  apiVersion: "package-operator.run/v1alpha1";
  kind: "ObjectDeployment";
  metadata: ObjectMeta;
  /** What to roll out and how. */
  spec?: ObjectDeploymentSpec;
  /** How far it got. */
  status?: ObjectDeploymentStatus;
}

/** What to roll out and how. */
export interface ObjectDeploymentSpec {
  /** Picks the sets that belong to this deployment. */
  selector: LabelSelector;
  /** Template of the sets. */
  template: ObjectSetTemplate;
  /** How many archived sets to keep. Default: `10`. */
  revisionHistoryLimit?: number;
  /** Stops rolling out and pauses the sets. */
  paused?: boolean;
}

/** How far it got. */
export interface ObjectDeploymentStatus {
  /** Available, Progressing, Paused and mapped conditions. */
  conditions?: Condition[];
  /** Revision of the newest set. */
  revision?: number;
  /** Hash of the template; part of the name of the set made from it. */
  templateHash?: string;
  /** How often that name was taken by something else. */
  collisionCount?: number;
  /** Sets of the deployment. */
  controllerOf?: ControlledObjectReference[];
}

/** Rolls out a fixed list of objects, phase by phase. */
export interface ObjectSet {
  apiVersion: "package-operator.run/v1alpha1";
  kind: "ObjectSet";
  metadata: ObjectMeta;
  /** What to roll out. */
  spec?: ObjectSetSpec;
  /** How far it got. */
  status?: ObjectSetStatus;
}

/** An object to manage, and how. */
export interface ObjectSetObject {
  /** The manifest as it is applied. */
  object: EmbeddedObject;
  /**
   * What to do when the object exists and belongs to nobody known. Prevent leaves it alone and reports
   * the collision, IfNoController takes it over unless it has a controller, None always takes it over.
   * Default: `"Prevent"`.
   */
  collisionProtection?: string;
  /** Conditions of the object to report on its owners. */
  conditionMappings?: ConditionMapping[];
}

/** One phase of an ObjectSet, for the phase manager that its class label names. */
export interface ObjectSetPhase {
  apiVersion: "package-operator.run/v1alpha1";
  kind: "ObjectSetPhase";
  metadata: ObjectMeta;
  /** What to roll out. */
  spec?: ObjectSetPhaseSpec;
  /** How far it got. */
  status?: ObjectSetPhaseStatus;
}

/** What to roll out. */
export interface ObjectSetPhaseSpec {
  /** Only report, change nothing. The one field that may change. */
  paused?: boolean;
  /** Revision of the set the phase belongs to. */
  revision: number;
  /** Sets whose objects this phase may take over. */
  previous?: PreviousRevisionReference[];
  /** Checks that tell whether objects are available. */
  availabilityProbes?: ObjectSetProbe[];
  /** Objects of the phase. */
  objects: ObjectSetObject[];
}

/** How far it got. */
export interface ObjectSetPhaseStatus {
  /** Available, Paused and mapped conditions. */
  conditions?: Condition[];
  /** Objects that the phase controls. */
  controllerOf?: ControlledObjectReference[];
}

/** Checks that tell whether objects are available. */
export interface ObjectSetProbe {
  /** Which objects to check. */
  selector: ProbeSelector;
  /** Checks that each selected object must pass. */
  probes: Probe[];
}

/** What to roll out. */
export interface ObjectSetSpec {
  /**
   * Active keeps the objects as they should be, Paused only reports, Archived removes them for good.
   * Default: `"Active"`.
   */
  lifecycleState?: "Active" | "Paused" | "Archived";
  /** Revision of the set, counted from 1. May be given once. */
  revision?: number;
  /** Sets whose objects this one may take over. */
  previous?: PreviousRevisionReference[];
  /** Phases in the order of their roll-out; tear-down goes the other way. */
  phases?: ObjectSetTemplatePhase[];
  /** Checks that tell whether objects are available. A phase is done when all its objects pass. */
  availabilityProbes?: ObjectSetProbe[];
  /** Seconds that the set must stay available before it counts as succeeded. */
  successDelaySeconds?: number;
}

/** How far it got. */
export interface ObjectSetStatus {
  /** Available, Paused, Archived, Succeeded, InTransition and mapped conditions. */
  conditions?: Condition[];
  /** Deprecated copy of spec.revision, for older clients. */
  revision?: number;
  /** Phase objects made for phases with a class. */
  remotePhases?: RemotePhaseReference[];
  /** Objects that the set controls. */
  controllerOf?: ControlledObjectReference[];
}

/** Template of the sets. */
export interface ObjectSetTemplate {
  /** Metadata for new sets; only the labels count. */
  metadata: TemplateMetadata;
  /** What new sets roll out. */
  spec: ObjectSetTemplateSpec;
}

/** Objects that are rolled out together, after the phases before have succeeded. */
export interface ObjectSetTemplatePhase {
  /** Name of the phase, unique within the set. */
  name: string;
  /**
   * Who handles the phase. Empty: the set itself. default: the phase controller of this cluster. Any
   * other value: a phase manager outside, such as hosted-cluster.
   */
  class?: string;
  /** Objects of the phase. */
  objects?: ObjectSetObject[];
  /** Names of slices that hold further objects of the phase. */
  slices?: string[];
}

/** What new sets roll out. */
export interface ObjectSetTemplateSpec {
  /** Phases in the order of their roll-out; tear-down goes the other way. */
  phases?: ObjectSetTemplatePhase[];
  /** Checks that tell whether objects are available. A phase is done when all its objects pass. */
  availabilityProbes?: ObjectSetProbe[];
  /** Seconds that the set must stay available before it counts as succeeded. */
  successDelaySeconds?: number;
}

/** Stores part of the objects of a big ObjectSet. */
export interface ObjectSlice {
  apiVersion: "package-operator.run/v1alpha1";
  kind: "ObjectSlice";
  metadata: ObjectMeta;
  /** Objects of the slice. */
  objects: ObjectSetObject[];
}

/** Renders an object from values of other objects and keeps it up to date. */
export interface ObjectTemplate {
  apiVersion: "package-operator.run/v1alpha1";
  kind: "ObjectTemplate";
  metadata: ObjectMeta;
  /** What to render, from what. */
  spec?: ObjectTemplateSpec;
  /** What became of it. */
  status?: ObjectTemplateStatus;
}

/** An object to read values from. */
export interface ObjectTemplateSource {
  /** API version of the source. */
  apiVersion: string;
  /** Kind of the source. */
  kind: string;
  /** Name of the source. */
  name: string;
  /** Namespace of the source. */
  namespace?: string;
  /** Values to copy from the source. */
  items: ObjectTemplateSourceItem[];
  /** Render without the source while it does not exist. */
  optional?: boolean;
}

/** One value to copy. */
export interface ObjectTemplateSourceItem {
  /** JSONPath of the value in the source. */
  key: string;
  /** Where it goes below .config, as a path with a leading dot. */
  destination: string;
}

/** What to render, from what. */
export interface ObjectTemplateSpec {
  /** Go template text that renders to one manifest. */
  template: string;
  /** Objects to read values from; may be empty. */
  sources: ObjectTemplateSource[];
}

/** What became of it. */
export interface ObjectTemplateStatus {
  /** package-operator.run/Invalid, and the conditions of the rendered object. */
  conditions?: Condition[];
  /** The rendered object; its members are empty texts before it exists. */
  controllerOf?: ControlledObjectReference;
}

/** Installs a package from a container image into a namespace. */
export interface Package {
  apiVersion: "package-operator.run/v1alpha1";
  kind: "Package";
  metadata: ObjectMeta;
  /** What to install. */
  spec?: PackageSpec;
  /** What became of it. */
  status?: PackageStatus;
}

/** What to install. */
export interface PackageSpec {
  /** Container image that holds the package. */
  image: string;
  /** Configuration, checked against the schema in the manifest of the package. */
  config?: Record<string, JsonValue>;
  /** Component to install from a package that has several. */
  component?: string;
  /** Stops changing this package and everything below it. */
  paused?: boolean;
}

/** What became of it. */
export interface PackageStatus {
  /** Available, Progressing, Unpacked, Invalid, Paused and mapped conditions. */
  conditions?: Condition[];
  /** Hash of the spec that was last unpacked. */
  unpackedHash?: string;
  /** Revision that the deployment of the package is at. */
  revision?: number;
}

/** Template of the packages. */
export interface PackageTemplate {
  /** Metadata for the packages; only labels and annotations count. */
  metadata?: TemplateMetadata;
  /** What to install. */
  spec: PackageSpec;
}

/** A set of an earlier revision. */
export interface PreviousRevisionReference {
  /** Name of the set. */
  name: string;
}

/** One check. Only one of the members should be given. */
export interface Probe {
  /** Passes when a condition of the object has the wanted status. */
  condition?: {
    /** Condition type to look for. */
    type: string;
    /** Status it must have. Default: `"True"`. */
    status: string;
  };
  /** Passes when two fields of the object are equal. */
  fieldsEqual?: {
    /** Path of the first field, such as .spec.replicas. */
    fieldA: string;
    /** Path of the second field. */
    fieldB: string;
  };
  /** Passes when a CEL expression is true. */
  cel?: {
    /** CEL expression over self, the object. */
    rule: string;
    /** What to report when the expression is false. */
    message: string;
  };
}

/** Which objects to check. */
export interface ProbeSelector {
  /** Kind of the objects to check. */
  kind: {
    /** API group, empty for the core group. */
    group: string;
    /** Kind of the objects. */
    kind: string;
  };
  /** Further restricts the objects by their labels. */
  selector?: LabelSelector;
}

/** A phase object made for a phase with a class. */
export interface RemotePhaseReference {
  /** Name of the phase object. */
  name: string;
  /** Its uid. */
  uid: string;
}

/** Metadata for what is made from a template. */
export interface TemplateMetadata {
  /** Ignored. */
  name?: string;
  /** Ignored. */
  namespace?: string;
  /** Labels for what is made from the template. */
  labels?: Record<string, string>;
  /** Annotations for what is made from the template. */
  annotations?: Record<string, string>;
  /** Ignored. */
  finalizers?: string[];
}
