import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { bundledPackages } from "./bundled-packages.ts";

test("follows workspaces and nested installations, and knows nothing that is not needed", () => {
  const lock = JSON.stringify({
    packages: {
      "packages/app": { dependencies: { lib: "1", "@scope/inner": "1" } },
      "node_modules/@scope/inner": { resolved: "packages/inner", link: true },
      "packages/inner": { dependencies: { deep: "1" } },
      "node_modules/lib": { version: "1.0.0", license: "MIT", dependencies: { deep: "2" } },
      "node_modules/lib/node_modules/deep": { version: "2.0.0", license: "ISC", integrity: "sha512-AAAA" },
      "node_modules/deep": { version: "1.5.0", license: "ISC" },
      "node_modules/unused": { version: "9.0.0" },
    },
  });
  expect(bundledPackages(lock, "packages/app").map(({ name, version }) => `${name}@${version}`)).toEqual([
    "deep@1.5.0",
    "deep@2.0.0",
    "lib@1.0.0",
  ]);
});

test("this repository's manager is made of known packages", () => {
  const lock = readFileSync(new URL("../../../package-lock.json", import.meta.url), "utf8");
  const names = bundledPackages(lock, "packages/manager").map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(["pino", "prom-client", "undici"]));
  expect(names.filter((name) => name.startsWith("@package-operator/"))).toEqual([]);
  expect(names).not.toContain("vitest");
});

test("a lock that does not know a dependency is refused", () => {
  const lock = JSON.stringify({ packages: { "packages/app": { dependencies: { gone: "1" } } } });
  expect(() => bundledPackages(lock, "packages/app")).toThrow(expect.objectContaining({ code: "input" }));
});
