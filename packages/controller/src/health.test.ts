import { expect, test } from "vitest";
import { createHealthHandler } from "./health.ts";

const handler = createHealthHandler({
  healthz: { health: () => undefined },
  readyz: {
    check: () => undefined,
    broken: () => Promise.reject(new Error("secret reason")),
  },
});

async function ask(url: string): Promise<[number, string]> {
  const { pathname, searchParams } = new URL(url, "http://x");
  const { status, body } = await handler({
    path: pathname,
    query: searchParams,
    signal: new AbortController().signal,
  });
  return [status, String(body)];
}

test.each([
  ["/healthz", 200, "ok"],
  ["/healthz/", 200, "ok"],
  ["/healthz?verbose", 200, "[+]health ok\nhealthz check passed\n"],
  ["/healthz?verbose&exclude=health", 200, "[+]health excluded: ok\nhealthz check passed\n"],
  [
    "/healthz?verbose&exclude=nope",
    200,
    '[+]health ok\nwarn: some health checks cannot be excluded: no matches for "nope"\nhealthz check passed\n',
  ],
  ["/healthz/health", 200, "ok"],
  ["/healthz/unknown", 404, "404 page not found\n"],
  ["/healthz/toString", 404, "404 page not found\n"],
  ["/readyz", 500, "[-]broken failed: reason withheld\n[+]check ok\nhealthz check failed\n"],
  ["/readyz?exclude=broken", 200, "ok"],
  ["/readyz/check", 200, "ok"],
  ["/readyz/broken", 500, "internal server error: secret reason\n"],
  ["/other", 404, "404 page not found\n"],
  ["/healthz/a/b", 404, "404 page not found\n"],
])("%s answers %i", async (url, status, body) => {
  expect(await ask(url)).toEqual([status, body]);
});
