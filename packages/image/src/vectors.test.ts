import { describe, expect, test } from "vitest";
import { ImageError } from "./errors.ts";
import { parseHostOverrides, replaceHost, replaceRegistry } from "./host-overrides.ts";
import { createPrefixMatcher } from "./prefix-matcher.ts";
import { parsePrefixOverrides } from "./prefix-overrides.ts";
import { formatReference, parseReference, withDigest } from "./reference.ts";
import { registryScheme } from "./registry.ts";
import { resolvePullReference } from "./resolve.ts";
import { readVectors } from "./testing/vectors.ts";

// The answers of go-containerregistry and the Go operator; test/conformance/vectors says how they were made.

interface ParsedVector {
  kind?: string;
  registry?: string;
  scheme?: string;
  repository?: string;
  identifier?: string;
  name?: string;
  string?: string;
  error?: string;
}

function parsed(input: string, strict: boolean): ParsedVector {
  return orError(() => {
    const { kind, registry, repository, identifier, text } = parseReference(input, { strict });
    const scheme = registryScheme(registry);
    const name = formatReference({ kind, registry, repository, identifier });
    return { kind, registry, scheme, repository, identifier, name, string: text };
  });
}

function orError<T extends object>(action: () => T): T | { error: string } {
  try {
    return action();
  } catch (error) {
    if (error instanceof ImageError) return { error: error.message };
    throw error;
  }
}

function literalMatcher(overrides: string): ReturnType<typeof createPrefixMatcher> {
  return createPrefixMatcher(parsePrefixOverrides(overrides, { literal: true }).rules);
}

describe("image references", () => {
  type Vector = { id: string; input: string; weak: ParsedVector; strict: ParsedVector };
  test.each(readVectors<Vector>("image_reference"))("$id", ({ input, weak, strict }) => {
    expect(parsed(input, false)).toEqual(weak);
    expect(parsed(input, true)).toEqual(strict);
  });
});

describe("digests", () => {
  type Vector = { id: string; reference: string; digest: string; result?: string; error?: string };
  test.each(readVectors<Vector>("image_with_digest"))("$id", ({ reference, digest, result, error }) => {
    const answer = orError(() => ({ result: withDigest(reference, digest) }));
    expect(answer).toEqual(error === undefined ? { result } : { error });
  });
});

describe("prefix overrides", () => {
  type Vector = { id: string; overrides: string; image: string; parsed: object[]; result: string };
  test.each(readVectors<Vector>("image_prefix_override"))("$id", ({ overrides, image, parsed, result }) => {
    const matcher = literalMatcher(overrides);
    expect(matcher.rules).toEqual(parsed);
    expect(matcher.replace(image)).toBe(result);
  });
});

describe("host overrides", () => {
  type Vector = {
    id: string;
    overrides?: string;
    override?: string;
    image: string;
    result?: string;
    error?: string;
  };
  test.each(readVectors<Vector>("registry_host_override"))("$id", (vector) => {
    const { overrides, override, image, result, error } = vector;
    const answer = orError(() => ({
      result:
        overrides === undefined
          ? replaceRegistry(image, override ?? "")
          : replaceHost(image, parseHostOverrides(overrides)),
    }));
    expect(answer).toEqual(error === undefined ? { result } : { error });
  });
});

describe("pull chain", () => {
  type Vector = {
    id: string;
    prefixOverrides: string;
    hostOverrides: string;
    image: string;
    result?: string;
    error?: string;
  };
  test.each(readVectors<Vector>("image_pull_chain"))(
    "$id",
    ({ prefixOverrides, hostOverrides, image, result, error }) => {
      const prefix = literalMatcher(prefixOverrides);
      const hosts = parseHostOverrides(hostOverrides);
      const answer = orError(() => ({ result: resolvePullReference(image, { prefix, hosts }) }));
      expect(answer).toEqual(error === undefined ? { result } : { error });
    },
  );
});
