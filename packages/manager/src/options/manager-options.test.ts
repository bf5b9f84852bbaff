import { describe, expect, test } from "vitest";
import { ManagerError } from "../errors.ts";
import { type FlagTable, formatUsage } from "./flag-set.ts";
import { managerFlags, parseManagerOptions } from "./manager-options.ts";
import { parseRemotePhaseOptions, remotePhaseFlags } from "./remote-phase-options.ts";

function codeOf(run: () => unknown): { code: string; message: string } {
  try {
    run();
  } catch (error) {
    if (error instanceof ManagerError) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("defaults", () => {
  test("are those of the Go operator", () => {
    expect(parseManagerOptions([], {})).toMatchObject({
      metricsAddress: ":8080",
      probeAddress: ":8081",
      pprofAddress: "",
      enableLeaderElection: true,
      packageHashModifier: 0,
      objectTemplateRetry: 30_000,
      objectTemplateOptionalRetry: 60_000,
      logLevel: -1,
      selfBootstrap: "",
    });
    expect(parseRemotePhaseOptions([], {})).toMatchObject({
      enableLeaderElection: false,
      phaseClass: "hosted-cluster",
      targetKubeconfig: "",
    });
  });

  test("come from the environment, and flags beat them", () => {
    const env = { PKO_NAMESPACE: "from-env", PKO_IMAGE_PREFIX_OVERRIDES: "a/=b/", LOG_LEVEL: "2" };
    expect(parseManagerOptions(["-namespace=flag"], env)).toMatchObject({
      namespace: "flag",
      imagePrefixOverrides: "a/=b/",
      logLevel: 2,
    });
  });

  test("survive a log level that is no integer", () => {
    expect(parseManagerOptions([], { LOG_LEVEL: "debug" }).logLevel).toBe(-1);
  });

  test.each([
    ["1000000", 1_000_000],
    ["1e+06", 1_000_000],
    ["1.5e+06", 1_500_000],
  ])("accept the hash modifier %s", (text, value) => {
    expect(parseManagerOptions([], { PKO_PACKAGE_HASH_MODIFIER: text }).packageHashModifier).toBe(value);
  });

  test("refuse a hash modifier that is no integer", () => {
    const error = codeOf(() => parseManagerOptions([], { PKO_PACKAGE_HASH_MODIFIER: "1.5" }));
    expect(error.code).toBe("config");
    expect(error.message).toMatch(
      /^unable to parse environment variable 'PKO_PACKAGE_HASH_MODIFIER' as integer: /,
    );
  });
});

/** Option, flag, variable, default, another value as text and as it is read. */
type Row = readonly [string, string, string | undefined, unknown, string, unknown];

const common: readonly Row[] = [
  ["metricsAddress", "metrics-addr", undefined, ":8080", "0", "0"],
  ["probeAddress", "health-probe-bind-address", undefined, ":8081", ":1", ":1"],
  ["pprofAddress", "pprof-addr", undefined, "", ":2", ":2"],
  ["namespace", "namespace", "PKO_NAMESPACE", "", "ns", "ns"],
  ["logLevel", "log-level", "LOG_LEVEL", -1, "2", 2],
  ["version", "version", undefined, false, "true", true],
  ["kubeconfig", "kubeconfig", undefined, "", "/k", "/k"],
];
const ofManager: readonly Row[] = [
  ...common,
  ["enableLeaderElection", "enable-leader-election", undefined, true, "false", false],
  ["serviceAccountNamespace", "service-account-namespace", "PKO_SERVICE_ACCOUNT_NAMESPACE", "", "a", "a"],
  ["serviceAccountName", "service-account-name", "PKO_SERVICE_ACCOUNT_NAME", "", "a", "a"],
  ["registryHostOverrides", "registry-host-overrides", "PKO_REGISTRY_HOST_OVERRIDES", "", "a=b", "a=b"],
  ["imagePrefixOverrides", "image-prefix-overrides", "PKO_IMAGE_PREFIX_OVERRIDES", "", "a=b", "a=b"],
  ["insecureRegistries", "insecure-registries", "PKO_INSECURE_REGISTRIES", "", "a", "a"],
  ["packageHashModifier", "package-hash-modifier", "PKO_PACKAGE_HASH_MODIFIER", 0, "7", 7],
  [
    "packageOperatorPackageImage",
    "package-operator-package-image",
    "PKO_PACKAGE_OPERATOR_PACKAGE_IMAGE",
    "",
    "a",
    "a",
  ],
  ["subComponentAffinity", "sub-component-affinity", "PKO_SUB_COMPONENT_AFFINITY", "", "{}", "{}"],
  ["subComponentTolerations", "sub-component-tolerations", "PKO_SUB_COMPONENT_TOLERATIONS", "", "[]", "[]"],
  ["objectTemplateRetry", "object-template-resource-retry-interval", undefined, 30_000, "2s", 2000],
  [
    "objectTemplateOptionalRetry",
    "object-template-optional-resource-retry-interval",
    undefined,
    60_000,
    "4s",
    4000,
  ],
  ["selfBootstrap", "self-bootstrap", undefined, "", "a", "a"],
  ["selfBootstrapConfig", "self-bootstrap-config", "PKO_CONFIG", "", "{}", "{}"],
];
const ofRemotePhase: readonly Row[] = [
  ...common,
  ["enableLeaderElection", "enable-leader-election", undefined, false, "true", true],
  ["targetKubeconfig", "target-cluster-kubeconfig-file", undefined, "", "/k", "/k"],
  ["phaseClass", "class", undefined, "hosted-cluster", "a", "a"],
];

interface Program {
  readonly program: string;
  readonly flags: FlagTable;
  readonly parse: (argv: readonly string[], env: Record<string, string>) => Record<string, unknown>;
  readonly table: readonly Row[];
}

describe.each<Program>([
  { program: "package-operator-manager", flags: managerFlags, parse: parseManagerOptions, table: ofManager },
  {
    program: "remote-phase-manager",
    flags: remotePhaseFlags,
    parse: parseRemotePhaseOptions,
    table: ofRemotePhase,
  },
])("$program", ({ flags, parse, table }) => {
  test("has these flags and no other", () => {
    const names = Object.values(flags).map(({ name }) => name);
    expect(names.toSorted()).toEqual(table.map(([, name]) => name).toSorted());
  });

  test.each(table)(
    "%s: its default, its variable, and the flag that beats it",
    (key, name, variable, byDefault, text, value) => {
      const read = (argv: readonly string[], env: Record<string, string>): unknown => parse(argv, env)[key];
      expect(read([], {})).toBe(byDefault);
      expect(read([`-${name}=${text}`], {})).toBe(value);
      if (variable === undefined) return;
      expect(read([], { [variable]: text })).toBe(value);
      expect(read([`-${name}=${text}`], { [variable]: "9" })).toBe(value);
    },
  );
});

describe("flag dialect", () => {
  test.each([[["-namespace=x"]], [["--namespace=x"]], [["-namespace", "x"]], [["--namespace", "x"]]])(
    "reads %j",
    (argv) => expect(parseManagerOptions(argv, {}).namespace).toBe("x"),
  );

  test.each([
    ["-enable-leader-election", true],
    ["--enable-leader-election=true", true],
    ["-enable-leader-election=F", false],
    ["-enable-leader-election=0", false],
  ])("reads the boolean %s", (argument, value) => {
    expect(parseManagerOptions([argument], {}).enableLeaderElection).toBe(value);
  });

  test.each([
    ["300ms", 300],
    ["1m30s", 90_000],
    ["1.5h", 5_400_000],
    ["0", 0],
    ["-2s", -2000],
  ])("reads the duration %s", (text, value) => {
    const argv = ["-object-template-resource-retry-interval", text];
    expect(parseManagerOptions(argv, {}).objectTemplateRetry).toBe(value);
  });

  test.each([
    ["0x1F", 31],
    ["0o17", 15],
    ["017", 15],
    ["0b101", 5],
    ["1_000", 1000],
    ["-3", -3],
  ])("reads the integer %s", (text, value) => {
    expect(parseManagerOptions([`-log-level=${text}`], {}).logLevel).toBe(value);
  });

  test("takes the last of several and stops at what is no flag", () => {
    const argv = ["-namespace=a", "-namespace=b", "word", "-namespace=c"];
    expect(parseManagerOptions(argv, {}).namespace).toBe("b");
    expect(parseManagerOptions(["-namespace=a", "--", "-namespace=c"], {}).namespace).toBe("a");
  });

  test.each([
    [["-load-package"], "flag provided but not defined: -load-package"],
    [["-log-level=x"], 'invalid value "x" for flag -log-level: parse error'],
    [
      ["-enable-leader-election=maybe"],
      'invalid boolean value "maybe" for -enable-leader-election: parse error',
    ],
    [
      ["-object-template-resource-retry-interval=30"],
      'invalid value "30" for flag -object-template-resource-retry-interval: parse error',
    ],
    [["-namespace"], "flag needs an argument: -namespace"],
    [["---namespace=x"], "bad flag syntax: ---namespace=x"],
  ])("refuses %j", (argv, message) => {
    expect(codeOf(() => parseManagerOptions(argv, {}))).toEqual({ code: "usage", message });
  });

  test.each(["-h", "--help"])("gives help for %s", (argument) => {
    expect(codeOf(() => parseManagerOptions([argument], {})).code).toBe("help");
  });
});

test("the usage text lists flags in order with types and defaults", () => {
  const text = formatUsage("package-operator-manager", managerFlags);
  expect(text).toContain("Usage of package-operator-manager:\n  -enable-leader-election\n    \t");
  expect(text).toContain("  -object-template-resource-retry-interval duration\n");
  expect(text).toContain("(default 30s)");
  expect(text).toContain('(default ":8080")');
});
