import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { packageFunctions, Template } from "@package-operator/go-template";
import {
  decodeYaml,
  encodeYaml,
  type JsonObject,
  parseJson,
  splitDocuments,
} from "@package-operator/kube-yaml";
import { releaseBootstrapManifest } from "@package-operator/release";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasProgram } from "../packages/oci/src/testing/docker-registry.ts";
import { packageHelmChart } from "../packages/release/src/helm-chart.ts";

const configDir = path.resolve(import.meta.dirname, "../config");
const chart = path.join(configDir, "helm/package-operator");
const operatorNamespace = "package-operator-system";
let template: Template;
let defaults: JsonObject;

beforeAll(async () => {
  const text = await readFile(path.join(chart, "templates/self-bootstrap-job.yaml"), "utf8");
  template = new Template({ functions: packageFunctions() }).parse("job", text);
  defaults = decodeYaml(await readFile(path.join(chart, "values.yaml"), "utf8")) as JsonObject;
});

/** What our own template engine makes of the chart; null removes a default, as it does for Helm. */
function render(values: JsonObject = {}, namespace = "default"): JsonObject[] {
  const given = Object.entries({ ...defaults, ...values }).filter(([, value]) => value !== null);
  const context = { Values: Object.fromEntries(given), Release: { Namespace: namespace } };
  return objectsOf(template.execute("job", context));
}

function objectsOf(text: string): JsonObject[] {
  const objects = splitDocuments(text).map((document) => decodeYaml(document) as JsonObject | null);
  return objects.filter((object) => object !== null);
}

interface Job {
  kind: string;
  metadata: { annotations?: Record<string, string> };
  spec: { template: { spec: { containers: [{ env: { name: string; value?: string }[] }] } } };
}

function jobOf(objects: JsonObject[]): Job {
  return objects.find(({ kind }) => kind === "Job") as unknown as Job;
}

function variable(objects: JsonObject[], name: string): string | undefined {
  const { env } = jobOf(objects).spec.template.spec.containers[0];
  return env.find((entry) => entry.name === name)?.value;
}

/** Without what is for Helm alone. */
function withoutHelm(object: JsonObject): JsonObject {
  const { annotations, ...metadata } = object["metadata"] as JsonObject;
  for (const key of Object.keys((annotations ?? {}) as JsonObject)) expect(key).toMatch(/^helm\.sh\//);
  return { ...object, metadata };
}

test("with its defaults the chart installs what the bootstrap manifest installs", async () => {
  const manifest = await releaseBootstrapManifest(configDir, {
    registryPrefix: "quay.io/package-operator",
    tag: "latest",
  });
  const expected = objectsOf(manifest);
  const { env } = jobOf(expected).spec.template.spec.containers[0];
  // An empty map of values is a configuration, an empty text is none; the result is the same.
  env.find(({ name }) => name === "PKO_CONFIG")!.value = "{}";
  expect(render().map(withoutHelm)).toEqual(expected);
});

test("a release in the operator's own namespace leaves the namespace to whoever made it", () => {
  const kinds = render({}, operatorNamespace).map(({ kind }) => kind);
  expect(kinds).toEqual(["ServiceAccount", "ClusterRoleBinding", "Job"]);
});

test("uninstalling the release takes nothing from under the operator's feet", () => {
  for (const { kind, metadata } of render().slice(0, 3)) {
    const { annotations } = metadata as JsonObject;
    expect({ kind, annotations }).toEqual({ kind, annotations: { "helm.sh/resource-policy": "keep" } });
  }
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

const helm = process.env["HELM"] ?? "helm";

describe.skipIf(!hasProgram(helm))("the real helm", () => {
  let dir: string;

  beforeAll(async () => {
    dir = await mkdtemp(path.join(os.tmpdir(), "helm-"));
  });
  afterAll(() => rm(dir, { recursive: true }));

  const run = async (...args: readonly string[]): Promise<string> => {
    const env = { ...process.env, HELM_CACHE_HOME: dir, HELM_CONFIG_HOME: dir, HELM_DATA_HOME: dir };
    return (await promisify(execFile)(helm, args, { env })).stdout;
  };
  const templateOf = async (
    values: JsonObject,
    from: string,
    namespace = "default",
  ): Promise<JsonObject[]> => {
    const file = path.join(dir, "values.yaml");
    await writeFile(file, encodeYaml(values));
    // A helm that was not built by its own project takes an API server of 2020 for granted.
    const options = ["--kube-version", "1.30.0", "--namespace", namespace, "--values", file];
    return objectsOf(await run("template", "package-operator", from, ...options));
  };
  /** Helm sorts by kind. */
  const byKind = (objects: JsonObject[]): JsonObject[] =>
    objects.toSorted((a, b) => ((a["kind"] as string) < (b["kind"] as string) ? -1 : 1));

  test("finds nothing to complain about", async () => {
    expect(await run("lint", "--strict", chart)).toContain("1 chart(s) linted, 0 chart(s) failed");
  });

  test.each<[string, JsonObject]>([
    ["nothing", {}],
    [
      "Images",
      { Images: { "package-operator-manager": "m.io/m:1", "package-operator-package": "m.io/p@sha256:1" } },
    ],
    ["ImagePrefixOverrides", { ImagePrefixOverrides: "quay.io/=m.io/,docker.io/a/=m.io:5000/b" }],
    ["RegistryHostOverrides", { RegistryHostOverrides: "quay.io=m.io:5000" }],
    ["ImagePullSecrets", { ImagePullSecrets: ["one", "two"] }],
    ["Resources", { Resources: { limits: { cpu: 1, memory: "1Gi" } } }],
    [
      "Affinity",
      {
        Affinity: {
          nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } },
        },
      },
    ],
    ["Tolerations", { Tolerations: [{ key: "infra", operator: "Exists" }] }],
    ["Proxy", { Proxy: { httpProxy: "http://p:1", httpsProxy: "http://p:2", noProxy: ".svc,10.0.0.0/8" } }],
    [
      "Config",
      {
        Config: {
          packageHashModifier: 1_000_000,
          logLevel: 1,
          text: `<a> & 'b' "c" \\ \n é`,
          nested: { list: [true, null] },
        },
      },
    ],
    ["global", { global: { anything: "of a parent chart" } }],
    [
      "null for a default",
      { ImagePrefixOverrides: null, ImagePullSecrets: null, Resources: null, Proxy: null, Config: null },
    ],
  ])("makes the same objects of %s as we do", async (_name, values) => {
    expect(byKind(await templateOf(values, chart))).toEqual(byKind(render(values)));
  });

  test("installs the packaged chart of a release with its references", async () => {
    const names = { registryPrefix: "registry.example/pko", tag: "v1.18.2" };
    const { fileName, content } = await packageHelmChart(configDir, names);
    const file = path.join(dir, fileName);
    await writeFile(file, content);
    expect(decodeYaml(await run("show", "chart", file))).toMatchObject({
      version: "1.18.2",
      appVersion: "v1.18.2",
    });
    const images = (await templateOf({}, file, operatorNamespace)).map(({ kind }) => kind);
    expect(images).toEqual(["ServiceAccount", "ClusterRoleBinding", "Job"]);
    expect(JSON.stringify(await templateOf({}, file))).toContain(
      "registry.example/pko/package-operator-manager:v1.18.2",
    );
  });

  test.each<[string, JsonObject, RegExp]>([
    ["an unknown value", { imagePrefixOverrides: "a=b" }, /imagePrefixOverrides/],
    ["a rule without =", { ImagePrefixOverrides: "quay.io/" }, /ImagePrefixOverrides/],
    ["a rule without a source", { ImagePrefixOverrides: "=m.io/" }, /ImagePrefixOverrides/],
    ["rules with white space", { ImagePrefixOverrides: "a=b, c=d" }, /ImagePrefixOverrides/],
    ["an empty rule", { RegistryHostOverrides: "a=b,,c=d" }, /RegistryHostOverrides/],
    ["rules as a map", { ImagePrefixOverrides: { "quay.io/": "m.io/" } }, /ImagePrefixOverrides/],
    ["no images", { Images: null }, /Images/],
    ["an empty image", { Images: { "package-operator-manager": "" } }, /package-operator-manager/],
    ["an image nobody knows", { Images: { manager: "a" } }, /manager/],
    ["pull secrets as objects", { ImagePullSecrets: [{ name: "a" }] }, /ImagePullSecrets/],
    ["resources as text", { Resources: "1Gi" }, /Resources/],
    ["affinity as a list", { Affinity: [] }, /Affinity/],
    ["tolerations as a map", { Tolerations: { key: "a" } }, /Tolerations/],
    ["a proxy setting nobody knows", { Proxy: { ftpProxy: "a" } }, /ftpProxy/],
    ["configuration as text", { Config: "{}" }, /Config/],
  ])("refuses %s", async (_name, values, message) => {
    await expect(templateOf(values, chart)).rejects.toMatchObject({
      stderr: expect.stringMatching(message) as string,
    });
  });
});
