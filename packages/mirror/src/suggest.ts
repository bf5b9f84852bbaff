import { parseReference, type PrefixRule } from "@package-operator/image";

interface Written {
  /** The reference up to its tag or digest, as written. */
  readonly name: string;
  /** Its host as written; empty for Docker Hub short names. */
  readonly host: string;
  /** Its path without host. */
  readonly path: string;
}

/**
 * The smallest rules that move every reference below `target`:
 * - all in one folder (`quay.io/org/a`, `quay.io/org/b`): that folder becomes the target;
 * - otherwise each registry becomes the target, or a folder of it where paths of two registries would meet;
 * - Docker Hub short names (`nginx:1`) cannot be caught by a registry prefix, so each gets a rule of its own.
 *
 * Prefix matching works on the text as written, so differently written names of one image get their own rules.
 *
 * @throws ImageError for a text that is no image reference.
 */
export function suggestRules(references: readonly string[], target: string): PrefixRule[] {
  const base = target.endsWith("/") ? target : `${target}/`;
  const written = uniqueNames(references);
  const hosted = written.filter(({ host }) => host !== "");
  const short = written.filter(({ host }) => host === "");
  return [...hostRules(hosted, base), ...short.map(({ name, path }) => shortNameRule(name, path, base))];
}

function uniqueNames(references: readonly string[]): Written[] {
  const names = new Map<string, Written>();
  for (const text of references) {
    parseReference(text);
    const name = text.replace(/@.*$/, "").replace(/:[^:/]*$/, "");
    const first = name.slice(0, Math.max(name.indexOf("/"), 0));
    const host = /[.:]/.test(first) || first === "localhost" ? first : "";
    names.set(name, { name, host, path: host === "" ? name : name.slice(host.length + 1) });
  }
  return [...names.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function hostRules(names: readonly Written[], base: string): PrefixRule[] {
  const folders = new Set(names.map(({ name }) => name.slice(0, name.lastIndexOf("/") + 1)));
  if (folders.size === 1) return [...folders].map((from) => ({ from, to: base }));
  const hosts = [...new Set(names.map(({ host }) => host))];
  const meet = new Set(names.map(({ path }) => path)).size < names.length;
  // A colon may not stand in a repository name, so the port is set off by a dash.
  const folder = (host: string): string => (meet ? `${host.replace(":", "-")}/` : "");
  return hosts.map((host) => ({ from: `${host}/`, to: base + folder(host) }));
}

/** The character after the name belongs to the rule, so that `nginx:` does not catch `nginx-unprivileged:…`. */
function shortNameRule(name: string, path: string, base: string): PrefixRule {
  const repository = path.includes("/") ? path : `library/${path}`;
  return { from: `${name}:`, to: `${base}${repository}:` };
}
