import { expect, test } from "vitest";
import { parseChallenges } from "./challenge.ts";
import { mergeScopes } from "./scope.ts";

test.each([
  [undefined, []],
  ["Basic", [{ scheme: "basic", parameters: {} }]],
  ['Basic realm="a"', [{ scheme: "basic", parameters: { realm: "a" } }]],
  [
    'Bearer realm="https://auth/token",service="reg",scope="repository:a/b:pull,push registry:catalog:*"',
    [
      {
        scheme: "bearer",
        parameters: {
          realm: "https://auth/token",
          service: "reg",
          scope: "repository:a/b:pull,push registry:catalog:*",
        },
      },
    ],
  ],
  [
    'Basic realm="a", Bearer realm="b" , service=c',
    [
      { scheme: "basic", parameters: { realm: "a" } },
      { scheme: "bearer", parameters: { realm: "b", service: "c" } },
    ],
  ],
  [
    'Negotiate, Basic realm="a"',
    [
      { scheme: "negotiate", parameters: {} },
      { scheme: "basic", parameters: { realm: "a" } },
    ],
  ],
  [
    'Negotiate YWJj==, Bearer Realm="b"',
    [
      { scheme: "negotiate", parameters: {} },
      { scheme: "bearer", parameters: { realm: "b" } },
    ],
  ],
  [
    String.raw`Basic realm="a \"quoted\", comma"`,
    [{ scheme: "basic", parameters: { realm: 'a "quoted", comma' } }],
  ],
  [
    ['Basic realm="a"', 'Bearer realm="b"'],
    [
      { scheme: "basic", parameters: { realm: "a" } },
      { scheme: "bearer", parameters: { realm: "b" } },
    ],
  ],
  ["<nonsense>", []],
])("the header %j", (header, expected) => {
  expect(parseChallenges(header)).toEqual(expected);
});

test("scopes of one repository become one", () => {
  const scopes = [
    "repository:b/c:pull",
    "repository:a:push,pull",
    "repository:b/c:push",
    "registry:catalog:*",
  ];
  expect(mergeScopes(scopes)).toEqual([
    "registry:catalog:*",
    "repository:a:pull,push",
    "repository:b/c:pull,push",
  ]);
});
