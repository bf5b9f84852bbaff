import { describe, expect, test } from "vitest";
import { runLine } from "../testing/run-line.ts";

describe("overrides lint", () => {
  test("sound rules give exit code 0", async () => {
    const { code, stdout } = await runLine([
      ...["overrides", "lint", "--override", "quay.io/org/=mirror.example/org/", "quay.io/org/app:v1"],
    ]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "no findings\n" });
  });

  test("findings give exit code 1, in both formats", async () => {
    const args = ["overrides", "lint", "--override", "quay.io/org=mirror.example/org"];
    const text = await runLine(args);
    expect(text.code).toBe(1);
    expect(text.stdout).toContain("off-boundary");
    const { stdout } = await runLine([...args, "--output", "json"]);
    expect(JSON.parse(stdout)).toMatchObject({
      findings: [{ option: "prefix", rule: "quay.io/org=mirror.example/org" }],
    });
  });
});

test("overrides explain shows every step", async () => {
  const { code, stdout } = await runLine([
    "overrides",
    "explain",
    "--override",
    "quay.io/=m.io:5000/",
    "quay.io/a/bc:v1",
  ]);
  expect(code).toBe(0);
  expect(stdout).toBe(
    "reference    quay.io/a/bc:v1\n" +
      "rule         quay.io/=m.io:5000/ (applied)\n" +
      "rewritten    m.io:5000/a/bc:v1\n" +
      "pulled from  m.io:5000/a/bc:v1\n",
  );
});

test("overrides explain says when a match ends within a name, and --strict what would be otherwise", async () => {
  const explain = ["overrides", "explain", "--override", "quay.io/a=m.io/b", "quay.io/ab:v1"];
  expect((await runLine(explain)).stdout).toBe(
    "reference    quay.io/ab:v1\n" +
      "rule         quay.io/a=m.io/b (applied, within a name)\n" +
      "rewritten    m.io/bb:v1\n" +
      "pulled from  m.io/bb:v1\n",
  );
  expect((await runLine([...explain, "--strict"])).stdout).toBe(
    "reference    quay.io/ab:v1\n" +
      "rule         quay.io/a=m.io/b (off-boundary)\n" +
      "rewritten    quay.io/ab:v1\n" +
      "pulled from  quay.io/ab:v1\n",
  );
});

test("overrides suggest prints what the operator takes", async () => {
  const { stdout } = await runLine([
    "overrides",
    "suggest",
    "--to",
    "m.io/pko",
    "quay.io/org/a1:v1",
    "quay.io/org/b1:v1",
  ]);
  expect(stdout).toBe("quay.io/org/=m.io/pko/\n");
});

describe("wrong use", () => {
  test.each([
    [["overrides", "explain", "--override", "nonsense", "a/b"], 'no "="'],
    [["overrides", "suggest", "a/b"], "--to PREFIX"],
    [["overrides", "lint", "--output", "xml"], "must be one of text, json, yaml"],
    [["overrides", "explain"], "accepts 1 arg(s), received 0"],
  ])("%j", async (args, part) => {
    const { code, stderr } = await runLine(args);
    expect(code).toBe(2);
    expect(stderr).toContain(part);
  });
});
