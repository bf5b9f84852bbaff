import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { failure } from "../testing/sample-package.ts";
import { fetchSchema } from "./fetch-schema.ts";
import { createSchemaChecker, type SchemaChecker } from "./schema-checker.ts";
import { schemaLocations } from "./schema-location.ts";

const schema = JSON.stringify({
  $schema: "http://json-schema.org/schema#",
  type: "object",
  additionalProperties: false,
  properties: {
    apiVersion: { type: "string" },
    kind: { type: "string" },
    data: { type: ["object", "null"] },
  },
});

let asked: string[];
function checker(schemaFiles: readonly string[] = ["/schemas"]): Promise<SchemaChecker> {
  asked = [];
  return createSchemaChecker(
    { kubernetesVersion: "v1.29.5", schemaLocations: schemaFiles },
    {
      fetch: async (location) => {
        asked.push(location);
        return location.endsWith("configmap-v1.json")
          ? schema
          : location.includes("broken")
            ? "not json"
            : undefined;
      },
    },
  );
}

test("locations are templates with kubeconform's variables", () => {
  const at = (given: string[], apiVersion: string, kind: string): string[] =>
    schemaLocations(given, "1.29.5").map((locate) => locate(apiVersion, kind));
  expect(at(["/schemas"], "networking.k8s.io/v1", "Ingress")).toEqual([
    "/schemas/v1.29.5-standalone-strict/ingress-networking-v1.json",
  ]);
  expect(at(["/schemas", "/x/{{ .Group }}-{{ .ResourceAPIVersion }}.json"], "v1", "Pod")).toEqual([
    "/schemas/v1.29.5-standalone-strict/pod-v1.json",
    "/x/v1-v1.json",
  ]);
  for (const given of [[], ["default"]]) {
    expect(at(given, "apps/v1", "Deployment")).toEqual(["kubernetes:apps/v1/Deployment"]);
  }
});

describe("documents", () => {
  const good = "apiVersion: v1\nkind: ConfigMap\ndata: {a: b}\n";

  test("that fit pass, kinds without a schema too; a schema is fetched once", async () => {
    const { check } = await checker();
    expect(
      await check("a.yaml", `${good}---\n# nothing\n--- # next\n${good}---\napiVersion: x/v1\nkind: Other\n`),
    ).toEqual([]);
    expect(asked.filter((location) => location.endsWith("configmap-v1.json"))).toHaveLength(1);
  });

  test.each([
    ["unknown: 1\napiVersion: v1\nkind: ConfigMap\n", "additional properties 'unknown' not allowed"],
    ["apiVersion: v1\nkind: ConfigMap\ndata: x\n", "at '/data': must be object,null"],
    ["apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: ConfigMap, data: 1}]\n", "at '/data'"],
    ["apiVersion: v1\n", "error while parsing: missing 'kind' key"],
    ["kind: Some\n", "error while parsing: missing 'apiVersion' key"],
    [
      "a: 1\na: 2\n",
      'error unmarshalling resource: error converting YAML to JSON: yaml: unmarshal errors:\n  line 2: key "a" already set in map',
    ],
  ])("%j is rejected", async (text, details) => {
    const { check } = await checker();
    expect(await check("a.yaml", `${good}---\n${text}`)).toEqual([
      {
        reason: "schema-rejected",
        path: "a.yaml",
        index: 1,
        details: expect.stringContaining(details) as string,
      },
    ]);
  });

  test("what is no JSON at a location counts as no schema", async () => {
    const { check } = await checker(["/broken.json"]);
    expect(await check("a.yaml", "apiVersion: v1\nkind: ConfigMap\nzzz: 1\n")).toEqual([]);
  });
});

describe("Kubernetes' own kinds, without a location", () => {
  const problems = async (text: string): Promise<(string | undefined)[]> => {
    const options = { kubernetesVersion: "v1.29.5", schemaLocations: [] };
    const { check } = await createSchemaChecker(options);
    return (await check("a.yaml", text)).map(({ details }) => details);
  };
  const deployment = (spec: string): string => `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, creationTimestamp: null}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: web
        resources: {limits: {cpu: 1, memory: 1Gi}}
        livenessProbe: {httpGet: {port: http, path: null}}
${spec}`;
  const failed = (kind: string): string =>
    `problem validating schema. Check JSON formatting: jsonschema validation failed with 'kubernetes:${kind}' - `;

  test("pass when they fit, with quantities, ports by name and nulls", async () => {
    expect(await problems(deployment("  replicas: 2\n"))).toEqual([]);
    expect(await problems(deployment("status: {}\n"))).toEqual([]);
  });

  test("are refused for wrong types, unknown fields and missing ones", async () => {
    expect(await problems(deployment("  replicas: two\n"))).toEqual([
      `${failed("apps/v1/Deployment")}at '/spec/replicas': must be integer`,
    ]);
    expect(await problems(deployment("        imagePullPolice: Always\n"))).toEqual([
      `${failed("apps/v1/Deployment")}at '/spec/template/spec/containers/0': additional properties 'imagePullPolice' not allowed`,
    ]);
    expect(await problems("apiVersion: apps/v1\nkind: StatefulSet\nspec: {serviceName: x}\n")).toEqual([
      `${failed("apps/v1/StatefulSet")}at '/spec': must have required property 'selector' - at '/spec': must have required property 'template'`,
    ]);
  });

  test("may be definitions of other kinds, whose schemas refer to themselves", async () => {
    const crd = (type: string): string => `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: rakes.yard.example}
spec:
  group: yard.example
  scope: Namespaced
  names: {kind: Rake, plural: rakes}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, properties: {spec: {type: ${type}, default: {a: [1]}}}}}
`;
    expect(await problems(crd("object"))).toEqual([]);
    expect(await problems(crd("3"))).toEqual([
      expect.stringContaining("properties/spec/type': must be string"),
    ]);
  });

  test("of other groups pass, and nothing is fetched for them", async () => {
    expect(await problems("apiVersion: yard.example/v1\nkind: Rake\nspec: {a: 1}\n")).toEqual([]);
  });
});

describe("fetching", () => {
  const server = createServer((request, response) => {
    response.statusCode = request.url === "/ok.json" ? 200 : request.url === "/gone.json" ? 404 : 500;
    response.end("{}");
  });
  let folder: string;
  let base: string;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "schemas-"));
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterAll(async () => {
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true });
  });

  test("files and URLs; what is missing is none, other answers are errors", async () => {
    await writeFile(path.join(folder, "a.json"), "{}");
    expect(await fetchSchema(path.join(folder, "a.json"))).toBe("{}");
    expect(await fetchSchema(path.join(folder, "b.json"))).toBeUndefined();
    expect(await fetchSchema(`${base}/ok.json`)).toBe("{}");
    expect(await fetchSchema(`${base}/gone.json`)).toBeUndefined();
    expect(await failure(() => fetchSchema(`${base}/bad.json`))).toEqual({
      code: "io",
      message: `error while downloading schema at ${base}/bad.json - received HTTP status 500`,
    });
  });
});
