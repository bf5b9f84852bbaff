import { definition, zeroObject } from "../builtin/definitions.ts";
import { resetFieldsOf } from "../builtin/strategies.ts";
import type { Writer } from "../fields/managed-fields.ts";
import { apiVersionOf, type Resource } from "../resources/resource.ts";
import type { ApiContext } from "./api-context.ts";
import type { FieldValidation } from "./decode-object.ts";

/** What a write request says besides its body. */
export interface WriteOptions {
  /** Who owns the fields: the `fieldManager` parameter or the start of the user agent. */
  readonly manager: string;
  /** Does everything but store. */
  readonly dryRun?: boolean;
  /** Default `Ignore`. */
  readonly fieldValidation?: FieldValidation;
  /** Receives warnings for the client. */
  readonly warn?: (text: string) => void;
  /** `status`, `scale` or another subresource; empty for the object. */
  readonly subresource?: string;
}

/** The writer of managed fields for a request. */
export function writerFor(context: ApiContext, resource: Resource, options: WriteOptions): Writer {
  const subresource = options.subresource ?? "";
  const apiVersion = apiVersionOf(resource);
  const empty = resource.custom ? {} : zeroObject(definition(resource.definition));
  return {
    manager: options.manager,
    apiVersion,
    kind: resource.kind,
    subresource,
    now: context.now(),
    empty: { ...empty, apiVersion, kind: resource.kind },
    ignored: resetFieldsOf(resource.strategy, subresource),
    typeOf: (version) => context.catalog.findKind(version, resource.kind)?.type,
  };
}
