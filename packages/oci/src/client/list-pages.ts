import { pullScope } from "../auth/scope.ts";
import type { ContentOptions } from "../content.ts";
import { parseObject } from "../manifest.ts";
import type { RegistrySession } from "./registry-session.ts";

/** Follows the `Link` headers of a list; a list that leads back to itself ends. */
export async function* listPages(
  session: RegistrySession,
  repository: string,
  first: string,
  options: ContentOptions,
): AsyncGenerator<Record<string, unknown>, void, void> {
  const seen = new Set<string>();
  for (let target: string | URL | undefined = first; target !== undefined && !seen.has(String(target));) {
    seen.add(String(target));
    const answer = await session.exchange({
      method: "GET",
      target,
      repository,
      scopes: [pullScope(repository)],
      expect: [200],
      kind: "read",
      signal: options.signal,
    });
    yield parseObject(answer.bytes, `GET ${answer.url.host}${answer.url.pathname}`);
    const link = /<([^>]+)>\s*;\s*rel="?next"?/i.exec(String(answer.headers["link"] ?? ""))?.[1];
    target =
      link === undefined || !URL.canParse(link, answer.url.href) ? undefined : new URL(link, answer.url.href);
  }
}
