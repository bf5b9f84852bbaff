import { decodeYaml } from "@package-operator/kube-yaml";
import { describe, expect, test } from "vitest";
import { toContainerdHosts, toRegistriesConf } from "./node-config.ts";
import { toOpenShiftMirrorSets } from "./openshift.ts";
import { toAdmissionPolicy, toKyvernoPolicy } from "./policy.ts";

const rules = [{ from: "quay.io/package-operator/", to: "mirror.example:5000/pko/" }];
const wholeRegistry = [{ from: "quay.io/", to: "mirror.example:5000/quay/" }];

test("OpenShift gets one set for digests and one for tags", () => {
  const [digests, tags] = toOpenShiftMirrorSets(rules, { blockSource: true }).split("---\n");
  const entry = {
    source: "quay.io/package-operator",
    mirrors: ["mirror.example:5000/pko"],
    mirrorSourcePolicy: "NeverContactSource",
  };
  expect(decodeYaml(digests!)).toMatchObject({
    kind: "ImageDigestMirrorSet",
    spec: { imageDigestMirrors: [entry] },
  });
  expect(decodeYaml(tags!)).toMatchObject({ kind: "ImageTagMirrorSet", spec: { imageTagMirrors: [entry] } });
});

test("registries.conf", () => {
  expect(toRegistriesConf(rules)).toBe(`[[registry]]
prefix = "quay.io/package-operator"
location = "quay.io/package-operator"

[[registry.mirror]]
location = "mirror.example:5000/pko"
`);
});

test("containerd gets a file per registry", () => {
  expect(toContainerdHosts(wholeRegistry)).toEqual([
    {
      path: "quay.io/hosts.toml",
      text: `server = "https://quay.io"

[host."https://mirror.example:5000/v2/quay"]
capabilities = ["pull", "resolve"]
override_path = true
`,
    },
  ]);
});

describe("what a format cannot say is refused, naming the rule", () => {
  test.each([
    [
      "part of a segment",
      [{ from: "quay.io/org/fo", to: "m.io/x/" }],
      toRegistriesConf,
      "quay.io/org/fo=m.io/x/",
    ],
    [
      "a whole reference",
      [{ from: "quay.io/a/b:v1", to: "m.io/b:v1" }],
      toOpenShiftMirrorSets,
      "quay.io/a/b:v1",
    ],
    ["a short name", [{ from: "nginx:", to: "m.io/nginx:" }], toRegistriesConf, "nginx:"],
    ["a path below a host", rules, toContainerdHosts, "quay.io/package-operator"],
    ["an open end", [{ from: "quay.io/", to: "m.io/x" }], toKyvernoPolicy, "quay.io/=m.io/x"],
    ["nothing", [], toAdmissionPolicy, "no rules"],
  ] as const)("%s", (_name, some, convert, part) => {
    const attempt = (): unknown => convert(some);
    expect(attempt).toThrow(expect.objectContaining({ code: "plan" }));
    expect(attempt).toThrow(part);
  });
});

test("policies name every mirror once", () => {
  const two = [...rules, { from: "ghcr.io/x/", to: "mirror.example:5000/pko/" }];
  const policy = decodeYaml(toKyvernoPolicy(two));
  expect(policy).toMatchObject({
    spec: {
      rules: [{ validate: { pattern: { spec: { containers: [{ image: "mirror.example:5000/pko/*" }] } } } }],
    },
  });
  expect(toAdmissionPolicy(two)).toContain('["mirror.example:5000/pko/"]');
});
