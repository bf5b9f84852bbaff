import { describe, expect, test } from "vitest";
import type { ApiResource } from "./api-resource.ts";
import {
  applyRequest,
  createRequest,
  deleteRequest,
  getRequest,
  listRequest,
  patchRequest,
  resourcePath,
  updateRequest,
  watchRequest,
} from "./request.ts";

const rest = { singular: "", verbs: [], shortNames: [], categories: [], subresources: [] };
const deployments: ApiResource = {
  group: "apps",
  version: "v1",
  kind: "Deployment",
  resource: "deployments",
  namespaced: true,
  ...rest,
};
const nodes: ApiResource = {
  group: "",
  version: "v1",
  kind: "Node",
  resource: "nodes",
  namespaced: false,
  ...rest,
};
const web = { namespace: "shop", name: "web" };
const object = { apiVersion: "apps/v1", kind: "Deployment", metadata: web };

describe("resourcePath", () => {
  test.each([
    ["an object", deployments, web, "/apis/apps/v1/namespaces/shop/deployments/web"],
    [
      "a namespace's objects",
      deployments,
      { namespace: "shop" },
      "/apis/apps/v1/namespaces/shop/deployments",
    ],
    ["objects of all namespaces", deployments, {}, "/apis/apps/v1/deployments"],
    ["a core object, its namespace ignored", nodes, { ...web }, "/api/v1/nodes/web"],
    ["a subresource", nodes, { name: "n", subresource: "proxy/metrics" }, "/api/v1/nodes/n/proxy/metrics"],
    ["a name with colons", nodes, { name: "system:a/b" }, "/api/v1/nodes/system%3Aa%2Fb"],
  ])("names %s", (_, resource, options, expected) => {
    expect(resourcePath(resource, options)).toBe(expected);
  });

  test.each([
    ["a namespaced object without namespace", deployments, { name: "web" }],
    ["an empty name, which would mean all objects", nodes, { name: "" }],
  ])("refuses %s", (_, resource, options) => {
    expect(() => resourcePath(resource, options)).toThrow(
      expect.objectContaining({ code: "InvalidRequest" }),
    );
  });
});

test("get asks for metadata only when told", () => {
  expect(getRequest(deployments, web)).toEqual({
    method: "GET",
    path: resourcePath(deployments, web),
    query: {},
  });
  expect(getRequest(deployments, web, { metadataOnly: true }).accept).toContain("PartialObjectMetadata;");
});

test("list asks for a page; the next one names no version", () => {
  const options = { labelSelector: "a=b", fieldSelector: "metadata.name=x", resourceVersion: "7" };
  expect(listRequest(deployments, options).query).toEqual({ ...options, limit: "500" });
  expect(listRequest(deployments, { ...options, continueToken: "next", pageSize: 2 }).query).toEqual({
    labelSelector: "a=b",
    fieldSelector: "metadata.name=x",
    limit: "2",
    continue: "next",
  });
  expect(listRequest(deployments, { pageSize: 0 }).query).toEqual({});
});

test("watch goes on from a version, with bookmarks", () => {
  expect(
    watchRequest(deployments, { resourceVersion: "7", bookmarks: true, timeoutSeconds: 300 }).query,
  ).toEqual({
    watch: "true",
    resourceVersion: "7",
    allowWatchBookmarks: "true",
    timeoutSeconds: "300",
  });
});

test("create posts to the collection, update puts to the object", () => {
  expect(
    createRequest(deployments, object, { fieldManager: "me", dryRun: true, fieldValidation: "Strict" }),
  ).toEqual({
    method: "POST",
    path: "/apis/apps/v1/namespaces/shop/deployments",
    query: { fieldManager: "me", dryRun: "All", fieldValidation: "Strict" },
    body: object,
  });
  expect(updateRequest(deployments, object, { subresource: "status" })).toEqual({
    method: "PUT",
    path: "/apis/apps/v1/namespaces/shop/deployments/web/status",
    query: {},
    body: object,
  });
});

test("create needs a namespace, but no name", () => {
  const generated = { ...object, metadata: { namespace: "shop", generateName: "web-" } };
  expect(createRequest(deployments, generated).path).toBe("/apis/apps/v1/namespaces/shop/deployments");
  expect(() => createRequest(deployments, { ...object, metadata: { name: "web" } })).toThrow(
    expect.objectContaining({ code: "InvalidRequest" }),
  );
});

test("patches carry their type", () => {
  const operations = [{ op: "remove" as const, path: "/spec" }];
  expect(patchRequest(deployments, web, { patch: { type: "json", operations } })).toMatchObject({
    method: "PATCH",
    contentType: "application/json-patch+json",
    body: operations,
  });
  expect(patchRequest(deployments, web, { patch: { type: "merge", body: { a: null } } })).toMatchObject({
    contentType: "application/merge-patch+json",
    body: { a: null },
  });
  expect(
    patchRequest(deployments, web, { patch: { type: "strategic", body: {} }, subresource: "scale" }),
  ).toMatchObject({
    contentType: "application/strategic-merge-patch+json",
    path: "/apis/apps/v1/namespaces/shop/deployments/web/scale",
  });
});

test("apply names its manager and forces only when told", () => {
  expect(applyRequest(deployments, object, { fieldManager: "me" }).query).toEqual({ fieldManager: "me" });
  expect(
    applyRequest(deployments, object, { fieldManager: "me", force: true, subresource: "status" }),
  ).toEqual({
    method: "PATCH",
    path: "/apis/apps/v1/namespaces/shop/deployments/web/status",
    query: { fieldManager: "me", force: "true" },
    contentType: "application/apply-patch+yaml",
    body: object,
  });
});

test("delete sends its options in the body", () => {
  const options = {
    preconditions: { uid: "u", resourceVersion: "7" },
    propagation: "Foreground" as const,
    gracePeriodSeconds: 0,
    dryRun: true,
  };
  expect(deleteRequest(deployments, web, options)).toEqual({
    method: "DELETE",
    path: "/apis/apps/v1/namespaces/shop/deployments/web",
    query: {},
    body: {
      apiVersion: "v1",
      kind: "DeleteOptions",
      preconditions: { uid: "u", resourceVersion: "7" },
      propagationPolicy: "Foreground",
      gracePeriodSeconds: 0,
      dryRun: ["All"],
    },
  });
  expect(deleteRequest(deployments, { namespace: "shop" }, { labelSelector: "a" })).toMatchObject({
    path: "/apis/apps/v1/namespaces/shop/deployments",
    query: { labelSelector: "a" },
  });
});
