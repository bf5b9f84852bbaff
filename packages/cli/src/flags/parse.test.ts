import { describe, expect, test } from "vitest";
import { CliError } from "../errors.ts";
import { boolFlag, choiceFlag, intFlag, listFlag, mapFlag, stringFlag, stringsFlag } from "./flag.ts";
import { parseFlags } from "./parse.ts";

const flags = {
  tag: stringsFlag("tags", { short: "t" }),
  push: boolFlag("push"),
  cluster: boolFlag("cluster scope", { short: "c" }),
  verbose: boolFlag("more", { short: "v" }),
  output: stringFlag("file", { short: "o" }),
  revision: intFlag("revision"),
  label: mapFlag("labels", { short: "l" }),
  override: listFlag("rules"),
  format: choiceFlag("format", ["text", "json"], { initial: "text" }),
};
const parse = (...args: string[]): ReturnType<typeof parseFlags> => parseFlags(flags, args);
const value = (name: keyof typeof flags, ...args: string[]): unknown => parse(...args).values[name];

describe("accepted forms", () => {
  test.each([
    [["--output", "a"], "a"],
    [["--output=a"], "a"],
    [["--output="], ""],
    [["-o", "a"], "a"],
    [["-oa"], "a"],
    [["-o=a"], "a"],
    [["-cvo", "a"], "a"],
    [["--output", "--push"], "--push"],
  ])("%j", (args, expected) => {
    expect(value("output", ...args)).toBe(expected);
  });

  test("flags and arguments may be mixed, and -- ends the flags", () => {
    const parsed = parse("one", "--push", "two", "-", "--", "--output", "-x");
    expect(parsed.positional).toEqual(["one", "two", "-", "--output", "-x"]);
    expect(parsed.values["push"]).toBe(true);
    expect([...parsed.changed]).toEqual(["push"]);
  });

  test.each(["1", "t", "T", "true", "TRUE", "True"])("--push=%s is true", (word) => {
    expect(value("push", `--push=${word}`)).toBe(true);
  });

  test("a boolean never takes the next argument", () => {
    expect(parse("--push", "false").positional).toEqual(["false"]);
  });

  test("list flags read CSV and add up", () => {
    expect(value("tag", "-t", "a,b", "--tag", '"c,d"', "-t=")).toEqual(["a", "b", "c,d"]);
    expect(value("tag", "-t", "")).toEqual([]);
    expect(value("override", "--override", "a=b,c=d", "--override", "e=f")).toEqual(["a=b,c=d", "e=f"]);
  });

  test.each([
    [["-l", "a=b,c"], { a: "b,c" }],
    [["-l", '"a=b"'], { a: "b" }],
    [["-l", "a=1,b=two words"], { a: "1", b: "two words" }],
    [["-l", "k=https://x/?y=z"], { k: "https://x/?y=z" }],
    [["-l", "a=1", "-l", "a=2"], { a: "2" }],
  ])("map flag %j", (args, expected) => {
    expect(value("label", ...args)).toEqual(expected);
  });

  test.each([
    ["42", 42],
    ["-1", -1],
    ["0x10", 16],
    ["010", 8],
    ["1_000", 1000],
  ])("integer %s", (text, expected) => {
    expect(value("revision", `--revision=${text}`)).toBe(expected);
  });
});

describe("refused, in pflag's words", () => {
  test.each([
    [["--nope"], "unknown flag: --nope"],
    [["--clus"], "unknown flag: --clus"],
    [["--constructor"], "unknown flag: --constructor"],
    [["-x"], "unknown shorthand flag: 'x' in -x"],
    [["-cx"], "unknown shorthand flag: 'x' in -cx"],
    [["--tag"], "flag needs an argument: --tag"],
    [["-t"], "flag needs an argument: 't' in -t"],
    [["--=a"], "bad flag syntax: --=a"],
    [
      ["--cluster=maybe"],
      'invalid argument "maybe" for "-c, --cluster" flag: strconv.ParseBool: parsing "maybe": invalid syntax',
    ],
    [
      ["--revision", "abc"],
      'invalid argument "abc" for "--revision" flag: strconv.ParseInt: parsing "abc": invalid syntax',
    ],
    [["-l", "x"], 'invalid argument "x" for "-l, --label" flag: x must be formatted as key=value'],
    [["--format=xml"], 'invalid argument "xml" for "--format" flag: must be one of text, json'],
  ])("%j", (args, message) => {
    expect(() => parse(...args)).toThrow(new CliError("usage", message));
  });
});
