import { randomBytes, randomUUID } from "node:crypto";
import { copy, getString, type JsonObject } from "../json.ts";
import { internalError, notFound } from "../refusals.ts";
import type { ResourceCatalog } from "../resources/catalog.ts";
import { apiVersionOf, collectionOf, type Resource } from "../resources/resource.ts";
import type { StrategyContext } from "../resources/strategy.ts";
import { objectKey, type ObjectStore } from "../storage/object-store.ts";

/** What all verbs work on. */
export interface ApiContext {
  readonly store: ObjectStore;
  readonly catalog: ResourceCatalog;
  readonly now: () => Date;
  readonly random: RandomSource;
}

/** Where names and identities come from. */
export interface RandomSource {
  /** A version 4 UUID. */
  readonly uuid: () => string;
  /** Five characters for generated names. */
  readonly suffix: () => string;
}

/** Letters that cannot spell words, as Kubernetes uses them for generated names. */
const suffixLetters = "bcdfghjklmnpqrstvwxz2456789";

/** Real randomness. */
export const systemRandom: RandomSource = {
  uuid: () => randomUUID(),
  suffix: () => [...randomBytes(5)].map((byte) => suffixLetters.charAt(byte % suffixLetters.length)).join(""),
};

/** Names one object of a resource; the namespace is empty for cluster-scoped kinds. */
export interface Target {
  readonly resource: Resource;
  readonly namespace: string;
  readonly name: string;
}

/** The stored object in the version of the resource, or a 404. Frozen. */
export function readObject(context: ApiContext, { resource, namespace, name }: Target): JsonObject {
  const found = context.store.get(collectionOf(resource), objectKey(namespace, name));
  if (found === undefined) throw notFound(resource, name);
  return toVersion(found, resource);
}

/** An object as a version of its resource shows it: conversion between versions is `None`. */
export function toVersion(stored: JsonObject, resource: Resource): JsonObject {
  const apiVersion = apiVersionOf(resource);
  if (getString(stored, "apiVersion") === apiVersion) return stored;
  requireConvertible(resource);
  const converted: JsonObject = { ...copy(stored), apiVersion };
  resource.strategy.defaults?.(converted);
  return converted;
}

/** An object as it is stored. @throws StatusError 500 when only a webhook could convert it */
export function toStorage(object: JsonObject, resource: Resource): JsonObject {
  if (apiVersionOf(resource) !== resource.storageApiVersion) requireConvertible(resource);
  return { ...object, apiVersion: resource.storageApiVersion };
}

/** A wrong conversion would be worse than none. */
function requireConvertible(resource: Resource): void {
  if (resource.webhookConversion !== true) return;
  const kind = `${resource.storageApiVersion}, Kind=${resource.kind}`;
  throw internalError(`conversion webhook for ${kind} failed: the sandbox calls no webhooks`);
}

/** What strategies may ask for. */
export function strategyContext(context: ApiContext): StrategyContext {
  return {
    now: context.now(),
    lookup: (collection, namespace, name) => context.store.get(collection, objectKey(namespace, name)),
    list: (collection) => context.store.list(collection),
    randomSuffix: context.random.suffix,
  };
}

/** RFC 3339 without fractions, as the API server writes times. */
export function formatTime(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, "Z");
}
