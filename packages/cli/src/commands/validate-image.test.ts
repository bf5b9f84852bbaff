// Images that lie, or that nobody would build on purpose, from a registry that serves whatever it is given.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { digestOf, mediaTypes, type TarInput, writeTar } from "@package-operator/oci";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runLine, type LineResult } from "../testing/run-line.ts";
import { toolshed } from "../testing/toolshed.ts";

const GIB = 1024 ** 3;

interface Layer {
  readonly bytes: Uint8Array;
  /** What the manifest says; the truth by default. */
  readonly size?: number;
  readonly digest?: string;
}

let server: Server;
let requests: string[];
let image: string;
const contents = new Map<string, Uint8Array>();

beforeEach(async () => {
  contents.clear();
  requests = [];
  server = createServer(({ url = "" }, response) => {
    requests.push(url);
    const content = contents.get(url);
    if (url.includes("/manifests/")) response.setHeader("Content-Type", mediaTypes.ociManifest);
    response.writeHead(content === undefined && url !== "/v2/" ? 404 : 200).end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  image = `127.0.0.1:${(server.address() as AddressInfo).port}/yard/toolshed:v1`;
});
afterEach(() => server.close());

async function validate(...layers: readonly Layer[]): Promise<LineResult> {
  const config = Buffer.from("{}");
  const add = ({ bytes, size = bytes.length, digest = digestOf(bytes) }: Layer): object => {
    contents.set(`/v2/yard/toolshed/blobs/${digest}`, bytes);
    return { mediaType: mediaTypes.ociLayer, size, digest };
  };
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: add({ bytes: config }),
    layers: layers.map((layer) => add(layer)),
  };
  contents.set("/v2/yard/toolshed/manifests/v1", Buffer.from(JSON.stringify(manifest)));
  return runLine(["validate", "--pull", image]);
}

async function tar(entries: Iterable<TarInput>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of writeTar(entries)) chunks.push(chunk);
  return Buffer.concat(chunks);
}
const file = (name: string, content: string): TarInput => ({ path: name, content: Buffer.from(content) });
const sound = Object.entries(toolshed).map(([name, content]) => file(`package/${name}`, content));

/** A tar entry without content whose header says something else than our writer would write. */
async function craft(name: string, { type, size = 0 }: { type: string; size?: number }): Promise<Buffer> {
  const header = (await tar([file(name, "")])).subarray(0, 512);
  header.write(size.toString(8).padStart(11, "0"), 124, "latin1");
  header.write(type, 156, "latin1");
  header.fill(" ", 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return header;
}

const failure = (reason: string): object => ({
  code: 1,
  stdout: "",
  stderr: expect.stringMatching(
    `^Error: validating package: getting package from remote reference: importing package from image: .*${reason}`,
  ),
});

test("paths that leave, links to the outside and devices are left out", async () => {
  const layer = [
    file("../package/escaped.yaml", "no: ["),
    file("package/../../escaped.yaml", "no: ["),
    { path: "package/link.yaml", type: "symlink", linkName: "/etc/passwd" },
    { path: "package/hard.yaml", type: "hardlink", linkName: "../../etc/passwd" },
  ] satisfies TarInput[];
  const devices = [
    await craft("package/null.yaml", { type: "3" }),
    await craft("package/disk.yaml", { type: "4" }),
    await craft("package/pipe.yaml", { type: "6" }),
  ];
  const bytes = Buffer.concat([...devices, await tar([...sound, ...layer])]);
  expect(await validate({ bytes })).toEqual({
    code: 0,
    stdout: "Package validated successfully!",
    stderr: "",
  });
});

test("a layer that claims 5 GiB is not fetched", async () => {
  const bytes = await tar(sound);
  const digest = digestOf(bytes);
  expect(await validate({ bytes, size: 5 * GIB })).toEqual(
    failure(`layers unpack to too much: ${digest} has 5368709120 bytes`),
  );
  expect(requests).not.toContain(`/v2/yard/toolshed/blobs/${digest}`);
});

test("a file that claims 5 GiB is named", async () => {
  const bytes = await craft("package/huge.yaml", { type: "0", size: 5 * GIB });
  expect(await validate({ bytes })).toEqual(failure("layers unpack to too much at package/huge.yaml"));
  const large = await craft("package/large.yaml", { type: "0", size: GIB });
  expect(await validate({ bytes: large })).toEqual(
    failure("package content is too large at package/large.yaml"),
  );
});

test("zeros without end, compressed to little", async () => {
  const zeros = gzipSync(Buffer.alloc(64 * 1024 * 1024));
  const bytes = Buffer.concat([
    gzipSync(await craft("etc/bomb", { type: "0", size: 5 * GIB })),
    ...Array.from({ length: 80 }, () => zeros),
  ]);
  expect(await validate({ bytes })).toEqual(failure("layers unpack to too much at etc/bomb"));
});

test("a layer whose bytes do not match its digest", async () => {
  const digest = digestOf(Buffer.from("other"));
  const bytes = await tar(sound);
  expect(await validate({ bytes, digest })).toEqual(failure(digest));
});

test("a layer that is shorter or longer than its size", async () => {
  const bytes = await tar(sound);
  for (const size of [bytes.length - 512, bytes.length + 512]) {
    expect(await validate({ bytes, size })).toEqual(failure(digestOf(bytes)));
  }
});

test("a package of 100,000 files", async () => {
  const header = await craft("package/file.yaml", { type: "0" });
  const bytes = gzipSync(Buffer.alloc(100_000 * header.length, header));
  expect(await validate({ bytes })).toEqual(failure("package has too many files at package/file.yaml"));
});
