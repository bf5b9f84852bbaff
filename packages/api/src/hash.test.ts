import { describe, expect, test } from "vitest";
import { packageSpecHash, prefixOverridesHash, sliceHash, templateHash, unpackedHash } from "./hash.ts";
import type { EmbeddedObject } from "./object.ts";
import type { ObjectSetTemplate } from "./types.generated.ts";

const encodeJson = JSON.stringify;

describe("packages", () => {
  const image = "quay.io/package-operator/test-stub-package:v1.0.0";

  test("only an image, without and with a modifier", () => {
    const hash = "c416df430b09f55834188ab905421bbb7be358d9dca40fb9dea4672558f676ac";
    expect(packageSpecHash({ image }, { encodeJson })).toBe(hash);
    expect(packageSpecHash({ image }, { encodeJson, modifier: 0 })).toBe(hash);
    expect(packageSpecHash({ image }, { encodeJson, modifier: 2 })).toBe(
      "96c1086b815b375c6c140e0dfbd85fe34687c8ea077afa0c86973069a35df63a",
    );
  });

  test("every field", () => {
    const spec = { image, config: { testStubImage: "quay.io/x:y" }, component: "backend", paused: true };
    expect(packageSpecHash(spec, { encodeJson })).toBe(
      "86784a733b10d1084e6c1a904d48d87fc94d307c9d25e7846d8c0d505b606cbd",
    );
    expect(packageSpecHash(spec, { encodeJson, modifier: 2 })).toBe(
      "0a1027d135b13c68785191837f8b04f58dbc94c4e54efc9d0ff42a8d32974363",
    );
  });

  test("overrides add their own hash, in their order", () => {
    const first = { from: "quay.io/package-operator/", to: "quay.io/erdii-test/pko-mirror/" };
    const second = { from: "a", to: "b" };
    expect(prefixOverridesHash([first])).toBe(
      "f383d511885c7f3fa17a0017a9da68e31bc6888a565c55cdf3d45702a024fdca",
    );
    expect(prefixOverridesHash([first, second])).toBe(
      "84e395bfd3c986adc905fd14f641731ad73d56c60eb435368037a0491bd6d781",
    );
    expect(prefixOverridesHash([second, first])).toBe(
      "872b68101ece3fe0485b78b11fd051ad99e295f5e20ce298ae1999f43a48c094",
    );
  });

  test("the whole value, as a cluster had it", () => {
    const spec = {
      image: "quay.io/package-operator/package-operator-package:v1.18.2",
      config: { imagePrefixOverrides: "quay.io/package-operator/=localhost:27500/mirror/" },
    };
    const prefixOverrides = [{ from: "quay.io/package-operator/", to: "localhost:27500/mirror/" }];
    expect(unpackedHash(spec, { encodeJson, prefixOverrides })).toBe(
      "c39344411a5f80b4b55bfb372a63d122887d050778e006292367b92c82b5163f" +
        "97a4f635a037ef192e20c7eb667b059c37caa9eb97eabafb99385eacb9952a6a",
    );
    expect(unpackedHash(spec, { encodeJson, prefixOverrides: [] })).toHaveLength(64);
  });
});

function configMap(name: string, data: Record<string, string>, metadata: object = {}): EmbeddedObject {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, ...metadata }, data };
}

describe("slices", () => {
  const object = configMap("cm1", { a: "b" }, { namespace: "default" });
  test("without collision protection", () => {
    const hashes = [0, 1, 2].map((count) => sliceHash([{ object }], count));
    expect(hashes).toEqual(["bcc58fc8f", "7849898b56", "7d548c8b59"]);
  });

  test("with collision protection", () => {
    const objects = [{ object, collisionProtection: "Prevent" }];
    expect([0, 1, 2].map((count) => sliceHash(objects, count))).toEqual([
      "d6c69d987",
      "79999b784b",
      "5fddf44fc7",
    ]);
  });
});

describe("templates", () => {
  const counts = [undefined, 0, 1, 2];
  const hashes = (template: ObjectSetTemplate): string[] =>
    counts.map((count) => templateHash(template, count));

  test("two phases with a probe", () => {
    const metadata = { labels: { "test.package-operator.run/test-1": "True" } };
    const collisionProtection = "Prevent";
    const template: ObjectSetTemplate = {
      metadata: { labels: { "test.package-operator.run/test-objectdeployment": "True" } },
      spec: {
        availabilityProbes: [
          {
            probes: [{ fieldsEqual: { fieldA: ".metadata.name", fieldB: ".data.name" } }],
            selector: { kind: { group: "", kind: "ConfigMap" } },
          },
        ],
        phases: [
          {
            name: "phase-1",
            objects: [{ collisionProtection, object: configMap("cm1", { name: "cm2" }, metadata) }],
          },
          {
            name: "phase-2",
            objects: [{ collisionProtection, object: configMap("cm2", { name: "fails" }, metadata) }],
          },
        ],
      },
    };
    expect(hashes(template)).toEqual(["d54d6cdcc", "695c46bd65", "f947b87dd", "57997d87f5"]);
  });

  test("every kind of value", () => {
    const web = {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "web" },
      spec: {
        replicas: 2,
        paused: false,
        ratio: 1.5,
        big: 1e21,
        nothing: null,
        list: ["a", 1, { k: "v" }],
        emptyList: [],
        emptyMap: {},
      },
    };
    const template: ObjectSetTemplate = {
      metadata: {
        labels: { "package-operator.run/instance": "demo", "package-operator.run/package": "demo-pkg" },
      },
      spec: {
        phases: [
          {
            name: "deploy",
            objects: [
              {
                collisionProtection: "Prevent",
                conditionMappings: [{ sourceType: "Available", destinationType: "my-prefix/Available" }],
                object: web,
              },
            ],
          },
          { name: "later", class: "default", slices: ["demo-abc"] },
        ],
        availabilityProbes: [
          {
            probes: [
              { condition: { type: "Available", status: "True" } },
              { cel: { rule: "self.x == 1", message: "no" } },
            ],
            selector: {
              kind: { group: "apps", kind: "Deployment" },
              selector: { matchLabels: { a: "b" } },
            },
          },
        ],
        successDelaySeconds: 42,
      },
    };
    expect(hashes(template)).toEqual(["6659c8775b", "59b8fcb9fb", "7575b7f46f", "8477785bb"]);
  });

  test("empty lists differ from absent ones", () => {
    const template: ObjectSetTemplate = {
      metadata: {},
      spec: {
        phases: [{ name: "a", slices: [], objects: [] }],
        availabilityProbes: [
          {
            probes: [],
            selector: {
              kind: { group: "", kind: "X" },
              selector: { matchExpressions: [{ key: "k", operator: "In", values: ["v"] }] },
            },
          },
        ],
      },
    };
    expect(hashes(template)).toEqual(["649458bc78", "cf8775946", "67b4ff7f79", "5f99fc7f76"]);
    const absent = structuredClone(template);
    delete absent.spec.phases?.[0]?.slices;
    expect(templateHash(absent)).not.toBe(templateHash(template));
  });
});
