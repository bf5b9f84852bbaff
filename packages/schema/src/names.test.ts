import { expect, test } from "vitest";
import { isConfigMapKey, isQualifiedName } from "./names.ts";

test("a prefix that is too long and malformed has both findings", () => {
  const findings = isQualifiedName(`${"A".repeat(254)}/name`);
  expect(findings[0]).toBe("prefix part must be no more than 253 bytes");
  expect(findings[1]).toMatch(/^prefix part a lowercase RFC 1123 subdomain must consist of /);
  expect(findings).toHaveLength(2);
});

test("a key that climbs up and is malformed has both findings", () => {
  const findings = isConfigMapKey("../etc");
  expect(findings[0]).toMatch(/^a valid config key must consist of /);
  expect(findings[1]).toBe("must not start with '..'");
  expect(findings).toHaveLength(2);
});
