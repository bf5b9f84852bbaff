import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { apiGroup, apiVersion, kindInScope, kinds } from "@package-operator/api";
import { decodeYaml } from "@package-operator/kube-yaml";
import { expect, test } from "vitest";
import { generateTypes } from "../scripts/generate-types.ts";

interface Crd {
  readonly metadata: { readonly name: string; readonly annotations?: unknown };
  readonly spec: {
    readonly group: string;
    readonly scope: string;
    readonly names: Readonly<Record<"kind" | "listKind" | "plural" | "singular", string>>;
    readonly versions: readonly {
      readonly name: string;
      readonly subresources: object;
      readonly schema: { readonly openAPIV3Schema: { readonly properties: object } };
    }[];
  };
}

const root = path.resolve(import.meta.dirname, "..");
const directory = path.join(root, "config/crds");
const files = (await readdir(directory)).filter((name) => name.endsWith(".yaml"));
const crds = new Map(
  await Promise.all(
    files.map(async (name) => {
      const text = await readFile(path.join(directory, name), "utf8");
      return [name, decodeYaml(text, { source: name }) as unknown as Crd] as const;
    }),
  ),
);

test("the generated types are those of the CRDs", async () => {
  const present = await readFile(path.join(root, "packages/api/src/types.generated.ts"), "utf8");
  expect(await generateTypes(directory)).toBe(present);
});

test("every kind has its CRD, in a file of its name, and no other", () => {
  const expected = Object.values(kinds).map(
    ({ plural }) => `${plural}.${apiGroup}.CustomResourceDefinition.yaml`,
  );
  expect(files.toSorted()).toEqual(expected.toSorted());
});

test.each(Object.values(kinds))(
  "the table of kinds is right about $kind",
  ({ kind, plural, scope, hasStatus }) => {
    const crd = crds.get(`${plural}.${apiGroup}.CustomResourceDefinition.yaml`);
    expect(crd?.metadata).toEqual({ name: `${plural}.${apiGroup}` });
    expect(crd?.spec).toMatchObject({
      group: apiGroup,
      scope,
      names: { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase() },
    });
    expect(crd?.spec.versions.map(({ name }) => `${apiGroup}/${name}`)).toEqual([apiVersion]);
    expect(crd?.spec.versions[0]?.subresources).toEqual(hasStatus ? { status: {} } : {});
  },
);

test.each(Object.values(kinds).filter(({ twin }) => twin !== undefined))(
  "$kind and its twin have the same schema and point at each other",
  ({ kind, twin = kind, scope }) => {
    expect(kinds[twin]).toMatchObject({ twin: kind, scope: scope === "Cluster" ? "Namespaced" : "Cluster" });
    expect(kindInScope(kind, kinds[twin].scope)).toBe(twin);
    expect(kindInScope(kind, scope)).toBe(kind);
    const [own, other] = [kind, twin].map((name) => {
      const crd = crds.get(`${kinds[name].plural}.${apiGroup}.CustomResourceDefinition.yaml`);
      return crd?.spec.versions[0]?.schema.openAPIV3Schema.properties;
    });
    expect(own).toEqual(other);
  },
);
