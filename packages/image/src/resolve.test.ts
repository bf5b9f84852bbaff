import { expect, test } from "vitest";
import { parseHostOverrides, replaceHost } from "./host-overrides.ts";
import { createPrefixMatcher } from "./prefix-matcher.ts";
import { parsePrefixOverrides } from "./prefix-overrides.ts";
import { resolveLockedImage, resolvePullReference } from "./resolve.ts";

const digest = `sha256:${"0".repeat(64)}`;

function matcher(text: string): ReturnType<typeof createPrefixMatcher> {
  return createPrefixMatcher(parsePrefixOverrides(text).rules);
}

test("a pull goes through the prefix override, then the host override", () => {
  const overrides = {
    prefix: matcher("dev.example/pko/src/=dev.example/pko/mirror/"),
    hosts: parseHostOverrides("dev.example=registry.ns.svc.cluster.local:5001"),
  };
  const image = "dev.example/pko/src/x:v1";
  expect(resolvePullReference(image, overrides)).toBe("registry.ns.svc.cluster.local:5001/pko/mirror/x:v1");
  expect(resolveLockedImage(image, digest, overrides.prefix)).toBe(`dev.example/pko/mirror/x@${digest}`);
});

test("without overrides the reference comes back as written", () => {
  expect(resolvePullReference("nginx", {})).toBe("nginx");
});

test.each([
  [
    "quay.io/package-operator/manager:v1.18.2",
    "quay.io/package-operator/=quay.io/t/m/",
    "quay.io/t/m/manager",
  ],
  ["nginx:1.23.3", "", "index.docker.io/library/nginx"],
  ["nginx:1.23.3", "nginx=m.io:5000/hub/nginx", "m.io:5000/hub/nginx"],
  ["quay.io/a/b:v1", "quay.io/=", "index.docker.io/a/b"],
  ["quay.io/a/b:v1", "quay.io/=mirror/", "index.docker.io/mirror/a/b"],
])("lock image %s with %s", (image, overrides, repository) => {
  expect(resolveLockedImage(image, digest, matcher(overrides))).toBe(`${repository}@${digest}`);
});

test("a lock image that is invalid after the override is an error naming it", () => {
  expect(() => resolveLockedImage("quay.io/a/b:v1", digest, matcher("quay.io/=m.io/Upper/"))).toThrow(
    expect.objectContaining({
      code: "invalid-reference",
      message: "parse image reference: could not parse reference: m.io/Upper/a/b:v1",
    }),
  );
});

test("of several hosts that match the longest wins, whatever their order", () => {
  const image = "quay.io/acme/app:v1";
  expect(replaceHost(image, parseHostOverrides("quay.io=a.io,quay.io/acme=b.io"))).toBe("b.io/acme/app:v1");
  expect(replaceHost(image, parseHostOverrides("quay.io/acme=b.io,quay.io=a.io"))).toBe("b.io/acme/app:v1");
});
