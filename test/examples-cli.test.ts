import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { runLine } from "../packages/cli/src/testing/run-line.ts";

const examples = path.resolve(import.meta.dirname, "../examples");

test.each(["nginx", "shop", "snapshot-controller"])(
  "examples/%s is valid and has nothing to warn about",
  async (name) => {
    expect(await runLine(["validate", name, "--no-generate"], { cwd: examples })).toEqual({
      code: 0,
      stdout: "Package validated successfully!",
      stderr: "",
    });
  },
);

test("examples/snapshot-controller brings its CRDs before what needs them", async () => {
  const { stdout } = await runLine(["tree", "snapshot-controller", "--cluster"], { cwd: examples });
  const crd = "apiextensions.k8s.io/v1, Kind=CustomResourceDefinition";
  expect(stdout).toBe(`snapshot-controller
ClusterPackage /snapshot-controller
└── Phase crds
│   ├── ${crd} /volumesnapshotclasses.snapshot.storage.k8s.io
│   ├── ${crd} /volumesnapshotcontents.snapshot.storage.k8s.io
│   ├── ${crd} /volumesnapshots.snapshot.storage.k8s.io
└── Phase access
│   ├── /v1, Kind=ServiceAccount kube-system/snapshot-controller
│   ├── rbac.authorization.k8s.io/v1, Kind=ClusterRole /snapshot-controller
│   ├── rbac.authorization.k8s.io/v1, Kind=ClusterRoleBinding /snapshot-controller
└── Phase deploy
    └── apps/v1, Kind=Deployment kube-system/snapshot-controller
`);
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
