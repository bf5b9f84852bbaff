import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeWatch } from "./watch.ts";

async function* chunksOf(bytes: Uint8Array, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  let start = 0;
  for (const cut of [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].toSorted(
    (a, b) => a - b,
  )) {
    yield bytes.subarray(start, cut);
    start = cut;
  }
}

async function decode(text: string, cuts: readonly number[] = []): Promise<unknown[]> {
  const events: unknown[] = [];
  for await (const event of decodeWatch(chunksOf(new TextEncoder().encode(text), cuts))) events.push(event);
  return events;
}

describe("decodeWatch", () => {
  test("gives the same events however the bytes are cut", async () => {
    const event = fc.record({
      type: fc.constantFrom("ADDED", "MODIFIED", "DELETED", "BOOKMARK"),
      object: fc.dictionary(fc.string(), fc.string({ unit: "grapheme" }), { noNullPrototype: true }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(event), fc.array(fc.nat()), async (events, cuts) => {
        const text = events.map((item) => `${JSON.stringify(item)}\n`).join("");
        expect(await decode(text, cuts)).toEqual(events);
      }),
    );
  });

  test("keeps integers that a double cannot hold", async () => {
    expect(await decode('{"type":"ADDED","object":{"n":9007199254740993}}\n')).toEqual([
      { type: "ADDED", object: { n: 9007199254740993n } },
    ]);
  });

  test("drops a line that was cut off by the end of the connection", async () => {
    expect(await decode('{"type":"ADDED","object":{}}\n{"type":"MOD')).toHaveLength(1);
  });

  test("throws the Status of an error event", async () => {
    const status = { kind: "Status", code: 410, reason: "Expired", message: "too old" };
    await expect(decode(`${JSON.stringify({ type: "ERROR", object: status })}\n`)).rejects.toMatchObject({
      code: "ApiStatus",
      httpStatus: 410,
      status,
    });
  });

  test.each(["nonsense", '{"type":"WHAT","object":{}}', '{"type":"ADDED"}'])("refuses %s", async (line) => {
    await expect(decode(`${line}\n`)).rejects.toMatchObject({ code: "InvalidResponse" });
  });
});
