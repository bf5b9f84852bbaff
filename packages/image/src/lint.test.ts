import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { lintOverrides, type LintInput } from "./lint.ts";
import type { LintCode, LintFinding } from "./lint-finding.ts";
import { createPrefixMatcher } from "./prefix-matcher.ts";
import { parsePrefixOverrides } from "./prefix-overrides.ts";
import { canonical } from "./sample-reference.ts";

function codes(input: LintInput): LintCode[] {
  return lintOverrides(input).map((finding) => finding.code);
}

function only(code: LintCode, input: LintInput): LintFinding {
  const findings = lintOverrides(input).filter((finding) => finding.code === code);
  expect(findings).toHaveLength(1);
  return findings[0] as LintFinding;
}

test("the documented mirror rule has no findings", () => {
  expect(lintOverrides({ prefix: "quay.io/package-operator/=quay.io/erdii-test/pko-mirror/" })).toEqual([]);
});

test("no overrides, no findings", () => {
  expect(lintOverrides({ prefix: "" })).toEqual([]);
});

describe("entries", () => {
  test.each<[string, LintCode]>([
    ["a.io/=b.io/,nonsense", "malformed-entry"],
    ["a.io/=b.io/,", "blank-entry"],
    ["a.io/=b.io/, c.io/=d.io/", "surrounding-space"],
    ["a.io/=b.io/,a.io/=b.io/", "duplicate"],
    ["a.io/=b.io/,a.io/=c.io/", "contradiction"],
    ["a.io/=b.io/,=c.io/", "empty-from"],
  ])("%s: %s", (prefix, code) => {
    expect(codes({ prefix })).toEqual([code]);
  });

  test("hosts are checked alike, but the last contradiction counts", () => {
    const finding = only("contradiction", { prefix: "", hosts: "a.io/=b.io,a.io/=c.io" });
    expect(finding).toMatchObject({ option: "host", rule: "a.io/=c.io" });
    expect(finding.message).toContain('"c.io" is used');
  });
});

describe("single rules", () => {
  test.each([
    ["quay.io/foo=m.io/foo", "quay.io/foo-other:v1", "m.io/foo-other:v1"],
    ["quay.io=m.io", "quay.io.example.com/org/app:v1", "m.io.example.com/org/app:v1"],
    ["quay.io/foo:v1=m.io/foo:v1", "quay.io/foo:v10", "m.io/foo:v10"],
    ["nginx=m.io/nginx", "nginx-other:v1", "m.io/nginx-other:v1"],
  ])("off boundary: %s", (prefix, reference, result) => {
    expect(only("off-boundary", { prefix }).example).toEqual({ reference, result });
  });

  test("off boundary names a real reference when there is one", () => {
    const references = ["quay.io/foo:v1", "quay.io/foobar:v1"];
    const { example } = only("off-boundary", { prefix: "quay.io/foo=m.io/foo", references });
    expect(example?.reference).toBe("quay.io/foobar:v1");
  });

  test.each(["a.io/x/:=b.io/y:", `a.io/x@sha256:${"0".repeat(64)}=b.io/y:v1`])(
    "on a boundary: %s",
    (prefix) => {
      expect(codes({ prefix })).not.toContain("off-boundary");
    },
  );

  test("slash on one side only", () => {
    expect(only("slash-mismatch", { prefix: "quay.io/=m.io" }).example).toEqual({
      reference: "quay.io/app:v1",
      result: "m.ioapp:v1",
    });
  });

  test("not idempotent, by its own and by another rule", () => {
    expect(only("not-idempotent", { prefix: "quay.io/=quay.io/m/" }).example).toEqual({
      reference: "quay.io/m/app:v1",
      result: "quay.io/m/m/app:v1",
    });
    const prefix = "gcr.io/=quay.io/gcr/,quay.io/=m.io/";
    expect(only("not-idempotent", { prefix }).rule).toBe("gcr.io/=quay.io/gcr/");
  });

  test("Docker Hub spellings that are missed", () => {
    const finding = only("docker-hub-spelling", { prefix: "docker.io/=m.io/" });
    expect(finding.message).toContain("index.docker.io/library/app:v1");
    expect(finding.message).toContain(" app:v1");
    const acme = only("docker-hub-spelling", { prefix: "acme/=m.io/" });
    expect(acme.message).toContain("docker.io/acme/app:v1, index.docker.io/acme/app:v1");
  });

  test("with known references only those that are really missed count", () => {
    const prefix = "docker.io/=m.io/";
    expect(codes({ prefix, references: ["docker.io/library/nginx:1"] })).toEqual([]);
    const references = ["docker.io/library/nginx:1", "nginx:1", "quay.io/x/y:1"];
    expect(only("docker-hub-spelling", { prefix, references }).example?.reference).toBe("nginx:1");
  });

  test.each([
    ["quay.io/=m.io/Upper/", "lower case"],
    [`quay.io/=m.io/${"x".repeat(255)}/`, "255"],
    ["quay.io/=m.io:x/", "cannot be parsed"],
  ])("invalid result: %s", (prefix, reason) => {
    expect(only("invalid-result", { prefix }).message).toContain(reason);
  });

  test("a replacement without a registry means Docker Hub", () => {
    expect(only("no-registry", { prefix: "quay.io/=mirror/" }).example).toEqual({
      reference: "quay.io/app:v1",
      result: "index.docker.io/mirror/app:v1",
    });
    expect(codes({ prefix: "quay.io/=" })).toContain("no-registry");
  });

  test("a prefix that no reference can have", () => {
    expect(codes({ prefix: "quay.io/Upper=m.io/upper" })).toEqual(["unused"]);
  });

  test("host rules", () => {
    expect(only("off-boundary", { prefix: "", hosts: "quay.io=m.io" }).example).toEqual({
      reference: "quay.io.evil/org/app:v1",
      result: "m.io/org/app:v1",
    });
    expect(codes({ prefix: "", hosts: "quay.io/=m.io" })).toEqual([]);
    expect(only("invalid-result", { prefix: "", hosts: "quay.io/=m.io/x" }).severity).toBe("error");
  });
});

describe("rules together", () => {
  test("two sources on one target", () => {
    const finding = only("shared-target", { prefix: "quay.io/a/=m.io/,quay.io/b/=m.io/" });
    expect(finding).toMatchObject({
      severity: "error",
      rule: "quay.io/b/=m.io/",
      example: { reference: "quay.io/b/app:v1", result: "m.io/app:v1" },
    });
  });

  test("two spellings of one source are no clash", () => {
    const prefix = "docker.io/=m.io/hub/,index.docker.io/=m.io/hub/";
    expect(codes({ prefix })).not.toContain("shared-target");
  });

  test("known references that end at one place", () => {
    const prefix = "quay.io/=m.io/,gcr.io/x/=m.io/x/";
    const references = ["quay.io/x/app:v1", "gcr.io/x/app:v1"];
    expect(only("shared-target", { prefix, references }).example?.result).toBe("m.io/x/app:v1");
    expect(codes({ prefix })).not.toContain("shared-target");
  });

  test("a rule whose references are all taken, and one that has none", () => {
    const prefix = "quay.io/=m.io/,quay.io/a/=m.io/z/,gcr.io/=g.io/";
    const references = ["quay.io/a/b:v1"];
    expect(only("shadowed", { prefix, references }).rule).toBe("quay.io/=m.io/");
    expect(only("unused", { prefix, references }).rule).toBe("gcr.io/=g.io/");
  });

  test("host and prefix override on the same reference", () => {
    const finding = only("host-and-prefix", { prefix: "quay.io/=m.io/", hosts: "m.io/=localhost:5000" });
    expect(finding).toMatchObject({
      option: "host",
      rule: "m.io/=localhost:5000",
      example: { reference: "quay.io/app:v1", result: "localhost:5000/app:v1" },
    });
  });
});

describe("whatever the rules", () => {
  const text = fc
    .array(
      fc.constantFrom(
        "quay.io/",
        "quay.io",
        "app",
        "docker.io/",
        "nginx",
        "m.io/",
        "/",
        ":v1",
        "=",
        ",",
        " ",
        "App",
        "@",
        "x",
      ),
      { maxLength: 12 },
    )
    .map((parts) => parts.join(""));
  const references = fc.option(
    fc.array(
      fc.constantFrom("nginx", "quay.io/x/nginx:v1", "docker.io/nginx", "quay.io.evil/x", "m.io/x:v1"),
    ),
    { nil: undefined },
  );

  test("checks end, and the examples of prefix rules show what really happens", () => {
    fc.assert(
      fc.property(text, text, references, (prefix, hosts, known) => {
        const matcher = createPrefixMatcher(parsePrefixOverrides(prefix).rules);
        const findings = lintOverrides({ prefix, hosts, ...(known !== undefined && { references: known }) });
        for (const { option, example } of findings) {
          if (option === "host" || example === undefined) continue;
          const result = matcher.replace(example.reference);
          expect([result, canonical(result)]).toContain(example.result);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
