import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { runLine } from "../packages/cli/src/testing/run-line.ts";

const examples = path.resolve(import.meta.dirname, "../examples");

test.each(["nginx", "shop"])("examples/%s is valid and has nothing to warn about", async (name) => {
  expect(await runLine(["validate", name, "--no-generate"], { cwd: examples })).toEqual({
    code: 0,
    stdout: "Package validated successfully!",
    stderr: "",
  });
});

test("examples/shop shows its components, and goes through an archive", async () => {
  const { stdout } = await runLine(["tree", "shop", "--all-components"], { cwd: examples });
  expect(stdout).toBe(`shop
Package town/corner-shop
└── Phase components
    └── package-operator.run/v1alpha1, Kind=Package /corner-shop-web
    └── package-operator.run/v1alpha1, Kind=Package /corner-shop-store
store
Package namespace/name
└── Phase claim
    └── /v1, Kind=PersistentVolumeClaim /goods
web
Package town/corner-shop-web
└── Phase deploy
    └── apps/v1, Kind=Deployment /corner-shop-web
`);
  const folder = await mkdtemp(path.join(tmpdir(), "example-cli-"));
  try {
    await cp(path.join(examples, "shop"), path.join(folder, "shop"), { recursive: true });
    // Locks are looked up when a package is built, and this one names a registry that tests do not reach.
    await rm(path.join(folder, "shop/components/web"), { recursive: true });
    const build = ["build", "shop", "-o", "shop.tar", "-t", "example/shop:v1"];
    expect(await runLine(build, { cwd: folder })).toMatchObject({ code: 0 });
    expect(await runLine(["validate", "shop.tar"], { cwd: folder })).toMatchObject({ code: 0 });
  } finally {
    await rm(folder, { recursive: true });
  }
});
