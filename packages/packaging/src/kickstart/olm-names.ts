import { createHash } from "node:crypto";
import { encodeJson, type JsonObject, type JsonValue } from "@package-operator/kube-yaml";
import { objectsAt, textAt } from "./json-fields.ts";

/** A set of rules for a service account, as a ClusterServiceVersion has it. */
export interface BundlePermission {
  readonly serviceAccountName: string;
  readonly rules: readonly JsonObject[];
}

/** The keys of a rule in the order that the hash depends on. */
const ruleKeys = ["verbs", "apiGroups", "resources", "resourceNames", "nonResourceURLs"] as const;
const maxNameLength = 63;

/** The name of the roles for a permission: the same as the Operator Lifecycle Manager gives them. */
export function roleName(csvName: string, permission: BundlePermission): string {
  const hash = permissionHash(permission);
  const base = `${csvName}-${permission.serviceAccountName}`;
  const fits = base.length + 1 + hash.length <= maxNameLength;
  return `${fits ? base : base.slice(0, maxNameLength - hash.length - 1)}-${hash}`;
}

/** SHA-224 of the permission as Go writes it, in base 36. */
function permissionHash({ serviceAccountName, rules }: BundlePermission): string {
  const ruleTexts = rules.map((rule) => {
    const parts = ruleKeys
      .filter((key) => key === "verbs" || !isEmpty(rule[key]))
      .map((key) => `"${key}":${encodeJson(rule[key] ?? null)}`);
    return `{${parts.join(",")}}`;
  });
  const name = encodeJson(serviceAccountName);
  const text = `{"serviceAccountName":${name},"rules":[${ruleTexts.join(",")}]}\n`;
  return BigInt(`0x${createHash("sha224").update(text).digest("hex")}`).toString(36);
}

function isEmpty(value: JsonValue | undefined): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}

/** Reads `permissions` or `clusterPermissions` of an install strategy. */
export function readPermissions(strategy: JsonObject, key: string): readonly BundlePermission[] {
  return objectsAt(strategy, key).map((permission) => ({
    serviceAccountName: textAt(permission, "serviceAccountName"),
    rules: objectsAt(permission, "rules"),
  }));
}
