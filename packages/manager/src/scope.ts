import { apiVersion, kindInScope, type KindName, type Scope } from "@package-operator/api";
import type { KindRef } from "@package-operator/kube";

/** Our kinds in one scope: namespaced, or their cluster-scoped twins. Everything else is the same for both. */
export interface ScopedKinds {
  readonly scope: Scope;
  readonly package: KindRef;
  readonly objectDeployment: KindRef;
  readonly objectSet: KindRef;
  readonly objectSetPhase: KindRef;
  readonly objectSlice: KindRef;
  readonly objectTemplate: KindRef;
}

function kindsOf(scope: Scope): ScopedKinds {
  const kind = (name: KindName): KindRef => ({ apiVersion, kind: kindInScope(name, scope) });
  return {
    scope,
    package: kind("Package"),
    objectDeployment: kind("ObjectDeployment"),
    objectSet: kind("ObjectSet"),
    objectSetPhase: kind("ObjectSetPhase"),
    objectSlice: kind("ObjectSlice"),
    objectTemplate: kind("ObjectTemplate"),
  };
}

/** The namespaced kinds. */
export const namespacedKinds: ScopedKinds = kindsOf("Namespaced");

/** The cluster-scoped kinds. */
export const clusterKinds: ScopedKinds = kindsOf("Cluster");
