import { describe, expect, test } from "vitest";
import { runLine } from "./testing/run-line.ts";
import { createWorkspace } from "./testing/workspace.ts";

const commands = ["pause", "unpause", "clustertree", "rollout history"].map((line) => [
  ...line.split(" "),
  "package/shed",
]);

describe.each(commands)("%s %s", (...args) => {
  test("without a kubeconfig", async () => {
    expect(await runLine(args, { env: { HOME: "/nowhere" } })).toEqual({
      code: 1,
      stdout: "",
      stderr:
        "Error: invalid configuration: no configuration has been provided, try setting KUBERNETES_MASTER environment variable\n",
    });
  });
});

test("a kubeconfig that is not there, or is none", async () => {
  const workspace = await createWorkspace({ bad: "clusters: [" });
  try {
    expect((await workspace.run("pause", "package/shed", "--kubeconfig", "missing")).stderr).toBe(
      `Error: invalid configuration: kubeconfig ${workspace.dir}/missing does not exist\n`,
    );
    const { code, stderr } = await workspace.run("pause", "package/shed", "--kubeconfig", "bad");
    expect(code).toBe(1);
    expect(stderr).toContain(`${workspace.dir}/bad`);
  } finally {
    await workspace.remove();
  }
});

test("a server that does not answer", async () => {
  const env = { KUBERNETES_MASTER: "http://127.0.0.1:9" };
  const { code, stderr } = await runLine(["pause", "package/shed"], { env });
  expect(code).toBe(1);
  expect(stderr).toMatch(/^Error: getting package object: .*127\.0\.0\.1:9/);
});
