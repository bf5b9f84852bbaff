import { apiGroup, phaseClasses } from "@package-operator/api";
import {
  type Controller,
  type ControllerOptions,
  createController,
  generationChanged,
  type Source,
  watchSource,
} from "@package-operator/controller";
import {
  type ApiObject,
  formatKey,
  keyOf,
  type KindRef,
  type KubeObject,
  parseApiVersion,
  parseKey,
} from "@package-operator/kube";
import { annotationOwnership, nativeOwnership, type Ownership } from "@package-operator/rollout";
import { hostedClusterKind } from "../environment/detect.ts";
import {
  createHostedClusterPackageReconcile,
  type HostedClusterPackageRuntime,
} from "../hosted-cluster/hosted-cluster-package.ts";
import type { HostedCluster } from "../hosted-cluster/hosted-clusters.ts";
import { createHostedClusterReconcile } from "../hosted-cluster/remote-phase-package.ts";
import { createObjectDeploymentReconcile } from "../object-deployment/reconcile.ts";
import { createObjectSetReconcile } from "../object-set/reconcile.ts";
import { createObjectSetPhaseReconcile, type PhaseRuntime } from "../object-set-phase/reconcile.ts";
import { createObjectTemplateReconcile, type TemplateRuntime } from "../object-template/reconcile.ts";
import { sourceRef } from "../object-template/sources.ts";
import type { PackageRuntime } from "../package/package-runtime.ts";
import { createPackageReconcile } from "../package/reconcile.ts";
import type { KindStore } from "../runtime/kind-store.ts";
import type { Reconcile } from "../runtime/reconciler.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { Stores } from "../runtime/stores.ts";

/** How controllers are made; the observer feeds their metrics. */
export type ControllerFactory = (
  kind: KindRef,
  options: { reconcile: Reconcile; sources: Source[]; workers?: number },
) => Controller;

/** Makes controllers that are called like their kind. */
export function controllerFactory(
  options: Pick<ControllerOptions, "logger" | "clock"> & {
    observe: (name: string) => ControllerOptions["observer"];
  },
): ControllerFactory {
  return ({ kind }, { reconcile, sources, workers }) => {
    const name = kind.toLowerCase();
    return createController({
      name,
      sources,
      workers,
      logger: options.logger,
      clock: options.clock,
      observer: options.observe(name),
      reconcile: (key, { signal }) => reconcile(parseKey(key), { signal }),
    });
  };
}

/**
 * How many objects of a kind are worked on at once. Pulls and writes to the API server are mostly waiting, and revisions
 * that meet at an object are kept apart by its resource version.
 */
const workers = 5;

/** Packages: their own changes, and those of the deployments they control. */
export function packageController(
  stores: Stores,
  runtime: PackageRuntime,
  make: ControllerFactory,
): Controller {
  return make(stores.kinds.package, {
    reconcile: createPackageReconcile(stores, runtime),
    workers,
    sources: [ownChanges(stores.packages), controlledChanges(stores.deployments, stores.kinds.package)],
  });
}

/** Deployments: their own changes, and those of the sets they control. */
export function objectDeploymentController(
  stores: Stores,
  runtime: Runtime,
  make: ControllerFactory,
): Controller {
  return make(stores.kinds.objectDeployment, {
    reconcile: createObjectDeploymentReconcile(stores, runtime),
    workers,
    sources: [ownChanges(stores.deployments), controlledChanges(stores.sets, stores.kinds.objectDeployment)],
  });
}

/** Sets: changes of their spec, of phase objects they control, and of objects they own. */
export function objectSetController(stores: Stores, runtime: Runtime, make: ControllerFactory): Controller {
  const { kind } = stores.kinds.objectSet;
  return make(stores.kinds.objectSet, {
    reconcile: createObjectSetReconcile(stores, runtime),
    workers,
    sources: [
      watchSource(stores.sets.informer, { filter: generationChanged }),
      controlledChanges(stores.phases, stores.kinds.objectSet),
      ready(stores.slices),
      watchSource(runtime.cache, { keys: (object) => ownerKeys(nativeOwnership, object, kind) }),
    ],
  });
}

/** Phases of one class: their own changes, and those of objects that name them as owner, however they do. */
export function objectSetPhaseController(
  stores: Stores,
  runtime: PhaseRuntime,
  make: ControllerFactory,
): Controller {
  const { kind } = stores.kinds.objectSetPhase;
  return make(stores.kinds.objectSetPhase, {
    reconcile: createObjectSetPhaseReconcile(stores, runtime),
    workers,
    sources: [
      ownChanges(stores.phases),
      ready(stores.sets),
      watchSource(runtime.cache, { keys: (object) => ownerKeys(runtime.ownership, object, kind) }),
    ],
  });
}

/** Templates: their own changes, and those of their sources and of the objects they make. */
export function objectTemplateController(
  stores: Stores,
  runtime: TemplateRuntime,
  make: ControllerFactory,
): Controller {
  const { kind } = stores.kinds.objectTemplate;
  const readers = (object: KubeObject): string[] =>
    stores.templates
      .list()
      .filter((template) =>
        template.spec.sources.some((source) => {
          const ref = sourceRef(template, source);
          const { name, namespace } = object.metadata;
          return ref.kind === object.kind && ref.name === name && (ref.namespace === namespace || !namespace);
        }),
      )
      .map((template) => keyOf(template));
  return make(stores.kinds.objectTemplate, {
    reconcile: createObjectTemplateReconcile(stores, runtime),
    sources: [
      ownChanges(stores.templates),
      watchSource(runtime.cache, {
        keys: (object) => [...ownerKeys(nativeOwnership, object, kind), ...readers(object)],
      }),
    ],
  });
}

/** HostedClusters: their own changes, and those of the packages that name them as controller in their annotation. */
export function hostedClusterController(
  hostedClusters: KindStore<HostedCluster>,
  stores: Stores,
  options: Parameters<typeof createHostedClusterReconcile>[2],
  make: ControllerFactory,
): Controller {
  return make(hostedClusterKind, {
    reconcile: createHostedClusterReconcile(hostedClusters, stores, options),
    sources: [
      ownChanges(hostedClusters),
      watchSource(stores.packages.informer, {
        keys: (pkg) =>
          annotationOwnership
            .owners(pkg as unknown as KubeObject)
            .filter((owner) => owner.controller && owner.kind === hostedClusterKind.kind)
            .map(({ name, namespace }) => formatKey({ name, namespace })),
      }),
    ],
  });
}

/** HostedClusterPackages: their own changes, those of their packages, and every change of a HostedCluster. */
export function hostedClusterPackageController(
  runtime: HostedClusterPackageRuntime,
  make: ControllerFactory,
): Controller {
  return make(runtime.own.kind, {
    reconcile: createHostedClusterPackageReconcile(runtime),
    sources: [
      ownChanges(runtime.own),
      watchSource(runtime.stores.packages.informer, {
        keys: ({ metadata }) =>
          (metadata.ownerReferences ?? [])
            .filter(({ controller, kind }) => controller === true && kind === runtime.own.kind.kind)
            .map(({ name }) => name),
      }),
      watchSource(runtime.hostedClusters.informer, {
        keys: () => runtime.own.list().map((own) => keyOf(own)),
      }),
    ],
  });
}

/** The class of phases that the operator itself handles. */
export const ownPhases: Pick<PhaseRuntime, "phaseClass" | "ownership"> = {
  phaseClass: phaseClasses.default,
  ownership: nativeOwnership,
};

function ownChanges<T extends ApiObject>(store: KindStore<T>): Source {
  return watchSource<T>(store.informer);
}

/** Changes of children queue the parent that controls them. */
function controlledChanges<T extends ApiObject>(children: KindStore<T>, parent: KindRef): Source {
  return watchSource<T>(children.informer, {
    keys: ({ metadata }) =>
      (metadata.ownerReferences ?? [])
        .filter(({ controller, kind, apiVersion }) => {
          return (
            controller === true && kind === parent.kind && parseApiVersion(apiVersion).group === apiGroup
          );
        })
        .map(({ name }) => formatKey({ namespace: metadata.namespace, name })),
  });
}

/** A cache that is read but whose changes are no news; it has to be filled before work starts. */
function ready(store: KindStore<never> | KindStore<ApiObject>): Source {
  return { start: () => ({ ready: store.informer.synced, stop: () => undefined }) };
}

function ownerKeys(ownership: Ownership, object: Parameters<Ownership["owners"]>[0], kind: string): string[] {
  return ownership
    .owners(object)
    .filter((owner) => owner.kind === kind && parseApiVersion(owner.apiVersion).group === apiGroup)
    .map(({ name, namespace }) => {
      // Native entries carry no namespace: owner and object share it, unless the owner has none.
      const place =
        ownership.sameCluster && !kind.startsWith("Cluster") ? object.metadata.namespace : namespace;
      return formatKey({ namespace: place, name });
    });
}
