import { expect, test } from "vitest";
import { podSpecImages, workloadImages } from "./pod-images.ts";

test("every kind of container and image volumes are found, with their place", () => {
  const spec = {
    initContainers: [{ name: "init", image: "quay.io/o/init:1" }],
    containers: [{ name: "a", image: "quay.io/o/a:1" }, { name: "none" }],
    ephemeralContainers: [{ name: "debug", image: "quay.io/o/debug:1" }],
    volumes: [
      { name: "v", image: { reference: "quay.io/o/data:1" } },
      { name: "e", emptyDir: {} },
    ],
  };
  expect(podSpecImages(spec, "spec")).toEqual([
    { path: "spec.initContainers[0].image", name: "init", image: "quay.io/o/init:1" },
    { path: "spec.containers[0].image", name: "a", image: "quay.io/o/a:1" },
    { path: "spec.ephemeralContainers[0].image", name: "debug", image: "quay.io/o/debug:1" },
    { path: "spec.volumes[0].image.reference", name: "v", image: "quay.io/o/data:1" },
  ]);
});

test("the template is found by kind", () => {
  const template = { spec: { containers: [{ name: "a", image: "x/y:1" }] } };
  const place = (object: Parameters<typeof workloadImages>[0]): string[] =>
    workloadImages(object).map(({ path }) => path);
  expect(place({ kind: "Deployment", spec: { template } })).toEqual([
    "spec.template.spec.containers[0].image",
  ]);
  expect(place({ kind: "CronJob", spec: { jobTemplate: { spec: { template } } } })).toEqual([
    "spec.jobTemplate.spec.template.spec.containers[0].image",
  ]);
  expect(place({ kind: "ConfigMap", data: { image: "x/y:1" } })).toEqual([]);
});

test.each([
  [null],
  ["text"],
  [{ kind: 5 }],
  [{ kind: "Pod", spec: { containers: "no" } }],
  [{ kind: "Pod", spec: { containers: [null, 1] } }],
])("misshapen %j gives nothing", (object) => {
  expect(workloadImages(object)).toEqual([]);
});
