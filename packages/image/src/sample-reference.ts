import { attempt } from "./errors.ts";
import { formatReference, parseReference } from "./reference.ts";

/**
 * Plausible references that start with this text, to show what a rule does; none when no image reference can start with
 * it.
 */
export function sampleReferences(prefix: string): string[] {
  const endings = isHost(prefix)
    ? ["/org/app:v1"]
    : ["", "app:v1", "org/app:v1", ":v1", "v1", `sha256:${"0".repeat(64)}`];
  return endings
    .map((ending) => prefix + ending)
    .filter((text) => !text.endsWith("/") && canonical(text) !== undefined);
}

/** The reference in its full spelling, undefined when it cannot be parsed. */
export function canonical(text: string): string | undefined {
  return attempt(() => formatReference(parseReference(text)));
}

/** Whether a text without a slash can only be meant as a registry: `quay.io`, `localhost:5000`. */
export function isHost(text: string): boolean {
  return /^(localhost|[^/@]*\.[^/@:]+)(:\d+)?$/.test(text);
}

/** The ways to write one Docker Hub repository, `library/nginx` or `acme/app`; all mean the same image. */
export function dockerHubSpellings(repository: string): string[] {
  const short = repository.replace(/^library\//, "");
  const names = short === repository || short.includes("/") ? [repository] : [repository, short];
  return ["docker.io/", "index.docker.io/", ""].flatMap((host) => names.map((name) => host + name));
}
