import { getObjects, getString, getStrings, type JsonObject, namespaceOf } from "../json.ts";
import { objectKey, type ObjectStore } from "../storage/object-store.ts";
import { mastersGroup, type User } from "./user.ts";

/** What somebody wants to do: to a resource, or to a path that is none. */
export interface Attributes {
  readonly verb: string;
  readonly group?: string;
  readonly resource?: string;
  readonly subresource?: string;
  readonly name?: string;
  /** Empty at cluster scope. */
  readonly namespace?: string;
  readonly path?: string;
}

/** A decision, with the binding that allowed it. */
export interface Decision {
  readonly allowed: boolean;
  readonly reason: string;
}

const rbac = "rbac.authorization.k8s.io";

/** Decides by the Roles and bindings in the store; `system:masters` may do everything. */
export function authorize(store: ObjectStore, user: User, attributes: Attributes): Decision {
  if (user.groups.includes(mastersGroup)) return { allowed: true, reason: "" };
  for (const { binding, rules } of bindingsOf(store, user, attributes.namespace ?? "")) {
    if (!rules.some((rule) => allows(rule, attributes))) continue;
    const role = `${getString(binding, "roleRef", "kind")} ${JSON.stringify(getString(binding, "roleRef", "name"))}`;
    const name = getString(binding, "metadata", "name");
    const where = namespaceOf(binding) === "" ? name : `${name}/${namespaceOf(binding)}`;
    return {
      allowed: true,
      reason: `RBAC: allowed by ${getString(binding, "kind")} ${JSON.stringify(where)} of ${role} to ${subjectText(binding, user)}`,
    };
  }
  return { allowed: false, reason: "" };
}

/** All rules that apply to a user in a namespace. */
export function rulesFor(store: ObjectStore, user: User, namespace: string): JsonObject[] {
  const everything = { apiGroups: ["*"], resources: ["*"], verbs: ["*"] };
  const paths = { nonResourceURLs: ["*"], verbs: ["*"] };
  if (user.groups.includes(mastersGroup)) return [everything, paths];
  return bindingsOf(store, user, namespace).flatMap(({ rules }) => rules);
}

function bindingsOf(
  store: ObjectStore,
  user: User,
  namespace: string,
): { binding: JsonObject; rules: JsonObject[] }[] {
  const bindings = [
    ...store.list(`${rbac}/clusterrolebindings`),
    ...(namespace === "" ? [] : store.list(`${rbac}/rolebindings`, namespace)),
  ];
  return bindings
    .filter((binding) => subjectOf(binding, user) !== undefined)
    .map((binding) => ({ binding, rules: rulesOf(store, binding) }));
}

function rulesOf(store: ObjectStore, binding: JsonObject): JsonObject[] {
  const kind = getString(binding, "roleRef", "kind");
  const name = getString(binding, "roleRef", "name");
  const role =
    kind === "Role"
      ? store.get(`${rbac}/roles`, objectKey(namespaceOf(binding), name))
      : store.get(`${rbac}/clusterroles`, objectKey("", name));
  return getObjects(role, "rules");
}

function subjectOf(binding: JsonObject, user: User): JsonObject | undefined {
  return getObjects(binding, "subjects").find((subject) => {
    const name = getString(subject, "name");
    switch (getString(subject, "kind")) {
      case "User":
        return name === user.name;
      case "Group":
        return user.groups.includes(name);
      case "ServiceAccount": {
        const namespace = getString(subject, "namespace") || namespaceOf(binding);
        return user.name === `system:serviceaccount:${namespace}:${name}`;
      }
      default:
        return false;
    }
  });
}

function subjectText(binding: JsonObject, user: User): string {
  const subject = subjectOf(binding, user) ?? {};
  const kind = getString(subject, "kind");
  const namespace = getString(subject, "namespace") || namespaceOf(binding);
  const name = getString(subject, "name");
  return `${kind} ${JSON.stringify(kind === "ServiceAccount" ? `${name}/${namespace}` : name)}`;
}

function allows(rule: JsonObject, attributes: Attributes): boolean {
  if (!matchesAny(getStrings(rule, "verbs"), attributes.verb)) return false;
  const { path } = attributes;
  if (path !== undefined) {
    return getStrings(rule, "nonResourceURLs").some(
      (url) => url === path || (url.endsWith("*") && path.startsWith(url.slice(0, -1))),
    );
  }
  const { group = "", resource = "", subresource = "", name = "" } = attributes;
  const wanted = subresource === "" ? resource : `${resource}/${subresource}`;
  const resources = getStrings(rule, "resources");
  const named = getStrings(rule, "resourceNames");
  return (
    matchesAny(getStrings(rule, "apiGroups"), group) &&
    (matchesAny(resources, wanted) || (subresource !== "" && resources.includes(`*/${subresource}`))) &&
    (named.length === 0 || named.includes(name))
  );
}

function matchesAny(list: readonly string[], value: string): boolean {
  return list.includes("*") || list.includes(value);
}
