import { afterEach, describe, expect, test } from "vitest";
import { createDiscovery } from "./discovery.ts";
import { createManualClock } from "./manual-clock.ts";
import {
  type Answer,
  type ScriptedServer,
  startScriptedServer,
  statusAnswer,
} from "./testing/scripted-server.ts";
import { createTransport, type Transport } from "./transport.ts";

let server: ScriptedServer;
let transport: Transport;

afterEach(async () => {
  await transport.close();
  await server.close();
});

async function start(handle: (path: string) => Answer | undefined) {
  server = await startScriptedServer(({ path }) => handle(path));
  transport = createTransport(server.config, { clock: createManualClock(), env: {}, userAgent: "test" });
  return createDiscovery(transport);
}

function paths(): string[] {
  return server.requests.map(({ path }) => path);
}

const deployment = { apiVersion: "apps/v1", kind: "Deployment" };

function aggregatedGroup(name: string, versions: string[], resources: object[]): object {
  return { metadata: { name }, versions: versions.map((version) => ({ version, resources })) };
}

function aggregatedList(...items: object[]): Answer {
  return { body: { kind: "APIGroupDiscoveryList", apiVersion: "apidiscovery.k8s.io/v2", items } };
}

const deployments = {
  resource: "deployments",
  responseKind: { group: "", version: "", kind: "Deployment" },
  scope: "Namespaced",
  singularResource: "deployment",
  verbs: ["get"],
  shortNames: ["deploy"],
  subresources: [{ subresource: "status" }],
};

describe("aggregated discovery", () => {
  const aggregated = (path: string): Answer | undefined => {
    if (path === "/api") return aggregatedList();
    if (path === "/apis") return aggregatedList(aggregatedGroup("apps", ["v1", "v1beta1"], [deployments]));
    return undefined;
  };

  test("answers everything with two requests", async () => {
    const discovery = await start(aggregated);
    const expected = {
      group: "apps",
      version: "v1",
      kind: "Deployment",
      resource: "deployments",
      singular: "deployment",
      namespaced: true,
      verbs: ["get"],
      shortNames: ["deploy"],
      categories: [],
      subresources: ["status"],
    };
    const answers = await Promise.all([discovery.resourceFor(deployment), discovery.resourceFor(deployment)]);
    expect(answers).toEqual([expected, expected]);
    expect(await discovery.all()).toEqual([expected, { ...expected, version: "v1beta1" }]);
    expect(paths().toSorted()).toEqual(["/api", "/apis"]);
    expect(server.requests[0]?.headers.accept).toContain("as=APIGroupDiscoveryList");
  });

  test("asks for the group version once more before a kind counts as unknown", async () => {
    let served = false;
    const discovery = await start((path) =>
      path === "/apis/new/v1" && served
        ? {
            body: {
              kind: "APIResourceList",
              resources: [{ name: "things", kind: "Thing", namespaced: true }],
            },
          }
        : aggregated(path),
    );
    const thing = { apiVersion: "new/v1", kind: "Thing" };
    await expect(discovery.resourceFor(thing)).rejects.toMatchObject({
      code: "UnknownKind",
      message: 'no matches for kind "Thing" in version "new/v1"',
    });
    expect(await discovery.serves(thing)).toBe(false);
    served = true;
    expect(await discovery.serves(thing)).toBe(true);
    expect(await discovery.resourceFor(thing)).toMatchObject({ resource: "things" });
    expect(paths().filter((path) => path === "/apis/new/v1")).toHaveLength(3);
  });

  test("forgets when told", async () => {
    const discovery = await start((path) =>
      path === "/apis/apps/v1" ? statusAnswer(404, "NotFound") : aggregated(path),
    );
    await discovery.resourceFor(deployment);
    discovery.invalidate("apps/v1");
    expect(await discovery.serves(deployment)).toBe(false);
    discovery.invalidate();
    expect(await discovery.serves(deployment)).toBe(true);
  });
});

describe("the older form", () => {
  const legacy = (path: string): Answer | undefined => {
    if (path !== "/apis") return undefined;
    const version = (groupVersion: string) => ({ groupVersion });
    const groups = [
      { name: "broken", versions: [version("broken/v1")] },
      {
        name: "apps",
        versions: [version("apps/v1beta1"), version("apps/v1")],
        preferredVersion: version("apps/v1"),
      },
    ];
    return { body: { kind: "APIGroupList", groups } };
  };
  const resources = [
    { name: "deployments", singularName: "deployment", kind: "Deployment", namespaced: true, verbs: ["get"] },
    { name: "deployments/status", singularName: "", kind: "Deployment", namespaced: true },
  ];

  test("is understood, preferred versions first, a broken group left out", async () => {
    const discovery = await start((path) => {
      if (path === "/apis/broken/v1") return statusAnswer(503, "ServiceUnavailable");
      if (path.startsWith("/apis/apps/")) return { body: { kind: "APIResourceList", resources } };
      return legacy(path);
    });
    const all = await discovery.all();
    expect(all.map(({ version, kind }) => `${version} ${kind}`)).toEqual([
      "v1 ConfigMap",
      "v1 Namespace",
      "v1 Deployment",
      "v1beta1 Deployment",
    ]);
    expect(all[2]).toMatchObject({ group: "apps", resource: "deployments", subresources: ["status"] });
  });
});

describe("failures", () => {
  test("are not remembered", async () => {
    let broken = true;
    const discovery = await start((path) =>
      broken && path === "/apis" ? statusAnswer(500, "InternalError") : undefined,
    );
    await expect(discovery.serves(deployment)).rejects.toMatchObject({ httpStatus: 500 });
    broken = false;
    expect(await discovery.serves({ apiVersion: "v1", kind: "ConfigMap" })).toBe(true);
  });

  test("an answer that is no JSON is named", async () => {
    const discovery = await start((path) => (path === "/version" ? { body: "<html>" } : undefined));
    await expect(discovery.serverVersion()).rejects.toMatchObject({ code: "InvalidResponse" });
  });
});

test("serverVersion keeps the leading v", async () => {
  const discovery = await start((path) =>
    path === "/version" ? { body: { gitVersion: "v1.35.0" } } : undefined,
  );
  expect(await discovery.serverVersion()).toBe("v1.35.0");
});
