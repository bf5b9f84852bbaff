import { expect, test } from "vitest";
import { decodeMessage, readEnvelope } from "./protobuf.ts";

/** The wire form of a field with bytes. */
function bytes(number: number, content: Buffer | string): Buffer {
  const body = Buffer.from(content as string);
  return Buffer.concat([varint((number << 3) | 2), varint(body.length), body]);
}

function integer(number: number, value: number): Buffer {
  return Buffer.concat([varint(number << 3), varint(value)]);
}

function varint(value: number): Buffer {
  const out: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) out.push((rest % 128) | 0x80);
  return Buffer.from([...out, rest]);
}

const entry = (key: string, value: Buffer | string): Buffer =>
  Buffer.concat([bytes(1, key), bytes(2, value)]);

test("the envelope gives version, kind and contents", () => {
  const type = Buffer.concat([bytes(1, "v1"), bytes(2, "ConfigMap")]);
  const body = Buffer.concat([Buffer.from("k8s\0"), bytes(1, type), bytes(2, "inside")]);
  const { apiVersion, kind, raw } = readEnvelope(body);
  expect({ apiVersion, kind, raw: Buffer.from(raw).toString() }).toEqual({
    apiVersion: "v1",
    kind: "ConfigMap",
    raw: "inside",
  });
});

test.each([
  [Buffer.from("nope"), "does not appear to be a protobuf message"],
  [Buffer.from("k8s\0\x0a\xff", "latin1"), "unexpected EOF"],
  [Buffer.from("k8s\0\x0b", "latin1"), "illegal wireType"],
])("%j is refused", (body, message) => {
  expect(() => readEnvelope(body)).toThrow(message);
});

test("maps, bytes, times and numbers become their JSON", () => {
  const metadata = Buffer.concat([
    bytes(1, "name"),
    integer(7, 3),
    bytes(8, integer(1, 1_700_000_000)),
    bytes(11, entry("app", "x")),
  ]);
  const message = Buffer.concat([
    bytes(1, metadata),
    bytes(2, entry("k", "v")),
    bytes(3, entry("b", Buffer.from([1, 2]))),
    integer(4, 1),
  ]);
  expect(decodeMessage(message, "io.k8s.api.core.v1.ConfigMap")).toEqual({
    metadata: {
      name: "name",
      generation: 3,
      creationTimestamp: "2023-11-14T22:13:20Z",
      labels: { app: "x" },
    },
    data: { k: "v" },
    binaryData: { b: "AQI=" },
    immutable: true,
  });
});

test("embedded structs fill the object around them, and numbers or names stand for ports", () => {
  const probe = (port: Buffer): Buffer =>
    bytes(1, bytes(2, Buffer.concat([bytes(1, "/healthz"), bytes(2, port)])));
  const name = "io.k8s.api.core.v1.Probe";
  expect(decodeMessage(probe(Buffer.concat([integer(1, 0), integer(2, 80)])), name)).toEqual({
    httpGet: { path: "/healthz", port: 80 },
  });
  expect(decodeMessage(probe(Buffer.concat([integer(1, 1), bytes(3, "web")])), name)).toEqual({
    httpGet: { path: "/healthz", port: "web" },
  });
});
