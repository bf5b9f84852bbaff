import { readFile } from "node:fs/promises";
import { PackageError } from "../errors.ts";
import { builtInPrefix, builtInSchema } from "./built-in-schemas.ts";

/** Gets the text of a schema; undefined when there is none at the location. */
export type FetchSchema = (location: string, signal?: AbortSignal) => Promise<string | undefined>;

const attempts = 3;

/** Reads schemas that come with this package, from files and over HTTP; a connection that fails is tried twice more. */
export const fetchSchema: FetchSchema = async (location, signal) => {
  if (location.startsWith(builtInPrefix)) return builtInSchema(location.slice(builtInPrefix.length));
  if (!/^https?:\/\//.test(location)) return readSchemaFile(location);
  const response = await request(location, signal);
  if (response.status === 404) return undefined;
  if (response.ok) return response.text();
  throw new PackageError(
    "io",
    `error while downloading schema at ${location} - received HTTP status ${response.status}`,
  );
};

async function readSchemaFile(location: string): Promise<string | undefined> {
  try {
    return await readFile(location, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new PackageError("io", `reading schema ${location}: ${(cause as Error).message}`, { cause });
  }
}

async function request(location: string, signal: AbortSignal | undefined): Promise<Response> {
  let failure: unknown;
  for (let attempt = 0; attempt < attempts; attempt++) {
    signal?.throwIfAborted();
    try {
      return await fetch(location, signal === undefined ? {} : { signal });
    } catch (cause) {
      failure = cause;
    }
  }
  throw new PackageError("io", `failed downloading schema at ${location}: ${(failure as Error).message}`, {
    cause: failure,
  });
}
