import { type Attributes, authorize, rulesFor } from "../auth/rbac.ts";
import type { Authenticator } from "../auth/authenticator.ts";
import type { User } from "../auth/user.ts";
import { getObject, getString, getStrings, type JsonObject } from "../json.ts";
import { badRequest } from "../refusals.ts";
import type { Resource } from "../resources/resource.ts";
import type { ObjectStore } from "../storage/object-store.ts";
import { formatTime } from "./api-context.ts";

/** What reviews are answered from. */
export interface ReviewContext {
  readonly store: ObjectStore;
  readonly authenticator: Authenticator;
  readonly user: User;
  readonly now: Date;
}

/** Answers a review object: a question in `spec`, the answer in `status`. Undefined for other kinds. */
export function answerReview(
  context: ReviewContext,
  resource: Resource,
  namespace: string,
  review: JsonObject,
): JsonObject | undefined {
  switch (resource.kind) {
    case "SelfSubjectAccessReview":
      return withDecision(context, review, context.user, attributesOf(review));
    case "SubjectAccessReview":
      return withDecision(context, review, reviewedUser(review), attributesOf(review));
    case "LocalSubjectAccessReview":
      return withDecision(context, review, reviewedUser(review), { ...attributesOf(review), namespace });
    case "SelfSubjectRulesReview":
      return { ...review, status: rulesStatus(context, getString(review, "spec", "namespace")) };
    case "SelfSubjectReview":
      return {
        ...review,
        metadata: { creationTimestamp: formatTime(context.now) },
        status: { userInfo: userInfo(context.user) },
      };
    case "TokenReview":
      return { ...review, status: tokenStatus(context, getString(review, "spec", "token")) };
    default:
      return undefined;
  }
}

function withDecision(
  context: ReviewContext,
  review: JsonObject,
  user: User,
  attributes: Attributes,
): JsonObject {
  const { allowed, reason } = authorize(context.store, user, attributes);
  return { ...review, status: { allowed, ...(reason === "" ? {} : { reason }) } };
}

function attributesOf(review: JsonObject): Attributes {
  const resource = getObject(review, "spec", "resourceAttributes");
  const path = getObject(review, "spec", "nonResourceAttributes");
  if (resource !== undefined && path !== undefined) {
    throw badRequest("cannot specify both resourceAttributes and nonResourceAttributes");
  }
  if (path !== undefined) return { verb: getString(path, "verb"), path: getString(path, "path") };
  return {
    verb: getString(resource, "verb"),
    group: getString(resource, "group"),
    resource: getString(resource, "resource"),
    subresource: getString(resource, "subresource"),
    name: getString(resource, "name"),
    namespace: getString(resource, "namespace"),
  };
}

function reviewedUser(review: JsonObject): User {
  return { name: getString(review, "spec", "user"), groups: getStrings(review, "spec", "groups") };
}

function rulesStatus(context: ReviewContext, namespace: string): JsonObject {
  const rules = rulesFor(context.store, context.user, namespace);
  return {
    resourceRules: rules
      .filter((rule) => getStrings(rule, "resources").length > 0)
      .map((rule) => pick(rule, ["verbs", "apiGroups", "resources", "resourceNames"])),
    nonResourceRules: rules
      .filter((rule) => getStrings(rule, "nonResourceURLs").length > 0)
      .map((rule) => pick(rule, ["verbs", "nonResourceURLs"])),
    incomplete: false,
  };
}

function tokenStatus(context: ReviewContext, token: string): JsonObject {
  const user = context.authenticator.byToken(token);
  if (user === undefined) return { user: {}, error: "[invalid bearer token]" };
  return {
    authenticated: true,
    user: userInfo(user),
    audiences: ["https://kubernetes.default.svc.cluster.local"],
  };
}

function userInfo(user: User): JsonObject {
  return {
    username: user.name,
    ...(user.uid === undefined ? {} : { uid: user.uid }),
    groups: [...user.groups],
  };
}

function pick(rule: JsonObject, keys: readonly string[]): JsonObject {
  return Object.fromEntries(keys.flatMap((key) => (rule[key] === undefined ? [] : [[key, rule[key]]])));
}
