import { execFile } from "node:child_process";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { program } from "../program.ts";
import { runLine } from "../testing/run-line.ts";
import { complete } from "./complete.ts";
import { completionScript } from "./scripts.ts";

const texts = (...words: string[]): string[] => complete(program, words).candidates.map(({ text }) => text);

describe("candidates", () => {
  test.each<[string[], string[]]>([
    [["va"], ["validate"]],
    [["rollout", ""], ["history"]],
    [["completion", "p"], ["powershell"]],
    [
      ["build", "--out"],
      ["--output", "--output-format"],
    ],
    [["build", "-o"], ["-o"]],
    [
      ["validate", "--output", ""],
      ["json", "text", "yaml"],
    ],
    [["validate", "--output=y"], ["--output=yaml"]],
    [["--zap-encoder", "j"], ["json"]],
    [["--zap-encoder", "json", "pau"], ["pause"]],
    [["pause", "pa"], ["package/"]],
    [["rollout", "history", "clusterobj"], ["clusterobjectdeployment/"]],
    [["build", "--push", "--pus"], []],
    [["build", "--tag", "a", "--ta"], ["--tag"]],
    [["version", ""], []],
    [["nope", ""], []],
    [["build", "--", "--pu"], []],
  ])("%j", (words, expected) => {
    expect(texts(...words)).toEqual(expected);
  });

  test("hidden commands are not offered", () => {
    expect(texts("__")).toEqual([]);
    expect(texts("")).toContain("version");
  });

  test("file names where files are wanted", () => {
    expect(complete(program, ["validate", ""]).directive).toBe(0);
    expect(complete(program, ["build", "-o", ""]).directive).toBe(0);
    expect(complete(program, ["validate", "x", ""]).directive).toBe(4);
    expect(complete(program, ["pause", ""]).directive).toBe(6);
  });
});

test("the protocol of kubectl", async () => {
  expect(await runLine(["__complete", "rollout", ""])).toEqual({
    code: 0,
    stdout: "history\tShow the revisions of a package or object deployment\n:4\n",
    stderr: "Completion ended with directive: ShellCompDirectiveNoFileComp\n",
  });
  expect((await runLine(["__completeNoDesc", "validate", "--pu"])).stdout).toBe("--pull\n:4\n");
  expect((await runLine(["__complete"])).stdout).toContain("validate\t");
});

describe("scripts", () => {
  test.each(["bash", "zsh", "fish", "powershell"] as const)("for %s", async (shell) => {
    const { code, stdout } = await runLine(["completion", shell]);
    expect(code).toBe(0);
    expect(stdout).toContain("kubectl-package __complete ");
    const plain = await runLine(["completion", shell, "--no-descriptions"]);
    expect(plain.stdout).toContain("kubectl-package __completeNoDesc ");
  });

  test("the one for bash completes words, also behind = signs", async () => {
    const dir = await mkdtemp(path.join(tmpdir(), "pko-completion-"));
    try {
      // Answers as the program does for the words it is asked about.
      await writeFile(
        path.join(dir, "kubectl-package"),
        `#!/bin/bash\ncase "$*" in\n"__complete va") printf 'validate\\tCheck\\n:4\\n';;\n` +
          `"__complete validate --output=") printf -- '--output=json\\n--output=yaml\\n:4\\n';;\n` +
          `"__complete p") printf 'pause\\tStop\\npush\\tSend\\n:4\\n';;\nesac\n`,
      );
      await chmod(path.join(dir, "kubectl-package"), 0o755);
      await writeFile(path.join(dir, "script"), completionScript("bash", { descriptions: true }));
      const ask = async (line: string, words: readonly string[]): Promise<string[]> => {
        const quoted = words.map((word) => `'${word}'`).join(" ");
        const program = `compopt() { :; }; source "$1/script"; COMP_LINE='${line}'; COMP_POINT=${line.length}
COMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; __kubectl_package_complete; printf '%s\\n' "\${COMPREPLY[@]}"`;
        const { stdout } = await promisify(execFile)("bash", ["-c", program, "bash", dir], {
          env: { PATH: `${dir}:/usr/bin:/bin` },
        });
        return stdout.trimEnd().split("\n");
      };
      expect(await ask("kubectl-package va", ["kubectl-package", "va"])).toEqual(["validate"]);
      expect(await ask("kubectl-package p", ["kubectl-package", "p"])).toEqual([
        "pause  (Stop)",
        "push  (Send)",
      ]);
      const words = ["kubectl-package", "validate", "--output", "="];
      expect(await ask("kubectl-package validate --output=", words)).toEqual(["json", "yaml"]);
    } finally {
      await rm(dir, { recursive: true });
    }
  });
});

describe("help", () => {
  test("is the page of the command", async () => {
    const { code, stdout } = await runLine(["help", "rollout", "history"]);
    expect(code).toBe(0);
    expect(stdout).toBe((await runLine(["rollout", "history", "--help"])).stdout);
    expect((await runLine(["help"])).stdout).toBe((await runLine([])).stdout);
  });

  test.each([["nope"], ["validate", "more"]])("%j is no topic", async (...words) => {
    expect(await runLine(["help", ...words])).toEqual({
      code: 1,
      stdout: "",
      stderr: `Error: unknown help topic "${words.join(" ")}"\n`,
    });
  });
});
