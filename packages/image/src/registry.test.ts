import { expect, test } from "vitest";
import { parseReference } from "./reference.ts";
import { parseRegistry, registryScheme } from "./registry.ts";

test.each([
  ["localhost:5000", "http"],
  ["localhost", "https"],
  ["::1", "http"],
  ["[::1]:80", "http"],
  ["[fd00::1]:80", "https"],
  ["127.0.0.1:1", "http"],
  ["127.0.0.2", "https"],
  ["registry.localhost:5000", "http"],
  ["172.15.0.1", "https"],
  ["172.31.0.1:5000", "http"],
  ["quay.io", "https"],
])("%s is spoken to by %s", (registry, scheme) => {
  expect(registryScheme(registry)).toBe(scheme);
});

test("Docker Hub has one name", () => {
  expect(parseRegistry("")).toBe("index.docker.io");
  expect(parseRegistry("docker.io")).toBe("index.docker.io");
});

test.each(["m/x", "http://m", "bad host", "user@m", "m:x", "m%41", "[::1", "[1.2.3.4]", "a[::1]"])(
  "%s is no registry",
  (text) => {
    expect(() => parseRegistry(text)).toThrow(
      expect.objectContaining({ code: "invalid-registry", input: text }),
    );
  },
);

test("library/ counts for the length of a name with a digest only", () => {
  const name = "r".repeat(250);
  expect(parseReference(name).repository).toHaveLength(258);
  expect(() => parseReference(`${name}@sha256:${"0".repeat(64)}`)).toThrow(/could not parse reference/);
});
