import { annotations, conditionTypes, labels } from "@package-operator/api";
import { type DynamicCache, formatKind } from "@package-operator/kube";
import { Gauge, type Registry } from "prom-client";
import { findCondition } from "../conditions.ts";
import type { ObjectSet, PackageResource } from "../resources.ts";

/** The metric series of packages and object sets. */
export interface ObjectMetrics {
  recordPackage(pkg: PackageResource): void;
  /** How long the last pull and deployment took. */
  recordLoad(pkg: PackageResource, seconds: number): void;
  forgetPackage(pkg: PackageResource): void;
  recordObjectSet(set: ObjectSet): void;
  forgetObjectSet(set: ObjectSet): void;
}

const packageLabelNames = ["pko_name", "pko_namespace"] as const;
const setLabelNames = ["pko_name", "pko_namespace", "pko_package_instance"] as const;

/** Registers the metrics of packages and object sets; names and labels are those of the Go operator. */
export function createObjectMetrics(registry: Registry): ObjectMetrics {
  const gauge = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
    new Gauge({ name: `package_operator_${name}`, help, labelNames, registers: [registry] });
  const availability = gauge(
    "package_availability",
    "Availability of a package: 0 unavailable, 1 available, 2 unknown.",
    [...packageLabelNames, "image"],
  );
  const created = gauge(
    "package_created_timestamp_seconds",
    "When a package was created, in Unix time.",
    packageLabelNames,
  );
  const loaded = gauge(
    "package_load_duration_seconds",
    "How long the last pull and deployment of a package took.",
    packageLabelNames,
  );
  const revision = gauge("package_revision", "Revision of a package.", packageLabelNames);
  const setCreated = gauge(
    "object_set_created_timestamp_seconds",
    "When an object set was created, in Unix time.",
    setLabelNames,
  );
  const setSucceeded = gauge(
    "object_set_succeeded_timestamp_seconds",
    "When an object set first was a success, in Unix time.",
    [...setLabelNames, "image"],
  );
  /** The image label of each series, so that a changed image leaves no old series behind. */
  const images = new Map<string, string>();

  const forgetAvailability = (identity: Record<(typeof packageLabelNames)[number], string>) => {
    const key = JSON.stringify(identity);
    const image = images.get(key);
    if (image !== undefined) availability.remove({ ...identity, image });
    images.delete(key);
  };
  const succeededLabels = (set: ObjectSet) => ({
    ...setIdentity(set),
    image: set.metadata.annotations?.[annotations.packageSourceImage] ?? "",
  });
  return {
    recordPackage(pkg) {
      const identity = packageIdentity(pkg);
      forgetAvailability(identity);
      images.set(JSON.stringify(identity), pkg.spec.image);
      const { status } = findCondition(pkg, conditionTypes.available) ?? {};
      const value = status === "True" ? 1 : status === "False" ? 0 : 2;
      availability.set({ ...identity, image: pkg.spec.image }, value);
      created.set(identity, secondsOf(pkg.metadata.creationTimestamp));
      revision.set(identity, pkg.status?.revision ?? 0);
    },
    recordLoad: (pkg, seconds) => loaded.set(packageIdentity(pkg), Math.round(seconds * 1000) / 1000),
    forgetPackage(pkg) {
      const identity = packageIdentity(pkg);
      forgetAvailability(identity);
      for (const metric of [created, loaded, revision]) metric.remove(identity);
    },
    recordObjectSet(set) {
      setCreated.set(setIdentity(set), secondsOf(set.metadata.creationTimestamp));
      const succeeded = findCondition(set, conditionTypes.succeeded);
      const archived = findCondition(set, conditionTypes.archived)?.status === "True";
      if (archived) setSucceeded.remove(succeededLabels(set));
      else if (succeeded) setSucceeded.set(succeededLabels(set), secondsOf(succeeded.lastTransitionTime));
    },
    forgetObjectSet(set) {
      setCreated.remove(setIdentity(set));
      setSucceeded.remove(succeededLabels(set));
    },
  };
}

/** All operators share one dynamic cache; dashboards know it under this owner. */
const cacheOwner = { owner: "123-456" };

/** Registers the metrics of the dynamic cache, read when they are scraped. */
export function registerCacheMetrics(registry: Registry, cache: Pick<DynamicCache, "counts">): void {
  // oxlint-disable-next-line no-new -- a metric lives in its registry
  new Gauge({
    name: "package_operator_managed_cache_informers_total",
    help: "Kinds that are watched.",
    labelNames: ["owner"],
    registers: [registry],
    collect(): void {
      this.set(cacheOwner, cache.counts().informers);
    },
  });
  // oxlint-disable-next-line no-new -- a metric lives in its registry
  new Gauge({
    name: "package_operator_managed_cache_objects_total",
    help: "Objects in the cache, by kind.",
    labelNames: ["owner", "gvk"],
    registers: [registry],
    collect(): void {
      this.reset();
      for (const { kind, count } of cache.counts().objects) {
        this.set({ ...cacheOwner, gvk: formatKind(kind) }, count);
      }
    },
  });
}

function packageIdentity({ metadata }: PackageResource): Record<(typeof packageLabelNames)[number], string> {
  return { pko_name: metadata.name ?? "", pko_namespace: metadata.namespace ?? "" };
}

function setIdentity({ metadata }: ObjectSet): Record<(typeof setLabelNames)[number], string> {
  return {
    pko_name: metadata.name ?? "",
    pko_namespace: metadata.namespace ?? "",
    pko_package_instance: metadata.labels?.[labels.instance] ?? "",
  };
}

function secondsOf(time: string | null | undefined): number {
  return time ? Date.parse(time) / 1000 : 0;
}
