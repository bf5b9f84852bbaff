import { expect, test } from "vitest";
import { compileProbes } from "./probes.ts";

test("labels of which one is no text are none, so that no selector picks the object", () => {
  const prober = compileProbes([
    {
      probes: [{ condition: { type: "Available", status: "True" } }],
      selector: { selector: { matchLabels: { app: "a" } } },
    },
  ]);
  expect(prober.evaluate({ metadata: { labels: { app: "a" } } }).status).toBe("Unknown");
  expect(prober.evaluate({ metadata: { labels: { app: "a", other: 1 } } })).toEqual({
    status: "True",
    messages: [],
  });
});
