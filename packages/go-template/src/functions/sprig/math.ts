import { formatValue } from "../../format/print.ts";
import type { Budget } from "../../limits.ts";
import { type GoList, grownList, int, int64, type Value } from "../../value/value.ts";
import { toFloat64, toInt64 } from "../convert.ts";
import { define, defineVariadic, type FunctionMap } from "../function.ts";

function divide(a: bigint, b: bigint): bigint {
  if (b === 0n) throw new Error("runtime error: integer divide by zero");
  return a / b;
}

function remainder(a: bigint, b: bigint): bigint {
  return a - b * divide(a, b);
}

/** Numbers from `from` up to but without `to`; a step in the wrong direction gives none. */
function steps(from: number, to: number, step: number, budget: Budget): number[] {
  if (to < from ? step >= 0 : step <= 0) return [];
  const count = Math.ceil((to - from) / step);
  budget.spend(64 * count);
  return Array.from({ length: count }, (_, i) => from + i * step);
}

function intList(values: readonly number[]): GoList {
  return grownList("int", values.map(int));
}

/** As `steps`, with `last` in it. Go's end wraps at 64 bits, and nothing lies before it then. */
function series(from: number, last: number, step: number, budget: Budget): number[] {
  if (Math.abs(last) >= 2 ** 63) return [];
  return steps(from, last < from ? last - 1 : last + 1, step, budget);
}

function sequence(params: readonly number[], budget: Budget): string {
  const [a = 0, b = 0, c = 0] = params;
  let values: number[] = [];
  if (params.length === 1) values = series(1, a, a < 1 ? -1 : 1, budget);
  if (params.length === 2) values = series(a, b, b < a ? -1 : 1, budget);
  if (params.length === 3 && !(c < a && b > 0)) values = series(a, c, b, budget);
  return values.join(" ");
}

function octal(value: Value, budget: Budget): bigint {
  const text = formatValue(value, budget);
  const [, sign = "", digits = ""] = /^([+-]?)0*([0-7]*)$/.exec(text) ?? [];
  if (!/[0-7]/.test(text) || digits.length > 22) return 0n;
  const magnitude = BigInt(`0o0${digits}`);
  const signed = sign === "-" ? -magnitude : magnitude;
  return BigInt.asIntN(64, signed) === signed ? signed : 0n;
}

function decimal(text: string): bigint {
  if (!/^[+-]?[0-9]+$/.test(text)) return 0n;
  const [, sign = "", digits = ""] = /^([+-]?)0*([0-9]*)$/.exec(text) ?? [];
  const value = BigInt(`${sign === "-" ? "-" : ""}0${digits.slice(0, 20)}`);
  // Go's Atoi gives the nearest int for what is out of range.
  const least = -(2n ** 63n);
  return value < least ? least : value > -least - 1n ? -least - 1n : value;
}

const largest = defineVariadic(["interface {}"], "interface {}", ([first], others) =>
  int64(others.reduce((most, other) => (toInt64(other) > most ? toInt64(other) : most), toInt64(first))),
);

/** Integers: conversion, arithmetic that wraps at 64 bits, and sequences. */
export const integers: FunctionMap = {
  atoi: define(["string"], ([text]) => int(decimal(text))),
  int: define(["interface {}"], ([value]) => int(toInt64(value))),
  int64: define(["interface {}"], ([value]) => int64(toInt64(value))),
  toDecimal: define(["interface {}"], ([value], { budget }) => int64(octal(value, budget))),
  add: defineVariadic([], "interface {}", (_, values) =>
    int64(values.reduce((sum, value) => sum + toInt64(value), 0n)),
  ),
  add1: define(["interface {}"], ([value]) => int64(toInt64(value) + 1n)),
  sub: define(["interface {}", "interface {}"], ([a, b]) => int64(toInt64(a) - toInt64(b))),
  mul: defineVariadic(["interface {}"], "interface {}", ([first], others) =>
    int64(others.reduce((product, value) => BigInt.asIntN(64, product * toInt64(value)), toInt64(first))),
  ),
  div: define(["interface {}", "interface {}"], ([a, b]) => int64(divide(toInt64(a), toInt64(b)))),
  mod: define(["interface {}", "interface {}"], ([a, b]) => int64(remainder(toInt64(a), toInt64(b)))),
  max: largest,
  biggest: largest,
  min: defineVariadic(["interface {}"], "interface {}", ([first], others) =>
    int64(others.reduce((least, other) => (toInt64(other) < least ? toInt64(other) : least), toInt64(first))),
  ),
  until: define(["int"], ([count], { budget }) => intList(steps(0, count, count < 0 ? -1 : 1, budget))),
  untilStep: define(["int", "int", "int"], ([from, to, step], { budget }) =>
    intList(steps(from, to, step, budget)),
  ),
  seq: defineVariadic([], "int", (_, params, { budget }) => sequence(params, budget)),
};

/** Rounds as sprig does: a negative number has a negative fraction, so its halves go down. */
function round(value: number, places: number, on: number): number {
  const power = 10 ** places;
  const scaled = power * value;
  const fraction = scaled - Math.trunc(scaled);
  return (fraction >= on ? Math.ceil(scaled) : Math.floor(scaled)) / power;
}

/** Floats without decimal arithmetic. */
export const floats: FunctionMap = {
  float64: define(["interface {}"], ([value]) => toFloat64(value)),
  floor: define(["interface {}"], ([value]) => Math.floor(toFloat64(value))),
  ceil: define(["interface {}"], ([value]) => Math.ceil(toFloat64(value))),
  maxf: defineVariadic(["interface {}"], "interface {}", ([first], others) =>
    others.reduce((most: number, other) => Math.max(most, toFloat64(other)), toFloat64(first)),
  ),
  minf: defineVariadic(["interface {}"], "interface {}", ([first], others) =>
    others.reduce((least: number, other) => Math.min(least, toFloat64(other)), toFloat64(first)),
  ),
  round: defineVariadic(["interface {}", "int"], "float64", ([value, places], [on = 0.5]) =>
    round(toFloat64(value), places, on),
  ),
};
