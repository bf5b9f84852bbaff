import type { KubeObject } from "@package-operator/kube";
import { describe, expect, test } from "vitest";
import { decideAdoption } from "./adoption.ts";
import { controllerReference, nativeOwnership, type Owner } from "./owner.ts";
import type { Revision } from "./revision-context.ts";

const set = (name: string): Owner => ({
  apiVersion: "package-operator.run/v1alpha1",
  kind: "ObjectSet",
  name,
  namespace: "default",
  uid: `uid-${name}`,
});

const revision = (changes: Partial<Revision> = {}): Revision => ({
  owner: set("mine"),
  ownership: nativeOwnership,
  number: 2,
  namespace: "default",
  labels: {},
  paused: false,
  forceAdoption: false,
  isSibling: ({ name }) => Promise.resolve(name === "sibling"),
  ...changes,
});

function object(options: {
  controller?: string;
  revision?: string;
  labels?: Record<string, string>;
}): KubeObject {
  const { controller, revision: number, labels } = options;
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      name: "cm",
      namespace: "default",
      ...(labels === undefined ? {} : { labels }),
      ...(number === undefined ? {} : { annotations: { "package-operator.run/revision": number } }),
      ...(controller === undefined ? {} : { ownerReferences: [controllerReference(set(controller))] }),
    },
  };
}

const refused = (reason: string): object => ({
  verdict: "refuse",
  message: `refusing adoption, ${reason}`,
});
const stranger = refused("object /v1, Kind=ConfigMap default/cm not owned by previous revision");
const collision = refused("revision collision on /v1, Kind=ConfigMap default/cm");

describe("existing objects", () => {
  test.each<[string, KubeObject, string, object]>([
    ["ours", object({ controller: "mine", revision: "9" }), "Prevent", { verdict: "own" }],
    ["an older sibling's", object({ controller: "sibling", revision: "1" }), "Prevent", { verdict: "adopt" }],
    ["a newer sibling's", object({ controller: "sibling", revision: "3" }), "Prevent", { verdict: "leave" }],
    ["a newer sibling's", object({ controller: "sibling", revision: "3" }), "None", { verdict: "leave" }],
    ["an equal sibling's", object({ controller: "sibling", revision: "2" }), "Prevent", collision],
    ["a stranger's", object({ controller: "stranger" }), "Prevent", stranger],
    ["a stranger's", object({ controller: "stranger" }), "IfNoController", stranger],
    ["a stranger's", object({ controller: "stranger" }), "None", { verdict: "adopt" }],
    ["a stranger's, marked newer", object({ controller: "stranger", revision: "9" }), "Prevent", stranger],
    ["nobody's", object({}), "Prevent", stranger],
    ["nobody's", object({}), "IfNoController", { verdict: "adopt" }],
    ["nobody's", object({}), "None", { verdict: "adopt" }],
    ["an orphan marked newer", object({ revision: "9" }), "IfNoController", { verdict: "adopt" }],
    ["a stranger's under an unknown mode", object({ controller: "stranger" }), "Maybe", stranger],
    [
      "Package Operator's own",
      object({ controller: "stranger", labels: { "package-operator.run/package": "package-operator" } }),
      "Prevent",
      { verdict: "adopt" },
    ],
  ])("%s: %#", async (_name, live, protection, verdict) => {
    expect(await decideAdoption(live, protection, revision())).toEqual(verdict);
  });

  test("are taken by force, except from newer siblings", async () => {
    const forced = revision({ forceAdoption: true });
    const foreign = object({ controller: "stranger", revision: "9" });
    const newer = object({ controller: "sibling", revision: "3" });
    expect(await decideAdoption(foreign, "Prevent", forced)).toEqual({ verdict: "adopt" });
    expect(await decideAdoption(newer, "Prevent", forced)).toEqual({ verdict: "leave" });
  });

  test("with a revision that is no number are an error", async () => {
    await expect(decideAdoption(object({ revision: "newest" }), "Prevent", revision())).rejects.toMatchObject(
      { code: "revision" },
    );
  });
});
