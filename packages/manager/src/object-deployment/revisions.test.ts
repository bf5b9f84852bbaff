import { describe, expect, test } from "vitest";
import { condition, objectDeployment, objectSet } from "../testing/objects.ts";
import { findBeyondLimit, findOutlived } from "./archive.ts";
import { desiredObjectSet } from "./new-revision.ts";
import { sortRevisions, splitRevisions } from "./revisions.ts";
import { reportRevisions } from "./status.ts";

const hash = (text: string) => ({ annotations: { "package-operator.run/hash": text } });
const available = (status: "True" | "False", message = "") => ({
  conditions: [condition("Available", status, { message })],
});
const succeeded = (status: "True" | "False") => ({
  conditions: [condition("Succeeded", "True"), condition("Available", status)],
});

describe("the current revision", () => {
  test("is the newest, if it was made from the present template", () => {
    const sets = sortRevisions([objectSet(2, hash("b")), objectSet(1, hash("a"))]);
    expect(splitRevisions(sets, "b")).toMatchObject({
      current: { spec: { revision: 2 } },
      previous: [{ spec: { revision: 1 } }],
    });
    expect(splitRevisions(sets, "a").current).toBeUndefined();
    expect(splitRevisions(sets, "a").previous).toHaveLength(2);
  });

  test("is made from the template, and names its predecessors", () => {
    const deployment = objectDeployment({});
    deployment.metadata.annotations = { cause: "x" };
    const set = desiredObjectSet(deployment, "abc", [objectSet(1), objectSet(4)], {
      apiVersion: "package-operator.run/v1alpha1",
      kind: "ObjectSet",
    });
    expect(set).toMatchObject({
      metadata: {
        name: "app-abc",
        namespace: "ns",
        annotations: { cause: "x", "package-operator.run/hash": "abc" },
        labels: { app: "x", "package-operator.run/object-deployment": "app" },
        ownerReferences: [{ kind: "ObjectDeployment", name: "app", uid: "uid-app", controller: true }],
      },
      spec: { revision: 5, previous: [{ name: "set-1" }, { name: "set-4" }], phases: [{ name: "a" }] },
    });
    expect(desiredObjectSet(deployment, "abc", [], set).spec).not.toHaveProperty("previous");
  });
});

describe("sets that have had their time", () => {
  const nothing = () => Promise.resolve([]);
  const configMap = (name: string) => ({ group: "", kind: "ConfigMap", namespace: "ns", name });
  const names = async (
    sets: ReturnType<typeof objectSet>[],
    objectsOf = nothing as Parameters<typeof findOutlived>[1],
  ) => (await findOutlived(sets, objectsOf)).map(({ metadata }) => metadata.name);

  test("are all that are older than an available one, newest first", async () => {
    const sets = [
      objectSet(1, { spec: { lifecycleState: "Archived" } }),
      objectSet(2),
      objectSet(3, { status: available("False") }),
      objectSet(4, { status: available("True") }),
    ];
    expect(await names(sets)).toEqual(["set-3", "set-2"]);
  });

  test("are failed ones in between that control nothing their successor needs", async () => {
    const controls = (name: string) => ({
      ...available("False"),
      controllerOf: [{ kind: "ConfigMap", group: "", version: "", name, namespace: "ns" }],
    });
    const sets = [
      objectSet(1, { status: available("True") }),
      objectSet(2, { status: controls("a") }),
      objectSet(3),
    ];
    expect(await names(sets, () => Promise.resolve([configMap("b")]))).toEqual(["set-2"]);
    expect(await names(sets, () => Promise.resolve([configMap("a")]))).toEqual([]);
  });

  test("are not those that never said what they control", async () => {
    const sets = [objectSet(1, { status: available("True") }), objectSet(2), objectSet(3)];
    expect(await names(sets)).toEqual([]);
  });

  test("are deleted beyond the limit, oldest first", () => {
    const archived = { spec: { lifecycleState: "Archived" as const } };
    const previous = [objectSet(1, archived), objectSet(2), objectSet(3, archived)];
    expect(findBeyondLimit(previous, 1, { onlyArchived: false }).map(({ spec }) => spec.revision)).toEqual([
      1, 2,
    ]);
    expect(findBeyondLimit(previous, 1, { onlyArchived: true }).map(({ spec }) => spec.revision)).toEqual([
      1,
    ]);
    expect(findBeyondLimit(previous, 3, { onlyArchived: false })).toEqual([]);
    expect(findBeyondLimit(previous, 0, { onlyArchived: false })).toHaveLength(3);
  });
});

describe("the report of a deployment", () => {
  const previous = [objectSet(1, { status: available("True") })];
  const still = {
    status: "True",
    reason: "Available",
    message: "Previous Revision 'set-1' is still Available.",
  };
  const none = { status: "False", reason: "ObjectSetUnready", message: "No ObjectSet is available." };

  test.each([
    [
      "nothing is there",
      undefined,
      [],
      none,
      { status: "True", reason: "Progressing", message: "Progressing to a new ObjectSet." },
    ],
    ["the new one does not exist yet", undefined, previous, still, { status: "True", reason: "Progressing" }],
    [
      "the new one says nothing",
      objectSet(2),
      previous,
      undefined,
      { status: "True", reason: "LatestRevisionPendingSuccess", message: "Latest Revision Status Unknown" },
    ],
    [
      "the new one fails",
      objectSet(2, { status: available("False", "oh") }),
      previous,
      still,
      {
        status: "True",
        reason: "LatestRevisionPendingSuccess",
        message: "Latest Revision is Unavailable: oh",
      },
    ],
    [
      "the new one waits for its delay",
      objectSet(2, { status: available("True") }),
      previous,
      undefined,
      { status: "True", message: "Latest Revision is Available: pending success delay period" },
    ],
    [
      "the new one was a success and broke",
      objectSet(2, { status: succeeded("False") }),
      [],
      none,
      { status: "False", reason: "Idle", message: "Update concluded." },
    ],
    [
      "all is well",
      objectSet(2, { status: succeeded("True") }),
      previous,
      { status: "True", reason: "Available", message: "Latest Revision is Available." },
      { status: "False", reason: "Idle", message: "Update concluded." },
    ],
  ])("when %s", (_when, current, older, wantedAvailable, wantedProgressing) => {
    const report = reportRevisions({ current, previous: older });
    if (wantedAvailable === undefined) expect(report.available).toBeUndefined();
    else expect(report.available).toMatchObject(wantedAvailable);
    expect(report.progressing).toMatchObject(wantedProgressing);
  });

  test("names all sets, the newest revision and its pause", () => {
    const paused = objectSet(2, {
      status: { conditions: [condition("Paused", "True", { message: "by hand" })] },
    });
    expect(reportRevisions({ current: paused, previous })).toMatchObject({
      revision: 2,
      controllerOf: [
        { name: "set-1", version: "" },
        { name: "set-2", group: "package-operator.run" },
      ],
      paused: { reason: "Paused", message: "Latest revision is paused: by hand" },
    });
    expect(reportRevisions({ current: undefined, previous: [objectSet(1), objectSet(3)] }).revision).toBe(3);
  });
});
