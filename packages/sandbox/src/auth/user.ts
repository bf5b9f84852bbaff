/** Who makes a request. */
export interface User {
  readonly name: string;
  readonly groups: readonly string[];
  readonly uid?: string;
}

/** Somebody without credentials. */
export const anonymous: User = { name: "system:anonymous", groups: ["system:unauthenticated"] };

/** Members may do everything. */
export const mastersGroup = "system:masters";

/** The user behind a ServiceAccount. */
export function serviceAccountUser(namespace: string, name: string, uid: string): User {
  return {
    name: `system:serviceaccount:${namespace}:${name}`,
    groups: ["system:serviceaccounts", `system:serviceaccounts:${namespace}`, "system:authenticated"],
    uid,
  };
}
