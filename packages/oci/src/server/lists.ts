import type { RegistryStorage, StorageRepository } from "../storage/registry-storage.ts";
import type { Exchange } from "./exchange.ts";
import { ServerError } from "./server-error.ts";

/** GET of the tags of a repository. */
export async function handleTags(
  exchange: Exchange,
  repository: string,
  place: StorageRepository,
): Promise<void> {
  const tags = await place.tags();
  if (tags === undefined) {
    const detail = { name: repository };
    throw new ServerError("NAME_UNKNOWN", "repository name not known to registry", { detail });
  }
  const page = paginate(exchange, tags);
  exchange.json(200, { name: repository, tags: page.items }, page.headers);
}

/** GET of all repository names. */
export async function handleCatalog(exchange: Exchange, storage: RegistryStorage): Promise<void> {
  const page = paginate(exchange, await storage.repositories());
  exchange.json(200, { repositories: page.items }, page.headers);
}

interface Page {
  readonly items: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
}

/** The part of a sorted list that `n` and `last` ask for, and the link to the next. */
function paginate(exchange: Exchange, all: readonly string[]): Page {
  const { pathname, searchParams } = exchange.url;
  const last = searchParams.get("last");
  const rest = last === null ? all : all.filter((item) => item > last);
  const n = searchParams.get("n");
  if (n === null) return { items: rest, headers: {} };
  if (!/^\d+$/.test(n)) {
    throw new ServerError("PAGINATION_NUMBER_INVALID", "invalid number of results requested", {
      detail: { n },
    });
  }
  const items = rest.slice(0, Number(n));
  if (items.length === 0 || items.length === rest.length) return { items, headers: {} };
  const next = `${pathname}?last=${encodeURIComponent(items.at(-1)!)}&n=${n}`;
  return { items, headers: { link: `<${next}>; rel="next"` } };
}
