import { readFile } from "node:fs/promises";
import path from "node:path";
import { packageFunctions, Template } from "@package-operator/go-template";
import { decodeYaml, type JsonObject, parseJson, splitDocuments } from "@package-operator/kube-yaml";
import { releaseBootstrapManifest } from "@package-operator/release";
import { beforeAll, describe, expect, test } from "vitest";

const configDir = path.resolve(import.meta.dirname, "../config");
const chart = path.join(configDir, "helm/package-operator");
let template: Template;
let defaults: JsonObject;

beforeAll(async () => {
  const text = await readFile(path.join(chart, "templates/self-bootstrap-job.yaml"), "utf8");
  template = new Template({ functions: packageFunctions() }).parse("job", text);
  defaults = decodeYaml(await readFile(path.join(chart, "values.yaml"), "utf8")) as JsonObject;
});

function render(values: JsonObject = {}): JsonObject[] {
  const text = template.execute("job", { Values: { ...defaults, ...values } });
  return splitDocuments(text).map((document) => decodeYaml(document) as JsonObject);
}

interface Job {
  spec: { template: { spec: { containers: [{ env: { name: string; value?: string }[] }] } } };
}

function variable(objects: JsonObject[], name: string): string | undefined {
  const job = objects[3] as unknown as Job;
  return job.spec.template.spec.containers[0].env.find((entry) => entry.name === name)?.value;
}

test("with its defaults the chart installs what the bootstrap manifest installs", async () => {
  const manifest = await releaseBootstrapManifest(configDir, {
    registryPrefix: "quay.io/package-operator",
    tag: "latest",
  });
  const expected = splitDocuments(manifest).map((document) => decodeYaml(document) as JsonObject);
  const env = (expected[3] as unknown as Job).spec.template.spec.containers[0].env;
  // An empty map of values is a configuration, an empty text is none; the result is the same.
  env.find(({ name }) => name === "PKO_CONFIG")!.value = "{}";
  expect(render()).toEqual(expected);
});

describe("values", () => {
  test("overrides reach the operator's variables, quotes and all", () => {
    const objects = render({ ImagePrefixOverrides: "quay.io/=m.io/", RegistryHostOverrides: "a=b" });
    expect(variable(objects, "PKO_IMAGE_PREFIX_OVERRIDES")).toBe("quay.io/=m.io/");
    expect(variable(objects, "PKO_REGISTRY_HOST_OVERRIDES")).toBe("a=b");
  });

  test("settings of the Deployment join the configuration, which may contain anything", () => {
    const objects = render({
      Config: { note: `it's "quoted": # yes`, resources: { limits: { cpu: "1" } } },
      Resources: { limits: { memory: "1Gi" } },
      Tolerations: [{ key: "a" }],
    });
    expect(parseJson(variable(objects, "PKO_CONFIG")!)).toEqual({
      note: `it's "quoted": # yes`,
      resources: { limits: { cpu: "1", memory: "1Gi" } },
      tolerations: [{ key: "a" }],
    });
  });

  test("pull secrets belong to the ServiceAccount, the proxy to the Job", () => {
    const objects = render({
      ImagePullSecrets: ["mirror"],
      Proxy: { httpProxy: "http://p:1", httpsProxy: "", noProxy: ".svc" },
    });
    expect(objects[1]).toMatchObject({ kind: "ServiceAccount", imagePullSecrets: [{ name: "mirror" }] });
    expect(variable(objects, "HTTP_PROXY")).toBe("http://p:1");
    expect(variable(objects, "HTTPS_PROXY")).toBeUndefined();
    expect(variable(objects, "NO_PROXY")).toBe(".svc");
  });
});
