import {
  createPrefixMatcher,
  formatPrefixOverrides,
  lintOverrides,
  parsePrefixOverrides,
} from "@package-operator/image";
import { rewriteManifest, suggestRules, verifyImageUses } from "@package-operator/mirror";
import { describe, expect, test } from "vitest";
import { errorsOf, request, useMirrorLab } from "./mirror-lab.ts";

/** What can go wrong between a rule text and the references that it is meant for. */

const codes = (prefix: string, references?: readonly string[]): string[] =>
  lintOverrides({ prefix, ...(references === undefined ? {} : { references }) }).map(({ code }) => code);
const replaced = (prefix: string, reference: string): string =>
  createPrefixMatcher(parsePrefixOverrides(prefix).rules).replace(reference);

const lab = useMirrorLab();

describe("matching", () => {
  test("a prefix without a slash also catches longer names: kept as upstream has it, and found by lint", () => {
    const prefix = "quay.io/foo=m.io/bar";
    expect(replaced(prefix, "quay.io/foobar:1")).toBe("m.io/barbar:1");
    expect(codes(prefix)).toContain("off-boundary");
    expect(codes("quay.io=m.io/q")).toContain("off-boundary");
  });

  test("a rule for a host leaves other hosts and paths alone that contain its name", () => {
    const prefix = "quay.io/=m.io/q/,docker.io/=m.io/d/";
    for (const reference of ["registry.io/quay.io/app:v1", "my-quay.io/app:v1", "quay.io.evil/app:v1"]) {
      expect(replaced(prefix, reference)).toBe(reference);
    }
  });

  test("an equals sign belongs to the replacement, and a comma to no side", () => {
    expect(parsePrefixOverrides("a.io/=b.io/c=d/").rules).toEqual([{ from: "a.io/", to: "b.io/c=d/" }]);
    expect(codes("a.io/=b.io/c,d/")).toContain("malformed-entry");
    expect(() => formatPrefixOverrides([{ from: "a.io/", to: "b.io/c,d/" }])).toThrow(
      "cannot be written as from=to",
    );
  });

  test("strict boundaries know paths, digests, ends, and ports from tags", () => {
    const strict = (from: string, reference: string): boolean =>
      createPrefixMatcher([{ from, to: "m.io/x" }], { boundaries: "strict" }).match(reference) !== undefined;
    expect(strict("quay.io/foo", "quay.io/foo:v1")).toBe(true);
    expect(strict("quay.io/foo", `quay.io/foo@sha256:${"a".repeat(64)}`)).toBe(true);
    expect(strict("quay.io/foo", "quay.io/foo")).toBe(true);
    expect(strict("quay.io", "quay.io:8443/foo")).toBe(false);
    expect(strict("localhost", "localhost:5000/foo:v1")).toBe(false);
    expect(strict("localhost:5000", "localhost:5000/foo:v1")).toBe(true);
  });

  test.each([
    ["quay.io/org/=m.io/mirror", "m.io/mirrorapp:v1"],
    ["quay.io/org=m.io/mirror/", "m.io/mirror//app:v1"],
  ])("a slash on one side only, %s, is found by lint", (prefix, result) => {
    expect(replaced(prefix, "quay.io/org/app:v1")).toBe(result);
    expect(codes(prefix)).toContain("slash-mismatch");
  });

  test("a doubled slash stops the plan instead of a Pod", async () => {
    await lab.pushImage("org/app");
    const rules = [{ from: "quay.io/org", to: `${lab.mirror.address}/m/` }];
    await expect(lab.plan(await lab.closureOf(request("quay.io/org/app:v1")), rules)).rejects.toThrow(
      /no valid image reference/,
    );
  });

  test("the longest prefix by characters wins, of equal ones the first", () => {
    expect(replaced("quay.io/a=m.io/1,quay.io/a-b=m.io/2", "quay.io/a-b/x:v1")).toBe("m.io/2/x:v1");
    expect(replaced("quay.io/a/=m.io/1/,quay.io/a/=m.io/2/", "quay.io/a/x:v1")).toBe("m.io/1/x:v1");
    expect(codes("quay.io/a/=m.io/1/,quay.io/a/=m.io/2/")).toContain("contradiction");
  });

  test("blanks, line ends and missing equals signs do not silently kill a rule", () => {
    const { rules } = parsePrefixOverrides("quay.io/a/=m.io/a/,\n  quay.io/b/=m.io/b/");
    expect(rules.map(({ from }) => from)).toEqual(["quay.io/a/", "quay.io/b/"]);
    expect(codes("quay.io/a/=m.io/a/, quay.io/b/=m.io/b/")).toContain("surrounding-space");
    expect(parsePrefixOverrides("quay.io/a/").warnings).toHaveLength(1);
    expect(codes("quay.io/a/")).toContain("malformed-entry");
  });
});

describe("Docker Hub names", () => {
  const spellings = [
    "nginx:1",
    "library/nginx:1",
    "docker.io/nginx:1",
    "docker.io/library/nginx:1",
    "index.docker.io/library/nginx:1",
  ];
  /** A host of Docker Hub's that nobody writes, and that therefore is a registry of its own. */
  const unusual = "registry-1.docker.io/library/nginx:1";

  test("all spellings of an image are one image, suggested rules move each of them to one place", async () => {
    await lab.pushImage("library/nginx", "1");
    const closure = await lab.closureOf(...spellings.map((reference) => request(reference)));
    expect(closure.images).toHaveLength(1);
    const rules = suggestRules(spellings, `${lab.mirror.address}/hub`);
    const planned = await lab.plan(closure, rules);
    expect(errorsOf(await lab.apply(planned))).toEqual([]);
    for (const { target } of planned.entries) {
      const name = target.slice(lab.mirror.address.length + 1);
      expect(await lab.mirror.storage.repository(name).tags()).toEqual(["1"]);
    }
  });

  test("a rule for the full name misses the short ones: the plan says so, lint names them", async () => {
    await lab.pushImage("library/nginx", "1");
    const closure = await lab.closureOf(...spellings.map((reference) => request(reference)));
    const rules = lab.rulesTo("docker.io/library/");
    await expect(lab.plan(closure, rules)).rejects.toThrow(/no rule moves nginx:1/);
    expect(codes("docker.io/library/=m.io/hub/")).toContain("docker-hub-spelling");
    expect(replaced("docker.io/library/=m.io/hub/", unusual)).toBe(unusual);
  });
});

describe("a rewritten manifest", () => {
  const job = `kind: Job
metadata: {name: bootstrap}
spec:
  template:
    spec:
      containers:
      - name: package-operator
        image: quay.io/org/manager:v1
        args: ["-self-bootstrap=quay.io/org/package:v1"]
`;
  test("is not rewritten again by a rule whose replacement begins with what it replaces", () => {
    const rules = [{ from: "quay.io/", to: "quay.io/mirror/" }];
    const { text } = rewriteManifest(job, rules, "job.yaml");
    expect(text).toContain("image: quay.io/mirror/org/manager:v1");
    expect(rewriteManifest(text, rules, "job.yaml")).toMatchObject({ text, changes: [] });
    expect(codes("quay.io/=quay.io/mirror/")).toContain("not-idempotent");
  });
});

describe("what rules cannot reach", () => {
  test("a package is shown as it was written and judged by what is pulled", () => {
    const shown = {
      ...{ apiVersion: "package-operator.run/v1alpha1", kind: "ClusterPackage", namespace: "" },
      ...{ objectName: "package-operator", path: "spec.image", name: "", owners: [], pullSecrets: [] },
      ...{ serviceAccount: "", image: "quay.io/org/package:v1", role: "package" as const },
    };
    const [moved] = verifyImageUses([shown], { rules: [{ from: "quay.io/org/", to: "m.io/" }] });
    expect(moved).toMatchObject({ image: shown.image, resolved: "m.io/package:v1" });
    expect(moved?.finding).toBeUndefined();
    const [missed] = verifyImageUses([shown], { rules: [{ from: "quay.io/other/", to: "m.io/" }] });
    expect(missed?.finding?.code).toBe("outside");
  });

  test("a container that somebody else has put into a Pod shows up from what runs", () => {
    const pod = (image: string, name: string): Parameters<typeof verifyImageUses>[0][number] => ({
      ...{
        apiVersion: "v1",
        kind: "Pod",
        namespace: "a",
        objectName: "p",
        path: "",
        name,
        owners: ["Deployment web"],
      },
      ...{ pullSecrets: [], serviceAccount: "", image, role: "running" },
    });
    const rules = [{ from: "quay.io/org/", to: "m.io/" }];
    const [own, injected] = verifyImageUses(
      [pod("m.io/app:v1", "app"), pod("docker.io/istio/proxyv2:1", "istio-proxy")],
      { rules },
    );
    expect(own?.finding).toBeUndefined();
    expect(injected?.finding?.code).toBe("outside");
  });
});
