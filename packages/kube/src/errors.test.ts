import { expect, test } from "vitest";
import {
  isAlreadyExists,
  isConflict,
  isExpired,
  isForbidden,
  isInvalid,
  isNotFound,
  isUnauthorized,
  isUnknownKind,
  KubeError,
} from "./errors.ts";

const guards = {
  isAlreadyExists,
  isConflict,
  isExpired,
  isForbidden,
  isInvalid,
  isNotFound,
  isUnauthorized,
  isUnknownKind,
};

function answered(httpStatus: number, reason?: string): KubeError {
  return new KubeError("ApiStatus", "x", {
    httpStatus,
    ...(reason && { status: { reason, code: httpStatus } }),
  });
}

test.each([
  ["isNotFound", answered(404, "NotFound")],
  ["isNotFound", answered(404)],
  ["isAlreadyExists", answered(409, "AlreadyExists")],
  ["isConflict", answered(409, "Conflict")],
  ["isInvalid", answered(422, "Invalid")],
  ["isForbidden", answered(403, "Forbidden")],
  ["isUnauthorized", answered(401, "Unauthorized")],
  ["isExpired", answered(410, "Expired")],
  ["isExpired", answered(410, "Gone")],
  ["isUnknownKind", new KubeError("UnknownKind", "x")],
])("%s recognises its error and no other", (name, error) => {
  const matching = Object.entries(guards).filter(([, guard]) => guard(error));
  expect(matching.map(([guard]) => guard)).toEqual([name]);
});

test("guards say no to what is no KubeError", () => {
  expect(isNotFound(new Error("NotFound"))).toBe(false);
  expect(isNotFound(undefined)).toBe(false);
});
