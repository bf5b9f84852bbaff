import { describe, expect, test } from "vitest";
import { type CommandGroup, defineCommand } from "./command.ts";
import { CliError } from "./errors.ts";
import { boolFlag, stringFlag } from "./flags/flag.ts";
import { runLine } from "./testing/run-line.ts";

const greet = defineCommand({
  name: "greet",
  summary: "Greet somebody",
  usage: "name",
  args: 1,
  flags: { loud: boolFlag("shout", { short: "l" }), soft: boolFlag("whisper"), title: stringFlag("title") },
  exclusive: [["loud", "soft"]],
  run: async (context, { args, flags }) => {
    if (args[0] === "nobody") throw new CliError("input", "nobody is there");
    if (args[0] === "trouble") throw new Error("outer", { cause: new Error("inner") });
    context.stdout.write(`${flags.title}${flags.loud ? args[0]!.toUpperCase() : args[0]}\n`);
    return 0;
  },
});
const strict = defineCommand({
  name: "strict",
  summary: "Our own kind of command",
  usage: "",
  args: { min: 0, max: 2 },
  flags: {},
  usageExitCode: 2,
  run: async () => 1,
});
const root: CommandGroup = {
  kind: "group",
  name: "kubectl-package",
  summary: "Test program",
  commands: [
    greet,
    strict,
    { kind: "group", name: "repository", aliases: ["repo"], summary: "Group", commands: [greet] },
  ],
};

const line = (...args: string[]): ReturnType<typeof runLine> => runLine(args, { root });

test("a command gets its arguments and typed flags", async () => {
  expect(await line("greet", "--title=Ms ", "ada", "-l")).toEqual({
    code: 0,
    stdout: "Ms ADA\n",
    stderr: "",
  });
});

test("global flags may stand before the command", async () => {
  const { stdout } = await line("--kubeconfig", "greet", "repo", "--zap-log-level=debug", "greet", "ada");
  expect(stdout).toBe("ada\n");
});

test("an exit code without an error is passed on", async () => {
  expect(await line("strict")).toEqual({ code: 1, stdout: "", stderr: "" });
});

describe("help", () => {
  test.each([[[]], [["--help"]], [["-h"]]])("of the program: %j", async (args) => {
    const { code, stdout, stderr } = await line(...args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("Usage:\n  kubectl-package [command]");
    expect(stdout).toMatch(/Available Commands:\n {2}greet {7}Greet somebody\n {2}repository/);
  });

  test("of a command in a group", async () => {
    const { stdout } = await line("repo", "greet", "--help");
    expect(stdout).toContain("Usage:\n  kubectl-package repository greet name [flags]");
    expect(stdout).toContain(
      "  -l, --loud           shout\n      --soft           whisper\n      --title string   title",
    );
    expect(stdout).toContain("--zap-log-level string");
  });
});

describe("errors", () => {
  test.each([
    [["greet"], 1, "accepts 1 arg(s), received 0"],
    [["strict", "1", "2", "3"], 2, "accepts between 0 and 2 arg(s), received 3"],
    [["strict", "--nope"], 2, "unknown flag: --nope"],
    [
      ["greet", "a", "-l", "--soft"],
      1,
      "if any flags in the group [loud soft] are set none of the others can be; [loud soft] were all set",
    ],
    [["greet", "nobody"], 1, "nobody is there"],
    [["greet", "trouble"], 1, "outer: inner"],
    [
      ["greet", "--zap-log-level=bogus"],
      1,
      'invalid argument "bogus" for "--zap-log-level" flag: invalid log level "bogus"',
    ],
    [["nope"], 1, 'unknown command "nope" for "kubectl-package"\nRun \'kubectl-package --help\' for usage.'],
    [
      ["gret"],
      1,
      'unknown command "gret" for "kubectl-package"\n\nDid you mean this?\n\tgreet\n\nRun \'kubectl-package --help\' for usage.',
    ],
    [
      ["repo", "nonsense"],
      1,
      'unknown command "nonsense" for "kubectl-package repository"\nRun \'kubectl-package repository --help\' for usage.',
    ],
  ])("%j", async (args, code, message) => {
    expect(await line(...args)).toEqual({ code, stdout: "", stderr: `Error: ${message}\n` });
  });
});
