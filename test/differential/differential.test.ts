// Every script was recorded from a real kube-apiserver; the sandbox must answer the same.
// With LAB set to the kubeconfig of a real API server (one without controllers) the recording is made anew from it.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type ApiServer, createApiServer } from "@package-operator/sandbox";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createPeer, type Peer } from "./peer.ts";
import { type Exchange, runScript } from "./run-script.ts";
import { scripts } from "./scripts.ts";

const lab = process.env["LAB"];
let server: ApiServer;
let peer: Peer;

beforeAll(async () => {
  // Times order managed fields: all requests within one second make that repeatable.
  const now = new Date();
  server = await createApiServer({ now: () => now });
  peer = createPeer(JSON.stringify(server.kubeconfig));
});

afterAll(() => server.close());

test.each(Object.keys(scripts))("%s", async (name) => {
  const script = scripts[name] ?? [];
  const file = path.join(import.meta.dirname, "recorded", `${name}.json`);
  if (lab !== undefined) {
    const recorded = await runScript(
      createPeer(readFileSync(lab, "utf8")),
      name,
      script,
      `r${Date.now() % 100_000}`,
    );
    writeFileSync(file, `${JSON.stringify(recorded, null, 1)}\n`);
  }
  expect(existsSync(file), `no recording of ${name}`).toBe(true);
  const expected = JSON.parse(readFileSync(file, "utf8")) as Exchange[];
  expect(await runScript(peer, name, script, "s")).toEqual(expected);
});
