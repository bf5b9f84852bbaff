import * as fc from "fast-check";
import { expect, test } from "vitest";
import { formatReference, isDigest, parseReference, referenceBelow, withDigest } from "./reference.ts";

const digest = `sha256:${"0123456789abcdef".repeat(4)}`;

test("keeps the tag that stands before a digest", () => {
  expect(parseReference(`quay.io/org/app:v1@${digest}`)).toEqual({
    kind: "digest",
    registry: "quay.io",
    repository: "org/app",
    identifier: digest,
    tag: "v1",
    text: `quay.io/org/app:v1@${digest}`,
  });
  expect(parseReference(`quay.io/org/app@${digest}`)).not.toHaveProperty("tag");
});

test("fills in what Docker Hub leaves out", () => {
  expect(formatReference(parseReference("nginx"))).toBe("index.docker.io/library/nginx:latest");
  expect(withDigest("nginx:1.23.3", digest)).toBe(`index.docker.io/library/nginx@${digest}`);
});

test("an error names the whole text", () => {
  expect(() => parseReference("quay.io/Upper/x")).toThrow(
    expect.objectContaining({ code: "invalid-reference", input: "quay.io/Upper/x" }),
  );
});

test("only whole lower-case SHA-256 digests are digests", () => {
  expect(isDigest(digest)).toBe(true);
  for (const text of ["", "sha256:abc", digest.toUpperCase(), `${digest}0`, `${digest}\n`]) {
    expect(isDigest(text)).toBe(false);
  }
});

test("a reference below a place", () => {
  expect(referenceBelow("quay.io/org", "app", "v1")).toBe("quay.io/org/app:v1");
  expect(referenceBelow("localhost:5000/", "app", "v1")).toBe("localhost:5000/app:v1");
  for (const [place, name, tag] of [
    ["quay.io", "App", "v1"],
    ["quay.io", "app", ""],
    ["quay.io", "app", `v1@${digest}`],
    ["", "app", "v1"],
  ] as const) {
    expect(() => referenceBelow(place, name, tag)).toThrow(
      expect.objectContaining({ code: "invalid-reference" }),
    );
  }
});

const referenceArbitrary = fc
  .record({
    host: fc.constantFrom("", "quay.io/", "localhost:5000/", "docker.io/", "[::1]:80/"),
    path: fc.stringMatching(/^[a-z][a-z0-9_-]{1,8}(\/[a-z0-9]{1,8}){0,2}$/),
    tag: fc.constantFrom("", ":v1", ":_x.Y-9"),
    digest: fc.constantFrom("", `@${digest}`),
  })
  .map(({ host, path, tag, digest }) => host + path + tag + digest);

test("the written form means the same and is stable", () => {
  fc.assert(
    fc.property(referenceArbitrary, (text) => {
      const first = parseReference(text);
      const written = formatReference(first);
      const { kind, registry, repository, identifier } = parseReference(written, { strict: true });
      expect({ kind, registry, repository, identifier }).toEqual({
        kind: first.kind,
        registry: first.registry,
        repository: first.repository,
        identifier: first.identifier,
      });
      expect(formatReference(parseReference(written))).toBe(written);
    }),
  );
});

test("no text makes the parser fail otherwise than with its own error", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      try {
        parseReference(text);
      } catch (error) {
        expect(error).toMatchObject({ code: "invalid-reference", input: text });
      }
    }),
  );
});
