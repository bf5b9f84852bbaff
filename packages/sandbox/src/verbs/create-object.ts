import { type FieldError, invalid, isDns1123Subdomain, validateObjectMeta } from "@package-operator/schema";
import { StatusError } from "../errors.ts";
import { trackUpdate } from "../fields/managed-fields.ts";
import { getString, getStrings, type JsonObject, type JsonValue, metadataOf, nameOf } from "../json.ts";
import { alreadyExists, badRequest, forbidden, invalidObject, notFound } from "../refusals.ts";
import { collectionOf, type Resource } from "../resources/resource.ts";
import { objectKey } from "../storage/object-store.ts";
import { type ApiContext, formatTime, strategyContext, toStorage, toVersion } from "./api-context.ts";
import { decodeObject } from "./decode-object.ts";
import { type WriteOptions, writerFor } from "./write-options.ts";

/**
 * Creates an object from a request body and returns it as stored.
 *
 * @throws StatusError when the body, the name or the namespace do not allow it.
 */
export function createObject(
  context: ApiContext,
  resource: Resource,
  namespace: string,
  body: JsonValue,
  options: WriteOptions,
): JsonObject {
  const object = decodeObject(body, resource, {
    fieldValidation: options.fieldValidation ?? "Ignore",
    warn: options.warn ?? (() => undefined),
  });
  if (getString(object, "metadata", "resourceVersion") !== "") {
    throw new StatusError(500, "", "resourceVersion should not be set on objects to be created");
  }
  matchNamespace(object, resource, namespace);
  trackUpdate(undefined, object, writerFor(context, resource, options));
  return storeNew(context, resource, object, options);
}

/**
 * Checks and stores a decoded object that has its managed fields. An apply that creates may carry a resource version; a
 * real server ignores it there as well.
 */
export function storeNew(
  context: ApiContext,
  resource: Resource,
  object: JsonObject,
  options: WriteOptions,
): JsonObject {
  const { strategy } = resource;
  const metadata = metadataOf(object);
  if (resource.namespaced) requireNamespace(context, resource, object);
  for (const field of ["resourceVersion", "selfLink", "deletionTimestamp", "deletionGracePeriodSeconds"]) {
    delete metadata[field];
  }
  const generated = getString(metadata, "name") === "" && getString(metadata, "generateName") !== "";
  if (generated) metadata["name"] = generateName(context, getString(metadata, "generateName"));
  metadata["uid"] = context.random.uuid();
  metadata["creationTimestamp"] = formatTime(context.now());
  if (strategy.generationOf === undefined) delete metadata["generation"];
  else metadata["generation"] = 1;
  strategy.prepareForCreate?.(object, strategyContext(context));
  // Built-in objects are defaulted when they are read, which shows what was prepared.
  if (!resource.custom) strategy.defaults?.(object);
  const errors = [
    ...validateObjectMeta(metadata, "metadata", {
      namespaced: resource.namespaced,
      validateName: strategy.validateName ?? isDns1123Subdomain,
    }),
    ...(resource.custom ? [] : validateFinalizerNames(resource, object)),
    ...(strategy.validate?.(object) ?? []),
  ];
  if (errors.length > 0) throw invalidObject(resource, nameOf(object), errors);
  if (
    context.store.get(collectionOf(resource), objectKey(getString(metadata, "namespace"), nameOf(object)))
  ) {
    throw generated ? nameExhausted(resource, object) : alreadyExists(resource, nameOf(object));
  }
  if (options.dryRun === true) return object;
  const stored = context.store.put(collectionOf(resource), toStorage(object, resource));
  return toVersion(stored, resource);
}

/** Fills in the namespace of the request, or refuses another one in the body. */
export function matchNamespace(object: JsonObject, resource: Resource, namespace: string): void {
  const metadata = metadataOf(object);
  const own = getString(metadata, "namespace");
  if (!resource.namespaced) return;
  if (own === "") metadata["namespace"] = namespace;
  else if (own !== namespace) {
    throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
  }
}

/** Nothing new comes into a namespace that is not there or about to go. */
function requireNamespace(context: ApiContext, resource: Resource, object: JsonObject): void {
  const name = getString(object, "metadata", "namespace");
  const namespace = context.store.get("/namespaces", objectKey("", name));
  if (namespace === undefined) throw notFound({ group: "", plural: "namespaces" }, name);
  if (getString(namespace, "metadata", "deletionTimestamp") === "") return;
  throw forbidden(
    resource,
    nameOf(object),
    `unable to create new content in namespace ${name} because it is being terminated`,
    [
      {
        reason: "NamespaceTerminating",
        message: `namespace ${name} is being terminated`,
        field: "metadata.namespace",
      },
    ],
  );
}

function generateName(context: ApiContext, prefix: string): string {
  return prefix.slice(0, 63 - 5) + context.random.suffix();
}

function nameExhausted(resource: Resource, object: JsonObject): StatusError {
  const error = alreadyExists(resource, nameOf(object));
  return new StatusError(
    409,
    "AlreadyExists",
    `${error.message}, the server was not able to generate a unique name for the object`,
    {
      name: nameOf(object),
      kind: resource.plural,
    },
  );
}

/** Finalizers without a domain that Kubernetes itself uses. */
const standardFinalizers: ReadonlySet<string> = new Set(["kubernetes", "orphan", "foregroundDeletion"]);

/** Built-in kinds want finalizers to have a domain; definitions of custom kinds are not so strict. */
export function validateFinalizerNames(resource: Resource, object: JsonObject): FieldError[] {
  if (resource.kind === "CustomResourceDefinition") return [];
  return getStrings(object, "metadata", "finalizers").flatMap((finalizer, index) =>
    finalizer.includes("/") || standardFinalizers.has(finalizer)
      ? []
      : [
          invalid(
            `metadata.finalizers[${index}]`,
            finalizer,
            "name is neither a standard finalizer name nor is it fully qualified",
          ),
        ],
  );
}
