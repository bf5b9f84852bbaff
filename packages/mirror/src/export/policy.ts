import type { PrefixRule } from "@package-operator/image";
import { encodeYaml, type JsonObject } from "@package-operator/kube-yaml";
import { MirrorError } from "../errors.ts";

const POLICY_NAME = "images-from-mirror";

/** The places that images may come from: the `to` sides of the rules, each once, with a boundary at the end. */
function mirrorPrefixes(rules: readonly PrefixRule[]): string[] {
  const open = rules.filter(({ to }) => !/[/:@]$/.test(to));
  if (open.length > 0 || rules.length === 0) {
    const list = open.map(({ from, to }) => `${from}=${to}`).join(", ");
    const reason =
      rules.length === 0 ? "there are no rules" : `these replacements do not end in "/": ${list}`;
    throw new MirrorError("plan", `a policy needs places that images come from: ${reason}`);
  }
  return [...new Set(rules.map(({ to }) => to))].toSorted();
}

/** A Kyverno ClusterPolicy that refuses Pods with images from elsewhere. */
export function toKyvernoPolicy(rules: readonly PrefixRule[]): string {
  const image = mirrorPrefixes(rules)
    .map((prefix) => `${prefix}*`)
    .join(" | ");
  return encodeYaml({
    apiVersion: "kyverno.io/v1",
    kind: "ClusterPolicy",
    metadata: { name: POLICY_NAME },
    spec: {
      background: true,
      rules: [
        {
          name: "containers",
          match: { any: [{ resources: { kinds: ["Pod"] } }] },
          validate: {
            failureAction: "Enforce",
            message: "Images must come from the mirror.",
            pattern: {
              spec: {
                "=(ephemeralContainers)": [{ image }],
                "=(initContainers)": [{ image }],
                containers: [{ image }],
              },
            },
          },
        },
      ],
    },
  });
}

/** A ValidatingAdmissionPolicy with its binding (admissionregistration.k8s.io/v1) that refuses Pods with images from elsewhere. */
export function toAdmissionPolicy(rules: readonly PrefixRule[]): string {
  const prefixes = JSON.stringify(mirrorPrefixes(rules));
  const lists = ["containers", "initContainers", "ephemeralContainers"];
  const images = lists.map((list) => `object.spec.?${list}.orValue([]).map(c, c.image)`).join(" + ");
  const volumes =
    "object.spec.?volumes.orValue([]).filter(v, has(v.image) && has(v.image.reference)).map(v, v.image.reference)";
  const policy: JsonObject = {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingAdmissionPolicy",
    metadata: { name: POLICY_NAME },
    spec: {
      failurePolicy: "Fail",
      matchConstraints: {
        resourceRules: [
          {
            apiGroups: [""],
            apiVersions: ["v1"],
            operations: ["CREATE", "UPDATE"],
            resources: ["pods", "pods/ephemeralcontainers"],
          },
        ],
      },
      variables: [
        { name: "prefixes", expression: prefixes },
        { name: "images", expression: `${images} + ${volumes}` },
        {
          name: "outside",
          expression: "variables.images.filter(i, !variables.prefixes.exists(p, i.startsWith(p)))",
        },
      ],
      validations: [
        {
          expression: "variables.outside.size() == 0",
          messageExpression: "'images must come from the mirror: ' + variables.outside.join(', ')",
        },
      ],
    },
  };
  const binding: JsonObject = {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingAdmissionPolicyBinding",
    metadata: { name: POLICY_NAME },
    spec: { policyName: POLICY_NAME, validationActions: ["Deny"] },
  };
  return `${encodeYaml(policy)}---\n${encodeYaml(binding)}`;
}
