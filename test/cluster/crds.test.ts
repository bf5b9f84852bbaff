import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { apiVersion, kinds, type KindName } from "@package-operator/api";
import {
  createKubeClient,
  isKubeError,
  type KubeObject,
  loadKubeConfig,
  waitFor,
} from "@package-operator/kube";
import { decodeYaml, type JsonObject } from "@package-operator/kube-yaml";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { untilServed } from "../scenarios/cluster.ts";

// What the CRDs make a real API server default, prune and refuse. Clients see these texts, and upstream's suite tests
// for some of them.

const client = createKubeClient(await loadKubeConfig({ env: process.env }), { fieldManager: "crds-test" });
const namespace = `crds-test-${String(process.pid)}`;
let counter = 0;

beforeAll(async () => {
  const directory = path.resolve(import.meta.dirname, "../../config/crds");
  for (const file of await readdir(directory)) {
    const text = await readFile(path.join(directory, file), "utf8");
    const crd = decodeYaml(text, { source: file }) as unknown as KubeObject;
    await client.apply(crd, { fieldManager: "crds-test", force: true });
    await waitFor(client, { ...ref(crd), name: crd.metadata.name ?? "" }, isEstablished, {
      timeoutMs: 30_000,
    });
  }
  for (const kind of Object.keys(kinds)) await untilServed(client, { apiVersion, kind });
  await client.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
});

afterAll(async () => {
  await client.delete({ apiVersion: "v1", kind: "Namespace", name: namespace });
  await client.close();
});

function ref({ apiVersion, kind }: KubeObject): { apiVersion: string; kind: string } {
  return { apiVersion, kind };
}

function isEstablished(crd: KubeObject | undefined): boolean {
  // A new definition has the null list.
  const { conditions } = (crd?.status ?? {}) as { conditions?: { type: string; status: string }[] | null };
  return (conditions ?? []).some(({ type, status }) => type === "Established" && status === "True");
}

/** An object with a name of its own; cluster-scoped kinds are only ever created as a dry run. */
function make(kind: KindName, fields: JsonObject): KubeObject {
  counter += 1;
  const scope = kinds[kind].scope === "Namespaced" ? { namespace } : {};
  return { apiVersion, kind, metadata: { name: `t${String(counter)}`, ...scope }, ...fields };
}

async function create(kind: KindName, fields: JsonObject): Promise<KubeObject> {
  return client.create(make(kind, fields), { dryRun: kinds[kind].scope === "Cluster" });
}

/** The server's complaints about a write, one a line, or an empty text when it was accepted. */
async function refusal(write: Promise<unknown>): Promise<string> {
  try {
    await write;
    return "";
  } catch (error) {
    if (!isKubeError(error) || error.status === undefined) throw error;
    const causes = error.status.details?.causes ?? [];
    return causes.length === 0
      ? error.message
      : causes.map(({ field = "", message = "" }) => `${field}: ${message}`).join("\n");
  }
}

const configMap = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "cm" },
};
const selector = { matchLabels: { a: "b" } };

describe("defaults", () => {
  test("of deployments and the objects in their template", async () => {
    const template = {
      metadata: { labels: { a: "b" } },
      spec: {
        phases: [{ name: "p", objects: [{ object: configMap }] }],
        availabilityProbes: [
          { selector: { kind: { group: "", kind: "X" } }, probes: [{ condition: { type: "Available" } }] },
        ],
      },
    };
    const { spec } = await create("ObjectDeployment", { spec: { selector, template } });
    expect(spec).toMatchObject({
      revisionHistoryLimit: 10,
      template: {
        spec: {
          phases: [{ objects: [{ collisionProtection: "Prevent" }] }],
          availabilityProbes: [{ probes: [{ condition: { status: "True" } }] }],
        },
      },
    });
  });

  test("of sets, slices and hosted cluster packages", async () => {
    expect(await create("ObjectSet", { spec: {} })).toMatchObject({ spec: { lifecycleState: "Active" } });
    expect(await create("ObjectSlice", { objects: [{ object: configMap }] })).toMatchObject({
      objects: [{ collisionProtection: "Prevent" }],
    });
    const template = { spec: { image: "x" } };
    expect(await create("HostedClusterPackage", { spec: { template } })).toMatchObject({
      spec: { strategy: { instant: {} } },
    });
    expect(
      await create("HostedClusterPackage", { spec: { template, strategy: { rollingUpgrade: {} } } }),
    ).toMatchObject({ spec: { strategy: { rollingUpgrade: { maxUnavailable: 1 } } } });
  });
});

describe("what is stored", () => {
  test("an embedded object keeps everything but what is wrong in its metadata", async () => {
    const object = {
      ...configMap,
      metadata: { name: "cm", creationTimestamp: null, unknown: "x" },
      data: { a: "b" },
      extra: { nothing: null, empty: {}, list: [], one: 1.0, half: 1.5 },
    };
    const slice = await create("ObjectSlice", { objects: [{ object, unknown: true }] });
    expect(slice["objects"]).toEqual([
      {
        collisionProtection: "Prevent",
        object: {
          ...configMap,
          data: { a: "b" },
          extra: { nothing: null, empty: {}, list: [], one: 1, half: 1.5 },
        },
      },
    ]);
  });

  test("configuration is kept, other unknown fields are not", async () => {
    const spec = { image: "x", config: { any: { thing: [1] } } };
    const stored = await create("Package", { spec: { ...spec, unknown: 1 } });
    expect(stored.spec).toEqual(spec);
  });

  test("any collision protection is stored", async () => {
    const objects = [{ object: configMap, collisionProtection: "Whatever" }];
    expect(await create("ObjectSlice", { objects })).toMatchObject({ objects });
  });
});

describe("required fields", () => {
  test.each<[KindName, JsonObject, string]>([
    ["Package", { spec: {} }, "spec.image"],
    ["ClusterPackage", { spec: {} }, "spec.image"],
    ["ObjectDeployment", { spec: { selector } }, "spec.template"],
    ["ObjectDeployment", { spec: { template: { metadata: {}, spec: {} } } }, "spec.selector"],
    ["ObjectSet", { spec: { phases: [{}] } }, "spec.phases[0].name"],
    ["ObjectSet", { spec: { phases: [{ name: "p", objects: [{}] }] } }, "spec.phases[0].objects[0].object"],
    ["ObjectSetPhase", { spec: { revision: 1 } }, "spec.objects"],
    ["ClusterObjectSetPhase", { spec: { objects: [] } }, "spec.revision"],
    ["ObjectSlice", {}, "objects"],
    ["ClusterObjectSlice", {}, "objects"],
    ["ObjectTemplate", { spec: { template: "" } }, "spec.sources"],
    ["HostedClusterPackage", { spec: {} }, "spec.template"],
  ])("%s %j needs %s", async (kind, fields, field) => {
    expect(await refusal(create(kind, fields))).toContain(`${field}: Required value`);
  });

  test("an embedded object needs a kind and an API version", async () => {
    const objects = [{ object: { metadata: { name: "x" } } }];
    const complaints = await refusal(create("ObjectSlice", { objects }));
    expect(complaints).toContain("apiVersion");
    expect(complaints).toContain("kind");
  });
});

describe("values", () => {
  test.each<[string, KindName, JsonObject]>([
    ["lifecycle state", "ObjectSet", { spec: { lifecycleState: "Sleeping" } }],
    [
      "destination type without a prefix",
      "ObjectSlice",
      {
        objects: [
          { object: configMap, conditionMappings: [{ sourceType: "A", destinationType: "Available" }] },
        ],
      },
    ],
    [
      "no package may be unavailable",
      "HostedClusterPackage",
      { spec: { template: { spec: { image: "x" } }, strategy: { rollingUpgrade: { maxUnavailable: 0 } } } },
    ],
    ["empty label key", "HostedClusterPackage", partitioned({}, "")],
  ])("%s is refused", async (_, kind, fields) => {
    expect(await refusal(create(kind, fields))).not.toBe("");
  });

  test.each<[string, JsonObject, string]>([
    ["none", {}, "either .static or .alphanumericAsc must be specified"],
    ["empty list", { static: [] }, "either .static or .alphanumericAsc must be specified"],
    ["bad name", { static: ["a b"] }, "must consist of alphanumeric characters"],
    ["two catch-alls", { static: ["*", "a", "*"] }, "Duplicate value"],
    [
      "too many",
      { static: Array.from({ length: 21 }, (_, i) => `p${String(i)}`) },
      "must have at most 20 items",
    ],
  ])("partition order: %s is refused", async (_, order, message) => {
    expect(await refusal(create("HostedClusterPackage", partitioned(order)))).toContain(message);
  });

  test.each<[JsonObject]>([[{ static: ["a", "*"] }], [{ static: [], alphanumericAsc: {} }]])(
    "partition order %j is accepted",
    async (order) => {
      expect(await refusal(create("HostedClusterPackage", partitioned(order)))).toBe("");
    },
  );

  function partitioned(order: JsonObject, labelKey = "group"): JsonObject {
    return { spec: { template: { spec: { image: "x" } }, partition: { labelKey, order } } };
  }
});

describe("what may not change", () => {
  async function change(stored: KubeObject, fields: JsonObject): Promise<string> {
    const name = stored.metadata.name ?? "";
    return refusal(
      client.patch({ ...ref(stored), name, namespace }, { type: "merge", body: fields }, { dryRun: true }),
    );
  }
  const probes = [{ selector: { kind: { group: "", kind: "X" } }, probes: [] }];

  test.each<[string, JsonObject]>([
    ["phases", { phases: [{ name: "other" }] }],
    ["phases", { phases: null }],
    ["previous", { previous: [] }],
    ["availabilityProbes", { availabilityProbes: probes }],
    ["successDelaySeconds", { successDelaySeconds: 5 }],
    ["revision", { revision: 2 }],
  ])("ObjectSet: %s", async (field, spec) => {
    const stored = await create("ObjectSet", { spec: { revision: 1, phases: [{ name: "p" }] } });
    expect(await change(stored, { spec })).toContain(`${field} is immutable`);
  });

  test("ObjectSet: the revision may be given once and never be taken away", async () => {
    const stored = await create("ObjectSet", { spec: {} });
    expect(await change(stored, { spec: { revision: 1 } })).toBe("");
    const numbered = await create("ObjectSet", { spec: { revision: 1 } });
    expect(await change(numbered, { spec: { revision: null } })).not.toBe("");
  });

  test("ObjectSet: the lifecycle state may change in every direction", async () => {
    const stored = await create("ObjectSet", { spec: { lifecycleState: "Archived" } });
    expect(await change(stored, { spec: { lifecycleState: "Active" } })).toBe("");
  });

  test.each<[string, JsonObject]>([
    ["revision", { revision: 2 }],
    ["previous", { previous: [{ name: "x" }] }],
    ["previous", { previous: null }],
    ["availabilityProbes", { availabilityProbes: probes }],
    ["objects", { objects: [] }],
  ])("ObjectSetPhase: %s", async (field, spec) => {
    const stored = await create("ObjectSetPhase", {
      spec: { revision: 1, objects: [{ object: configMap }], previous: [{ name: "a" }] },
    });
    expect(await change(stored, { spec })).toContain(`${field} is immutable`);
    expect(await change(stored, { spec: { paused: true } })).toBe("");
  });

  test("ObjectSlice: objects", async () => {
    const stored = await create("ObjectSlice", { objects: [{ object: configMap }] });
    expect(await change(stored, { objects: [] })).toContain("objects is immutable");
  });
});

describe("status", () => {
  const condition = {
    type: "Available",
    status: "True",
    reason: "Ready",
    message: "",
    lastTransitionTime: "2026-01-01T00:00:00Z",
  };

  async function writeConditions(conditions: JsonObject[]): Promise<string> {
    const stored = await create("Package", { spec: { image: "x" } });
    return refusal(client.updateStatus({ ...stored, status: { conditions } }));
  }

  test("is written apart from the spec, and its conditions are a plain list", async () => {
    expect(await writeConditions([condition, condition])).toBe("");
    expect(await writeConditions([{ ...condition, type: "my-prefix.example.com/Available" }])).toBe("");
  });

  test.each<[string, JsonObject]>([
    ["no reason", { reason: "" }],
    ["a reason with a blank", { reason: "not ready" }],
    ["a status of its own", { status: "Maybe" }],
    ["a message that is too long", { message: "m".repeat(32_769) }],
    ["a bad type", { type: "not a type" }],
  ])("%s is refused", async (_, change) => {
    expect(await writeConditions([{ ...condition, ...change }])).not.toBe("");
  });

  test("a reference in controllerOf may have an empty version, not none", async () => {
    const stored = await create("ObjectSet", { spec: {} });
    const reference = { kind: "ConfigMap", group: "", name: "cm" };
    const write = async (controllerOf: JsonObject[]): Promise<string> =>
      refusal(client.updateStatus({ ...stored, status: { controllerOf } }));
    expect(await write([reference])).toContain("status.controllerOf[0].version: Required value");
    expect(await write([{ ...reference, version: "" }])).toBe("");
  });
});

test.each<[KindName, string[]]>([
  ["Package", ["Name", "Available", "Progressing", "Unpacked", "Invalid", "Revision", "Age"]],
  ["ClusterPackage", ["Name", "Available", "Progressing", "Unpacked", "Invalid", "Revision", "Age"]],
  ["ObjectDeployment", ["Name", "Available", "Progressing", "Paused", "Revision", "Age"]],
  ["ClusterObjectDeployment", ["Name", "Available", "Revision", "Progressing", "Paused", "Age"]],
  ["ObjectSet", ["Name", "Available", "Paused", "Archived", "Succeeded", "InTransition", "Revision", "Age"]],
  ["ObjectSetPhase", ["Name", "Available", "Paused", "Revision", "Age"]],
  ["ObjectSlice", ["Name", "Age"]],
  ["ObjectTemplate", ["Name", "Invalid"]],
  [
    "HostedClusterPackage",
    ["Name", "Available", "Progressing", "HasPausedPackage", "ObservedGeneration", "Image", "Age"],
  ],
])("columns of %s", async (kind, columns) => {
  const response = await client.raw({
    method: "GET",
    path: `/apis/${apiVersion}/${kinds[kind].plural}`,
    accept: "application/json;as=Table;v=v1;g=meta.k8s.io",
  });
  const table = JSON.parse(response.body) as {
    columnDefinitions: { name: string }[];
  };
  expect(table.columnDefinitions.map(({ name }) => name)).toEqual(columns);
});
