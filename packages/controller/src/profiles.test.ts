import { createManualClock } from "@package-operator/kube";
import { describe, expect, test } from "vitest";
import { createProfileHandler } from "./profiles.ts";
import { eventually } from "./testing/eventually.ts";

const clock = createManualClock();
const handler = createProfileHandler({ argv: ["node", "main.js"], clock });

async function ask(url: string) {
  const { pathname, searchParams } = new URL(url, "http://x");
  const { status, body } = await handler({
    path: pathname,
    query: searchParams,
    signal: new AbortController().signal,
  });
  return { status, body: String(body) };
}

describe("the profile endpoints", () => {
  test("list themselves and the command line", async () => {
    expect((await ask("/debug/pprof/")).body).toContain("profile?seconds=N");
    expect((await ask("/debug/pprof/cmdline")).body).toBe("node\0main.js");
    expect((await ask("/debug/pprof/symbol")).status).toBe(404);
  });

  test("take one CPU profile at a time", async () => {
    const profile = ask("/debug/pprof/profile?seconds=2");
    await eventually(() => expect(clock.pending()).toEqual([2000]));
    expect((await ask("/debug/pprof/profile")).status).toBe(409);
    await clock.advance(2000);
    const { status, body } = await profile;
    expect(status).toBe(200);
    expect(JSON.parse(body)).toHaveProperty("nodes");
  });

  test.each(["0", "-1", "x", "601"])("refuse a duration of %s", async (seconds) => {
    expect((await ask(`/debug/pprof/profile?seconds=${seconds}`)).status).toBe(400);
  });

  test("take a heap snapshot", async () => {
    const { status, body } = await ask("/debug/pprof/heap");
    expect(status).toBe(200);
    expect(JSON.parse(body)).toHaveProperty("snapshot");
  });
});
