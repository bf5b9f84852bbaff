import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { readElf } from "./elf.ts";

test("the running Node names its loader and the C library", async () => {
  const facts = readElf(await readFile(process.execPath), process.execPath);
  expect(facts.architecture).toBe(process.arch === "x64" ? "amd64" : "arm64");
  expect(facts.interpreter).toMatch(/ld-linux/);
  expect(facts.needed).toContain("libc.so.6");
});

describe("what cannot be read names the file", () => {
  const header = (change: (bytes: Buffer) => void): Buffer => {
    const bytes = Buffer.alloc(128);
    bytes.writeUInt32BE(0x7f45_4c46, 0);
    bytes[4] = 2;
    bytes[5] = 1;
    bytes.writeUInt16LE(62, 18);
    change(bytes);
    return bytes;
  };
  test.each([
    [
      "a script",
      Buffer.from("#!/bin/sh\necho not a binary, but long enough to hold a header, really\n"),
      "no ELF file",
    ],
    ["nothing", Buffer.alloc(0), "no ELF file"],
    ["32 bit", header((bytes) => bytes.writeUInt8(1, 4)), "64-bit"],
    ["another processor", header((bytes) => bytes.writeUInt16LE(8, 18)), "neither amd64 nor arm64"],
    [
      "headers outside",
      header((bytes) => {
        bytes.writeUInt16LE(5, 56);
        bytes.writeUInt16LE(56, 54);
      }),
      "outside",
    ],
  ])("%s", (_name, bytes, part) => {
    const read = (): unknown => readElf(bytes, "some/file");
    expect(read).toThrow(expect.objectContaining({ code: "elf" }));
    expect(read).toThrow(/some\/file/);
    expect(read).toThrow(part);
  });
});
