import fc from "fast-check";
import { expect, test } from "vitest";
import {
  decodeFieldSet,
  difference,
  encodeFieldSet,
  equalSets,
  type FieldSet,
  formatPaths,
  intersection,
  pathsOf,
  recursiveDifference,
  setOf,
  union,
} from "./field-set.ts";
import { fieldElement, keyElement, valueElement } from "./path-element.ts";

const element = fc.oneof(
  fc.constantFrom("a", "b", "c").map(fieldElement),
  fc.constantFrom("x", "y").map((name) => keyElement({ name })),
  fc.integer({ min: 0, max: 2 }).map(valueElement),
);
const path = fc.array(element, { minLength: 1, maxLength: 3 });
const sets = fc.array(path, { maxLength: 8 }).map((paths): FieldSet => setOf(...paths));
const texts = (set: FieldSet): Set<string> => new Set(pathsOf(set).map((steps) => steps.join("/")));

test("the managedFields form holds the same paths", () => {
  fc.assert(
    fc.property(sets, (set) => {
      const decoded = decodeFieldSet(encodeFieldSet(set));
      expect(decoded !== undefined && equalSets(decoded, set)).toBe(true);
    }),
  );
});

test("union, intersection and difference are those of the paths", () => {
  fc.assert(
    fc.property(sets, sets, (a, b) => {
      const [left, right] = [texts(a), texts(b)];
      expect(texts(union(a, b))).toEqual(new Set([...left, ...right]));
      expect(texts(intersection(a, b))).toEqual(new Set([...left].filter((item) => right.has(item))));
      expect(texts(difference(a, b))).toEqual(new Set([...left].filter((item) => !right.has(item))));
    }),
  );
});

test("a recursive difference also removes what is below", () => {
  fc.assert(
    fc.property(sets, sets, (a, b) => {
      const covered = (item: string): boolean =>
        [...texts(b)].some((other) => item === other || item.startsWith(`${other}/`));
      expect(texts(recursiveDifference(a, b))).toEqual(
        new Set([...texts(a)].filter((item) => !covered(item))),
      );
    }),
  );
});

test("paths read as conflict messages show them", () => {
  const port = keyElement({ protocol: "TCP", containerPort: 80 });
  const set = setOf(
    [fieldElement("spec"), fieldElement("ports"), port, fieldElement("name")],
    [fieldElement("metadata"), fieldElement("finalizers"), valueElement("a")],
    [fieldElement("data")],
  );
  expect(formatPaths(set)).toEqual([
    ".data",
    '.metadata.finalizers[="a"]',
    '.spec.ports[containerPort=80,protocol="TCP"].name',
  ]);
});

test.each([{ "x:a": {} }, { "f:a": 1 }, { "k:[1]": {} }, { "v:{": {} }, { "i:x": {} }])(
  "%j is no field set",
  (encoded) => {
    expect(decodeFieldSet(encoded as never)).toBeUndefined();
  },
);
