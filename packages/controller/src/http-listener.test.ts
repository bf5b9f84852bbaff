import { expect, test } from "vitest";
import { isListenerOff, listen } from "./http-listener.ts";

const echo = async ({ path, query }: { path: string; query: URLSearchParams }) => {
  if (path === "/boom") throw new Error("boom");
  return { status: 201, contentType: "text/x", body: `${path} ${query.get("q")}` };
};

test("answers GET and HEAD with what the handler says, and refuses the rest", async () => {
  const listener = await listen("127.0.0.1:0", echo);
  const base = `http://127.0.0.1:${listener.port}`;
  const answer = await fetch(`${base}/a?q=1`);
  expect(answer.status).toBe(201);
  expect(answer.headers.get("content-type")).toBe("text/x");
  expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
  expect(await answer.text()).toBe("/a 1");
  expect(await (await fetch(`${base}/a`, { method: "HEAD" })).text()).toBe("");
  expect((await fetch(`${base}/a`, { method: "POST" })).status).toBe(405);
  expect((await fetch(`${base}/boom`)).status).toBe(500);
  await listener.close();
  await expect(fetch(base)).rejects.toThrow("fetch failed");
});

test("a taken port is named", async () => {
  const first = await listen("127.0.0.1:0", echo);
  const address = `127.0.0.1:${first.port}`;
  await expect(listen(address, echo)).rejects.toMatchObject({
    code: "ListenFailed",
    message: expect.stringContaining(address),
  });
  await first.close();
});

test.each(["8080", "host", ":99999", "a:b"])("%s is no address", async (address) => {
  await expect(listen(address, echo)).rejects.toMatchObject({ code: "InvalidOption" });
});

test("IPv6 addresses are bracketed", async () => {
  // Machines without IPv6 cannot listen, but the address is understood.
  const outcome = await listen("[::1]:0", echo).then(
    async (listener) => listener.close().then(() => "listened"),
    (error: { code: string }) => error.code,
  );
  expect(["listened", "ListenFailed"]).toContain(outcome);
});

test("empty and 0 switch a listener off", () => {
  expect(["", "0", ":0", ":8080"].map(isListenerOff)).toEqual([true, true, false, false]);
});
