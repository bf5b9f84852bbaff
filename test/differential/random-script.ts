import type { Script } from "./scripts.ts";
import { apply, configMap, configMaps, get, patch, post } from "./scripts/requests.ts";

const widgets = "/apis/diff.example/v1/namespaces/NS/widgets";
const deployments = "/apis/apps/v1/namespaces/NS/deployments";

/** A small generator of numbers that gives the same sequence for the same seed everywhere (mulberry32). */
function createRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (((mixed ^ (mixed >>> 14)) >>> 0) % 1_000_003) % below;
  };
}

type Random = (below: number) => number;

/** A random sequence of writes by several managers to one object; the same for the same seed. */
export function randomScript(seed: number): Script {
  const random = createRandom(seed);
  const kind = kinds[seed % kinds.length] ?? kinds[0];
  if (kind === undefined) throw new Error("there are no kinds");
  return Array.from({ length: 14 }, () => randomStep(kind, random));
}

interface RandomKind {
  readonly path: string;
  readonly body: (random: Random) => Record<string, unknown>;
  readonly status: boolean;
}

function randomStep(kind: RandomKind, random: Random): Script[number] {
  const path = `${kind.path}/x`;
  const body = kind.body(random);
  const { apiVersion: _version, kind: _kind, ...content } = body;
  const force = random(2) === 0 ? "&force=true" : "";
  switch (random(9)) {
    case 0:
      return post(`${kind.path}?fieldManager=u${random(2)}`, body);
    case 1:
      return patch(`${path}?fieldManager=u${random(3)}`, "merge", content);
    case 2:
      return patch(`${path}?fieldManager=u${random(3)}`, "merge", withNulls(content, random));
    case 3:
      return { method: "PUT", path: `${path}?fieldManager=u${random(2)}`, body };
    case 4:
      if (random(4) === 0) return { method: "DELETE", path };
      return get(path);
    case 5:
      if (kind.status) {
        const status = { replicas: random(3), phase: `p${random(3)}` };
        return apply(`${path}/status`, `s${random(2)}`, { ...head(body), status }, force);
      }
      return apply(path, "m0", body, force);
    default:
      return apply(path, `m${random(3)}`, body, force);
  }
}

function head({ apiVersion, kind, metadata }: Record<string, unknown>): Record<string, unknown> {
  return { apiVersion, kind, metadata: { name: (metadata as { name: string }).name } };
}

/** Fields whose removal is refused, which would end most sequences early. */
const fixed: ReadonlySet<string> = new Set(["name", "metadata", "spec", "app"]);

/** Null removes in a merge patch. */
function withNulls(value: unknown, random: Random): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [
      key,
      !fixed.has(key) && random(4) === 0 ? null : withNulls(child, random),
    ]),
  );
}

function some<T>(random: Random, items: readonly T[]): T[] {
  return items.filter(() => random(2) === 0);
}

function map(
  random: Random,
  keys: readonly string[],
  value: (random: Random) => unknown,
): Record<string, unknown> {
  return Object.fromEntries(some(random, keys).map((key) => [key, value(random)]));
}

const text = (random: Random): string => `v${random(3)}`;

function metadata(random: Random): Record<string, unknown> {
  return {
    name: "x",
    ...(random(3) === 0 ? { labels: map(random, ["a", "b"], text) } : {}),
    ...(random(4) === 0 ? { annotations: map(random, ["a", "b"], text) } : {}),
    ...(random(6) === 0 ? { finalizers: [] } : {}),
  };
}

const kinds: readonly RandomKind[] = [
  {
    path: configMaps,
    status: false,
    body: (random) => ({
      ...(configMap("x", map(random, ["a", "b", "c", "d"], text)) as object),
      metadata: metadata(random),
    }),
  },
  {
    path: widgets,
    status: true,
    body: (random) => ({
      apiVersion: "diff.example/v1",
      kind: "Widget",
      metadata: metadata(random),
      spec: {
        size: 1 + random(3),
        ...(random(2) === 0 ? { color: random(2) === 0 ? "red" : "blue" } : {}),
        ...(random(2) === 0 ? { tags: some(random, ["x", "y", "z"]) } : {}),
        ...(random(2) === 0
          ? {
              parts: some(random, ["p", "q", "r"]).map((name) => ({
                name,
                ...(random(2) === 0 ? { count: random(3) } : {}),
              })),
            }
          : {}),
        ...(random(2) === 0 ? { free: map(random, ["k", "l"], (next) => map(next, ["m", "n"], text)) } : {}),
        ...(random(2) === 0 ? { atomic: map(random, ["k", "l"], text) } : {}),
      },
    }),
  },
  {
    path: deployments,
    status: false,
    body: (random) => ({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: metadata(random),
      spec: {
        ...(random(2) === 0 ? { replicas: random(3) } : {}),
        selector: { matchLabels: { app: "x" } },
        template: {
          metadata: { labels: { app: "x" } },
          spec: {
            containers: ["a", ...some(random, ["b", "c"])].map((name) => ({
              name,
              image: `i:${random(3)}`,
              ...(random(2) === 0
                ? {
                    env: some(random, ["E", "F"]).map((variable) => ({
                      name: variable,
                      value: text(random),
                    })),
                  }
                : {}),
              ...(random(2) === 0
                ? {
                    ports: some(random, [80, 81]).map((port) => ({
                      containerPort: port + 10 * "abc".indexOf(name),
                    })),
                  }
                : {}),
              ...(random(3) === 0 ? { args: [text(random)] } : {}),
            })),
            ...(random(3) === 0 ? { nodeSelector: map(random, ["k", "l"], text) } : {}),
          },
        },
      },
    }),
  },
];
