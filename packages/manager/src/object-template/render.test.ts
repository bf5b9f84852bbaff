import { expect, test } from "vitest";
import { renderManifest, RenderProblem } from "./render.ts";

const data = { config: { value: "one", n: 3 }, environment: { kubernetes: { version: "v1" } } };

test("one manifest is rendered and put into the cache", () => {
  const text =
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {x: z}}\ndata: {v: "{{ .config.value | upper }}"}\n';
  expect(renderManifest(text, data)).toEqual({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "a", labels: { x: "z", "package-operator.run/cache": "True" } },
    data: { v: "ONE" },
  });
});

test.each([
  ["does not parse", "{{ .config.value", /unclosed action/],
  [
    "does not execute",
    "{{ .config.nope }}",
    /^template: :1:10: at <\.config\.nope>: map has no entry for key "nope"$/,
  ],
  ["gives nothing", "", /exactly one manifest, it renders to 0$/],
  ["gives two", "a: 1\n---\nb: 2\n", /exactly one manifest, it renders to 2$/],
  ["gives no object", "- a\n", /must render to an object$/],
  ["gives no kind", "apiVersion: v1\nmetadata: {name: a}\n", /needs apiVersion, kind and metadata$/],
  ["gives no YAML", "a: [\n", /is no YAML: /],
])("a template that %s is a problem of its author", (_what, text, message) => {
  expect(() => renderManifest(text, data)).toThrowError(message);
  expect(() => renderManifest(text, data)).toThrowError(RenderProblem);
});
