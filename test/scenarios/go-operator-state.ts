import type { JsonObject } from "@package-operator/kube-yaml";

/**
 * What the Go operator leaves in a cluster, in the order it made it: a ClusterPackage at its second revision, and a
 * paused Package. Written down after its behaviour; the hashes are those that it computes for exactly these specs.
 */
export interface RecordedObject {
  readonly object: JsonObject & { apiVersion: string; kind: string; metadata: JsonObject & { name: string } };
  readonly status?: JsonObject;
  /** Objects of packages are applied, everything else is created and updated. */
  readonly applied?: boolean;
}

export const takenOver = "take-over";
const apiVersion = "package-operator.run/v1alpha1";
const image = "quay.io/package-operator/test-stub-package:v1.0.0";
/** For a spec with nothing but this image. */
const specHash = "c416df430b09f55834188ab905421bbb7be358d9dca40fb9dea4672558f676ac";
const at = (second: string) => `2026-01-01T00:00:${second}Z`;

const condition = (type: string, status: string, reason: string, message: string, second = "07") => ({
  type,
  status,
  reason,
  message,
  observedGeneration: 1,
  lastTransitionTime: at(second),
});
const unpacked = condition("Unpacked", "True", "UnpackSuccess", "Unpack job succeeded", "01");
const idle = condition("Progressing", "False", "Idle", "Update concluded.");
const latest = condition("Available", "True", "Available", "Latest Revision is Available.");
const probed = condition("Available", "True", "Available", "Object is available and passes all probes.");
const succeeded = condition(
  "Succeeded",
  "True",
  "RolloutSuccess",
  "ObjectSet rolled out all objects successfully and was Available at least once.",
);
const mapped = condition(
  "yard/Available",
  "True",
  "MinimumReplicasAvailable",
  "Deployment has minimum availability.",
);

/** Owner references carry `$Kind/name` in place of the uid that the object gets. */
const controlledBy = (kind: string, name: string) => [
  { apiVersion, kind, name, uid: `$${kind}/${name}`, controller: true, blockOwnerDeletion: true },
];
const packageLabels = (instance: string) => ({
  "package-operator.run/package": "test-stub",
  "package-operator.run/instance": instance,
});
const packageAnnotations = (changeCause: string) => ({
  "package-operator.run/package-source-image": image,
  "package-operator.run/package-config": "null",
  "kubernetes.io/change-cause": changeCause,
});

const deploymentProbe = {
  selector: { kind: { group: "apps", kind: "Deployment" } },
  probes: [{ condition: { type: "Available", status: "True" } }],
};

function configMap(instance: string, value: string, metadata: JsonObject = {}) {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: instance, namespace: takenOver, labels: packageLabels(instance), ...metadata },
    data: { value },
  };
}

function workload(instance: string, metadata: JsonObject = {}) {
  const digest = "0123456789abcdef".repeat(4);
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: instance, namespace: takenOver, labels: packageLabels(instance), ...metadata },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: instance } },
      template: {
        metadata: { labels: { app: instance } },
        spec: {
          containers: [{ name: "stub", image: `quay.io/package-operator/test-stub@sha256:${digest}` }],
        },
      },
    },
  };
}

const templateSpec = (instance: string, value: string) => ({
  availabilityProbes: [deploymentProbe],
  phases: [
    {
      name: "config",
      objects: [{ collisionProtection: "Prevent", object: configMap(instance, value) }],
    },
    {
      name: "deploy",
      objects: [
        {
          collisionProtection: "Prevent",
          // A paused set of the Go operator drops mapped conditions; this one keeps them.
          ...(instance === "yard"
            ? { conditionMappings: [{ sourceType: "Available", destinationType: "yard/Available" }] }
            : {}),
          object: workload(instance),
        },
      ],
    },
  ],
});

/** What the operator adds to an object of a package when it applies it. */
const managed = (instance: string, setKind: string, set: string, revision: string): JsonObject => ({
  labels: { ...packageLabels(instance), "package-operator.run/cache": "True" },
  annotations: { "package-operator.run/revision": revision },
  ownerReferences: controlledBy(setKind, set),
});

const controlledObjects = (instance: string) => [
  { group: "", kind: "ConfigMap", name: instance, namespace: takenOver, version: "" },
  { group: "apps", kind: "Deployment", name: instance, namespace: takenOver, version: "" },
];

function yard(): RecordedObject[] {
  const [old, current] = ["yard-75565cc69b", "yard-557cc586f8"];
  const kind = "ClusterObjectSet";
  const set = (name: string, hash: string, changeCause: string) => ({
    apiVersion,
    kind,
    metadata: {
      name,
      labels: { ...packageLabels("yard"), "package-operator.run/object-deployment": "yard" },
      annotations: { ...packageAnnotations(changeCause), "package-operator.run/hash": hash },
      ownerReferences: controlledBy("ClusterObjectDeployment", "yard"),
    },
  });
  const installing = set(old, "75565cc69b", "Installing test-stub package.");
  const changing = set(current, "557cc586f8", "Package source image changed.");
  const finalizers = ["package-operator.run/cached", "package-operator.run/metrics"];
  return [
    {
      object: {
        apiVersion,
        kind: "ClusterPackage",
        metadata: { name: "yard", finalizers: ["package-operator.run/metrics"] },
        spec: { image },
      },
      status: {
        conditions: [unpacked, latest, idle, mapped],
        revision: 2,
        unpackedHash: specHash,
      },
    },
    {
      object: {
        apiVersion,
        kind: "ClusterObjectDeployment",
        metadata: {
          name: "yard",
          labels: packageLabels("yard"),
          annotations: packageAnnotations("Package source image changed."),
          ownerReferences: controlledBy("ClusterPackage", "yard"),
        },
        spec: {
          selector: { matchLabels: packageLabels("yard") },
          template: { metadata: { labels: packageLabels("yard") }, spec: templateSpec("yard", "two") },
        },
      },
      status: {
        templateHash: "557cc586f8",
        revision: 2,
        conditions: [latest, idle, mapped],
        controllerOf: [old, current].map((name) => ({
          group: "package-operator.run",
          kind,
          name,
          version: "",
        })),
      },
    },
    {
      object: {
        ...installing,
        metadata: { ...installing.metadata, finalizers: ["package-operator.run/metrics"] },
        spec: { ...templateSpec("yard", "one"), revision: 1, lifecycleState: "Archived" },
      },
      status: {
        revision: 1,
        conditions: [
          succeeded,
          condition("Paused", "True", "Paused", "Lifecycle state set to paused."),
          condition("Archived", "True", "Archived", ""),
        ],
      },
    },
    {
      object: {
        ...changing,
        metadata: { ...changing.metadata, finalizers },
        spec: { ...templateSpec("yard", "two"), revision: 2, previous: [{ name: old }] },
      },
      status: {
        revision: 2,
        controllerOf: controlledObjects("yard"),
        conditions: [mapped, probed, succeeded],
      },
    },
    { object: configMap("yard", "two", managed("yard", kind, current, "2")), applied: true },
    { object: workload("yard", managed("yard", kind, current, "2")), applied: true },
  ];
}

/** Paused with the CLI after its first revision. */
function shed(): RecordedObject[] {
  const name = "shed-7d7d7b956f";
  const kind = "ObjectSet";
  const namespace = takenOver;
  const paused = (message: string) => condition("Paused", "True", "Paused", message, "09");
  const setPaused = "Lifecycle state set to paused.";
  return [
    {
      object: {
        apiVersion,
        kind: "Package",
        metadata: { name: "shed", namespace, finalizers: ["package-operator.run/metrics"] },
        spec: { image, paused: true },
      },
      status: {
        conditions: [unpacked, latest, idle, paused(`Latest revision is paused: ${setPaused}`)],
        revision: 1,
        unpackedHash: specHash,
      },
    },
    {
      object: {
        apiVersion,
        kind: "ObjectDeployment",
        metadata: {
          name: "shed",
          namespace,
          labels: packageLabels("shed"),
          annotations: packageAnnotations("Installing test-stub package."),
          ownerReferences: controlledBy("Package", "shed"),
        },
        spec: {
          paused: true,
          selector: { matchLabels: packageLabels("shed") },
          template: { metadata: { labels: packageLabels("shed") }, spec: templateSpec("shed", "one") },
        },
      },
      status: {
        templateHash: "7d7d7b956f",
        revision: 1,
        conditions: [latest, idle, paused(`Latest revision is paused: ${setPaused}`)],
        controllerOf: [{ group: "package-operator.run", kind, name, namespace, version: "" }],
      },
    },
    {
      object: {
        apiVersion,
        kind,
        metadata: {
          name,
          namespace,
          labels: { ...packageLabels("shed"), "package-operator.run/object-deployment": "shed" },
          annotations: {
            ...packageAnnotations("Installing test-stub package."),
            "package-operator.run/hash": "7d7d7b956f",
            "package-operator.run/paused-by-parent": "true",
          },
          finalizers: ["package-operator.run/cached", "package-operator.run/metrics"],
          ownerReferences: controlledBy("ObjectDeployment", "shed"),
        },
        spec: { ...templateSpec("shed", "one"), revision: 1, lifecycleState: "Paused" },
      },
      status: {
        revision: 1,
        controllerOf: controlledObjects("shed"),
        conditions: [probed, succeeded, paused(setPaused)],
      },
    },
    { object: configMap("shed", "one", managed("shed", kind, name, "1")), applied: true },
    { object: workload("shed", managed("shed", kind, name, "1")), applied: true },
  ];
}

/** The whole state, in an order in which owners come before what they own. */
export function recordedState(): RecordedObject[] {
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: takenOver } };
  return [{ object: namespace }, ...yard(), ...shed()];
}
