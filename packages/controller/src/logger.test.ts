import { describe, expect, test } from "vitest";
import { collectLogs } from "./testing/log-lines.ts";

describe("a logger", () => {
  test("writes zap's fields", () => {
    const { logger, lines } = collectLogs(0);
    logger.info("detected environment", { kubernetes: "v1.35.0" });
    expect(lines).toEqual([
      { level: "info", ts: "2024-01-01T00:00:00Z", msg: "detected environment", kubernetes: "v1.35.0" },
    ]);
  });

  test("names are dotted, fields inherited", () => {
    const { logger, lines } = collectLogs(0);
    logger.named("controllers").with({ a: 1 }).named("Package").with({ b: 2 }).info("hi", { c: 3 });
    expect(lines[0]).toMatchObject({ logger: "controllers.Package", a: 1, b: 2, c: 3 });
  });

  test.each([
    [-1, ["error"]],
    [0, ["info", "error"]],
    [1, ["info", "debug", "error"]],
    [3, ["info", "debug", "debug", "error"]],
  ])("level %i shows %j", (level, expected) => {
    const { logger, lines } = collectLogs(level);
    logger.info("i");
    logger.debug("d");
    logger.debug("d3", { verbosity: 3 });
    logger.error(new Error("e"), "failed");
    expect(lines.map((line) => line.level)).toEqual(expected);
    expect(lines.every((line) => !("verbosity" in line))).toBe(true);
  });

  test("errors tell their causes once, and where they were thrown", () => {
    const { logger, lines } = collectLogs();
    const root = new Error("no route");
    logger.error(
      new Error("get thing", { cause: new Error("request: no route", { cause: root }) }),
      "failed",
    );
    logger.error("just text", "failed");
    expect(lines[0]).toMatchObject({ level: "error", msg: "failed", error: "get thing: request: no route" });
    expect(lines[0]?.stacktrace).toContain("logger.test.ts");
    expect(lines[1]).toMatchObject({ error: "just text" });
  });

  test("floods of one message are thinned out below level 2, per second", () => {
    let time = 0;
    const { logger, lines } = collectLogs(0, () => time);
    const flood = () => {
      lines.length = 0;
      for (let index = 0; index < 350; index++) logger.info("again");
      return lines.length;
    };
    expect(flood()).toBe(102);
    logger.info("something else");
    expect(lines).toHaveLength(103);
    time = 1000;
    expect(flood()).toBe(102);
    time = -5000;
    expect(flood()).toBe(102);
    const verbose = collectLogs(2);
    for (let index = 0; index < 350; index++) verbose.logger.info("again");
    expect(verbose.lines).toHaveLength(350);
  });
});
