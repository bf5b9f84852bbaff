import { type FieldError, formatFieldErrors, statusCauses } from "@package-operator/schema";
import { StatusError } from "./errors.ts";
import type { JsonObject } from "./json.ts";

/** Group and plural name of a resource, as refusals name it. */
export interface GroupResource {
  readonly group: string;
  readonly plural: string;
}

/** `deployments.apps`, or `pods` for the core group. */
function formatGroupResource({ group, plural }: GroupResource): string {
  return group === "" ? plural : `${plural}.${group}`;
}

function detailsOf(resource: GroupResource, name: string, more: JsonObject = {}): JsonObject {
  return {
    ...(name === "" ? {} : { name }),
    ...(resource.group === "" ? {} : { group: resource.group }),
    ...(resource.plural === "" ? {} : { kind: resource.plural }),
    ...more,
  };
}

/** 404 for an object that is not there. */
export function notFound(resource: GroupResource, name: string): StatusError {
  const message = `${formatGroupResource(resource)} "${name}" not found`;
  return new StatusError(404, "NotFound", message, detailsOf(resource, name));
}

/** 404 for a path that is not served. */
export function pathNotFound(): StatusError {
  return new StatusError(404, "NotFound", "the server could not find the requested resource", {});
}

/** 409 for a name that is taken. */
export function alreadyExists(resource: GroupResource, name: string): StatusError {
  const message = `${formatGroupResource(resource)} "${name}" already exists`;
  return new StatusError(409, "AlreadyExists", message, detailsOf(resource, name));
}

/** 409 for a write that does not fit the stored state. */
export function conflict(resource: GroupResource, name: string, why: string): StatusError {
  const message = `Operation cannot be fulfilled on ${formatGroupResource(resource)} "${name}": ${why}`;
  return new StatusError(409, "Conflict", message, detailsOf(resource, name));
}

/** 403 with the server's usual sentence; `causes` tell more for machines. */
export function forbidden(
  resource: GroupResource,
  name: string,
  why: string,
  causes: JsonObject[] = [],
): StatusError {
  const subject =
    resource.plural === ""
      ? "forbidden"
      : name === ""
        ? `${formatGroupResource(resource)} is forbidden`
        : `${formatGroupResource(resource)} "${name}" is forbidden`;
  const more = causes.length === 0 ? {} : { causes };
  return new StatusError(403, "Forbidden", `${subject}: ${why}`, detailsOf(resource, name, more));
}

/** 400 for a request that cannot be read. */
export function badRequest(message: string): StatusError {
  return new StatusError(400, "BadRequest", message);
}

/** 401 for unknown credentials. */
export function unauthorized(): StatusError {
  return new StatusError(401, "Unauthorized", "Unauthorized");
}

/** 405 for a verb the resource does not have. */
export function methodNotAllowed(): StatusError {
  return new StatusError(
    405,
    "MethodNotAllowed",
    "the server does not allow this method on the requested resource",
    {},
  );
}

/** 415 for a body type the server does not read. */
export function unsupportedMediaType(accepted: readonly string[]): StatusError {
  const message = `the body of the request was in an unknown format - accepted media types include: ${accepted.join(", ")}`;
  return new StatusError(415, "UnsupportedMediaType", message);
}

/** 410 for a resource version that is no longer kept. */
export function expired(message: string): StatusError {
  return new StatusError(410, "Expired", message);
}

/** 500 for what the server did not expect; also where the real server has no better code. */
export function internalError(message: string): StatusError {
  return new StatusError(500, "InternalError", `Internal error occurred: ${message}`, {
    causes: [{ message }],
  });
}

/** 422 with one cause per finding; `group` and `kind` are those of the object. */
export function invalidObject(
  kind: { readonly group: string; readonly kind: string },
  name: string,
  found: readonly FieldError[],
): StatusError {
  // Go shows a finding about the whole object under the path of a nil pointer.
  const errors = found.map((error) => (error.path === "" ? { ...error, path: "<nil>" } : error));
  const subject = kind.group === "" ? kind.kind : `${kind.kind}.${kind.group}`;
  const details: JsonObject = {
    ...(name === "" ? {} : { name }),
    ...(kind.group === "" ? {} : { group: kind.group }),
    kind: kind.kind,
    ...(errors.length === 0
      ? {}
      : { causes: statusCauses(errors).map(({ reason, message, field }) => ({ reason, message, field })) }),
  };
  const message = `${subject} "${name}" is invalid: ${formatFieldErrors(errors)}`;
  return new StatusError(422, "Invalid", message, details);
}
