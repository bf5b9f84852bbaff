/** An image field inside an object. */
export interface ImageField {
  /** Where it stands, for example `spec.template.spec.containers[0].image`. */
  readonly path: string;
  /** Name of the container or volume. */
  readonly name: string;
  readonly image: string;
}

const CONTAINER_LISTS = ["initContainers", "containers", "ephemeralContainers"] as const;

/** The images that a Pod spec names: containers of every sort and image volumes. Tolerates anything misshapen. */
export function podSpecImages(spec: unknown, path: string): ImageField[] {
  const containers = CONTAINER_LISTS.flatMap((list) =>
    items(member(spec, list)).flatMap((container, index) =>
      imageField(`${path}.${list}[${index}].image`, member(container, "name"), member(container, "image")),
    ),
  );
  const volumes = items(member(spec, "volumes")).flatMap((volume, index) =>
    imageField(
      `${path}.volumes[${index}].image.reference`,
      member(volume, "name"),
      member(member(volume, "image"), "reference"),
    ),
  );
  return [...containers, ...volumes];
}

/**
 * Where objects of the built-in kinds keep a Pod spec, by `kind`. Other kinds may embed one too; the caller decides
 * which it knows.
 */
const POD_SPEC_PATHS: Readonly<Record<string, readonly string[]>> = {
  Pod: ["spec"],
  PodTemplate: ["template", "spec"],
  Deployment: ["spec", "template", "spec"],
  ReplicaSet: ["spec", "template", "spec"],
  ReplicationController: ["spec", "template", "spec"],
  StatefulSet: ["spec", "template", "spec"],
  DaemonSet: ["spec", "template", "spec"],
  Job: ["spec", "template", "spec"],
  CronJob: ["spec", "jobTemplate", "spec", "template", "spec"],
};

/** The images of one object of a built-in workload kind; empty for every other kind. */
export function workloadImages(object: unknown, at = ""): ImageField[] {
  const { spec, path } = podSpecOf(object);
  return podSpecImages(spec, [...(at === "" ? [] : [at]), ...path].join("."));
}

/** The Pod spec of an object of a built-in workload kind, and where it stands; undefined for every other kind. */
export function podSpecOf(object: unknown): { readonly spec: unknown; readonly path: readonly string[] } {
  const kind = member(object, "kind");
  const path =
    typeof kind === "string" && Object.hasOwn(POD_SPEC_PATHS, kind) ? POD_SPEC_PATHS[kind] : undefined;
  return path === undefined
    ? { spec: undefined, path: [] }
    : { spec: path.reduce<unknown>(member, object), path };
}

function imageField(path: string, name: unknown, image: unknown): ImageField[] {
  if (typeof image !== "string" || image === "") return [];
  return [{ path, name: typeof name === "string" ? name : "", image }];
}

/** A member of an object, undefined for anything that is not one. */
export function member(value: unknown, key: string): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
}

/** The items of a list, none for anything that is not one. */
export function items(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
