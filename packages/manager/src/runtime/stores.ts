import type { KindRef, KubeClient, Clock, ApiObject, InformerOptions } from "@package-operator/kube";
import { createInformer } from "@package-operator/kube";
import type {
  ObjectDeployment,
  ObjectSet,
  ObjectSetPhase,
  ObjectSlice,
  ObjectTemplate,
  PackageResource,
} from "../resources.ts";
import type { ScopedKinds } from "../scope.ts";
import { createKindStore, type KindStore } from "./kind-store.ts";

/** The stores of our kinds in one scope. */
export interface Stores {
  readonly kinds: ScopedKinds;
  readonly packages: KindStore<PackageResource>;
  readonly deployments: KindStore<ObjectDeployment>;
  readonly sets: KindStore<ObjectSet>;
  readonly phases: KindStore<ObjectSetPhase>;
  readonly slices: KindStore<ObjectSlice>;
  readonly templates: KindStore<ObjectTemplate>;
}

/** What stores are made over. */
export interface StoreOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  /** Only objects of this namespace are watched. */
  readonly namespace?: string;
  readonly onError: (error: unknown, kind: KindRef) => void;
}

/** Makes a store of one kind and starts its watch; the caller closes its informer. */
export function openStore<T extends ApiObject>(kind: KindRef, options: StoreOptions): KindStore<T> {
  const { client, clock, namespace, onError } = options;
  const informerOptions: InformerOptions<T> = {
    clock,
    namespace,
    onError: (error) => onError(error, kind),
  };
  return createKindStore({ kind, client, clock, informer: createInformer<T>(client, kind, informerOptions) });
}

/** Stores of one scope, and those that were asked for so far. */
export interface OpenedStores extends Stores {
  opened(): KindStore<ApiObject>[];
}

/** Makes the stores of one scope; each kind's watch starts when its store is first asked for. */
export function openStores(kinds: ScopedKinds, options: StoreOptions): OpenedStores {
  const opened = new Map<string, KindStore<never>>();
  const store = <T extends ApiObject>(kind: KindRef): KindStore<T> => {
    const known = opened.get(kind.kind) ?? (openStore<T>(kind, options) as unknown as KindStore<never>);
    opened.set(kind.kind, known);
    return known;
  };
  return {
    kinds,
    get packages() {
      return store<PackageResource>(kinds.package);
    },
    get deployments() {
      return store<ObjectDeployment>(kinds.objectDeployment);
    },
    get sets() {
      return store<ObjectSet>(kinds.objectSet);
    },
    get phases() {
      return store<ObjectSetPhase>(kinds.objectSetPhase);
    },
    get slices() {
      return store<ObjectSlice>(kinds.objectSlice);
    },
    get templates() {
      return store<ObjectTemplate>(kinds.objectTemplate);
    },
    opened: () => [...opened.values()],
  };
}
