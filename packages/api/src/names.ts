/** Labels that Package Operator sets or reads; tools and running clusters depend on every one of them. */
export const labels = {
  /** Selects an object into the dynamic cache; the value is `cacheLabelValue`. On everything managed or watched. */
  cache: "package-operator.run/cache",
  /** Name from the package manifest. */
  package: "package-operator.run/package",
  /** Name of the Package object that was installed. */
  instance: "package-operator.run/instance",
  /** Name of the deployment an ObjectSet belongs to. */
  objectDeployment: "package-operator.run/object-deployment",
  /** The phase manager that an ObjectSetPhase is meant for. */
  phaseClass: "package-operator.run/phase-class",
  /** Name of the deployment an ObjectSlice belongs to. */
  sliceOwner: "slices.package-operator.run/owner",
} as const;

/** The value of `labels.cache`. */
export const cacheLabelValue = "True";

/** Annotations that reach the cluster. */
export const annotations = {
  /** On managed objects: decimal revision of the set that last owned them; decides who may take them over. */
  revision: "package-operator.run/revision",
  /** On objects of remote phases: JSON list of owners, in place of owner references. */
  owners: "package-operator.run/owners",
  /** On ObjectSets: hash of the template they were made from. */
  hash: "package-operator.run/hash",
  /** On ObjectSets: `true` when the pause came from the deployment, which may then lift it. */
  pausedByParent: "package-operator.run/paused-by-parent",
  /** Image a package was loaded from, after the image prefix override. */
  packageSourceImage: "package-operator.run/package-source-image",
  /** On ObjectDeployments: JSON, how each image reference of the package was resolved. Upstream does not write it. */
  resolvedImages: "package-operator.run/resolved-images",
  /** Compact JSON of a Package's configuration; the text `null` when there is none. */
  packageConfig: "package-operator.run/package-config",
  /** Human text: why a revision exists. */
  changeCause: "kubernetes.io/change-cause",
  /** On Packages, by the user: how to split big packages into slices. */
  chunkingStrategy: "packages.package-operator.run/chunking-strategy",
  /** On Packages, by the command line: why it was paused. */
  pauseMessage: "package-operator.run/pause-message",
} as const;

/** Annotations of manifests inside packages; rendering removes them. */
export const manifestAnnotations = {
  phase: "package-operator.run/phase",
  conditionMap: "package-operator.run/condition-map",
  collisionProtection: "package-operator.run/collision-protection",
  condition: "package-operator.run/condition",
} as const;

/** Finalizers, with the work they wait for. */
export const finalizers = {
  /** Objects are torn down and watches released. */
  cached: "package-operator.run/cached",
  /** Metric series are removed. */
  metrics: "package-operator.run/metrics",
  /** Put there by the API server for an orphaning delete: children stay. */
  orphan: "orphan",
} as const;

/** Condition types in the status of Package Operator's kinds. */
export const conditionTypes = {
  available: "Available",
  progressing: "Progressing",
  unpacked: "Unpacked",
  invalid: "Invalid",
  paused: "Paused",
  archived: "Archived",
  succeeded: "Succeeded",
  inTransition: "InTransition",
  hasPausedPackage: "HasPausedPackage",
  /** On ObjectTemplates, whose other conditions are copied from the templated object. */
  templateInvalid: "package-operator.run/Invalid",
} as const;

/** Values of `labels.phaseClass` and of a phase's `class`; without a class the ObjectSet handles the phase itself. */
export const phaseClasses = {
  /** Handled by the operator's own phase controller. */
  default: "default",
  /** Handled by a remote-phase-manager, in the hosted cluster. */
  hostedCluster: "hosted-cluster",
} as const;

/** Who owns which fields, as the API server records it. */
export const fieldManagers = {
  /** Server-side apply of managed objects. */
  apply: "package-operator",
  /** Every other write of package-operator-manager. */
  manager: "package-operator-manager",
  /** Every other write of remote-phase-manager. */
  remotePhaseManager: "remote-phase-manager",
} as const;

/** Field managers of older releases, whose fields are taken over by `fieldManagers.apply`; one is spelled wrong. */
export const legacyFieldManagers: readonly string[] = [
  "package-operator",
  "package-operator-manager",
  "remote-phase-manger",
];

/** Names of the leader election Leases; the same for every implementation, so that they exclude each other. */
export const leaseNames = {
  manager: "8a4hp84a6s.package-operator-lock",
  remotePhaseManager: "klsdfu452p3.package-operator-lock",
} as const;

/** Environment variables of the programs. */
export const environmentVariables = {
  namespace: "PKO_NAMESPACE",
  serviceAccountNamespace: "PKO_SERVICE_ACCOUNT_NAMESPACE",
  serviceAccountName: "PKO_SERVICE_ACCOUNT_NAME",
  registryHostOverrides: "PKO_REGISTRY_HOST_OVERRIDES",
  imagePrefixOverrides: "PKO_IMAGE_PREFIX_OVERRIDES",
  packageHashModifier: "PKO_PACKAGE_HASH_MODIFIER",
  packageOperatorPackageImage: "PKO_PACKAGE_OPERATOR_PACKAGE_IMAGE",
  subComponentAffinity: "PKO_SUB_COMPONENT_AFFINITY",
  subComponentTolerations: "PKO_SUB_COMPONENT_TOLERATIONS",
  logLevel: "LOG_LEVEL",
  /** JSON for the configuration of ClusterPackage `package-operator`. */
  bootstrapConfig: "PKO_CONFIG",
  /** Any value: take over objects without asking. Set by the bootstrap. */
  forceAdoption: "PKO_FORCE_ADOPTION",
  /** Read by the command line only: host that image digests are looked up at. */
  repositoryHost: "PKO_REPOSITORY_HOST",
} as const;

/** Names of the operator's own installation. */
export const installation = {
  namespace: "package-operator-system",
  /** ClusterPackage, and manifest name of the package. */
  clusterPackage: "package-operator",
  serviceAccount: "package-operator",
  managerDeployment: "package-operator-manager",
  managerContainer: "manager",
  bootstrapJob: "package-operator-bootstrap",
  bootstrapContainer: "package-operator",
  remotePhasePackage: "remote-phase",
} as const;
