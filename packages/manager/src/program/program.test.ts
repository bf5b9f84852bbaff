import { createManualClock } from "@package-operator/kube";
import { describe, expect, test } from "vitest";
import { runPackageOperatorManager, runRemotePhaseManager } from "../programs.ts";
import { readSubComponents } from "./hypershift.ts";
import { bindAddress } from "./listeners.ts";
import type { ProcessContext } from "./process-context.ts";

function context(
  argv: string[],
  env: Record<string, string> = {},
): { context: ProcessContext; output: string[] } {
  const output: string[] = [];
  return {
    output,
    context: {
      argv,
      env,
      stderr: { write: (text) => void output.push(text) },
      hostname: "host",
      nodeVersion: "v20.0.0",
      process,
      clock: createManualClock(),
      random: () => 0.5,
      uuid: () => "uuid",
      signal: new AbortController().signal,
      readText: () => Promise.resolve(undefined),
      writeTerminationMessage: (text) => Promise.resolve(void output.push(`last word: ${text}`)),
    },
  };
}

describe("the programs", () => {
  test.each([
    ["manager", runPackageOperatorManager],
    ["remote-phase", runRemotePhaseManager],
  ])("%s: tell their version without a cluster", async (_name, run) => {
    const { context: given, output } = context(["-version"]);
    expect(await run(given)).toBe(0);
    expect(output.join("")).toMatch(/^pko\t\d+\.\d+\.\d+\nnode\tv20\.0\.0\n$/);
  });

  test("explain themselves, and wrong arguments", async () => {
    const help = context(["--help"]);
    expect(await runPackageOperatorManager(help.context)).toBe(0);
    expect(help.output.join("")).toMatch(/^Usage of package-operator-manager:\n/);
    const wrong = context(["-load-package"]);
    expect(await runPackageOperatorManager(wrong.context)).toBe(2);
    expect(wrong.output.join("")).toMatch(/^flag provided but not defined: -load-package\nUsage of /);
  });

  test.each([
    [
      "a bad environment variable",
      { PKO_PACKAGE_HASH_MODIFIER: "x" },
      /unable to parse environment variable/,
    ],
    [
      "a bad sub-component setting",
      { PKO_SUB_COMPONENT_AFFINITY: "[]" },
      /-sub-component-affinity is not a JSON object/,
    ],
    ["no cluster", {}, /no cluster configured/],
  ])("end with an error for %s", async (_what, env, message) => {
    const { context: given, output } = context([], env);
    expect(await runPackageOperatorManager(given)).toBe(2);
    expect(output.join("")).toMatch(message);
  });

  test("say in one line what they run with, where they are asked to say anything", async () => {
    const config = '{"proxy":"http://ann:s@cret@proxy.example:3128/","affinity":{}}';
    const env = { PKO_IMAGE_PREFIX_OVERRIDES: "a/=b/", LOG_LEVEL: "0", PKO_CONFIG: config };
    const { context: given, output } = context(["-metrics-addr=:1"], env);
    await runPackageOperatorManager(given);
    expect(JSON.parse(output[0]!)).toMatchObject({
      level: "info",
      msg: "starting package-operator-manager",
      "metrics-addr": ":1",
      "image-prefix-overrides": "a/=b/",
      "log-level": 0,
      "self-bootstrap-config": '{"proxy":"http://***@proxy.example:3128/","affinity":{}}',
    });
    expect(output[0]).not.toContain("health-probe");
  });

  test("leave their last word where Kubernetes shows it", async () => {
    const { context: given, output } = context([]);
    expect(await runRemotePhaseManager(given)).toBe(1);
    expect(output.some((line) => line.startsWith("last word: no cluster configured"))).toBe(true);
  });
});

test.each([
  [":8080", "127.0.0.2", "127.0.0.2:8080"],
  [":8080", "::1", "[::1]:8080"],
  [":8080", undefined, ":8080"],
  ["0.0.0.0:8080", "127.0.0.2", "0.0.0.0:8080"],
])("the address %s with the host %s is %s", (address, host, expected) => {
  expect(bindAddress(address, host)).toBe(expected);
});

test("settings of sub components are JSON", () => {
  const options = {
    packageOperatorPackageImage: "img",
    subComponentAffinity: "{}",
    subComponentTolerations: '[{"key":"a"}]',
  };
  expect(readSubComponents(options)).toEqual({ image: "img", affinity: {}, tolerations: [{ key: "a" }] });
  expect(() => readSubComponents({ ...options, subComponentTolerations: "{" })).toThrowError(
    expect.objectContaining({ code: "config" }) as Error,
  );
});
