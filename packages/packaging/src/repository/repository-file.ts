import { encodeYaml, type JsonObject } from "@package-operator/kube-yaml";
import { type FieldError, formatFieldErrors, required } from "@package-operator/schema";
import { constraint, decodeManifestFile, metadata } from "../decode-manifest.ts";
import { PackageError } from "../errors.ts";
import { type Decoder, listOf, struct, text } from "../go-struct.ts";
import { manifestGroup, manifestVersion, type ManifestMetadata } from "../manifest.ts";
import { constraintErrors } from "../validate-manifest.ts";
import { addEntry, type Repository, type RepositoryEntry, sortEntries } from "./repository.ts";

const repositoryDecoder: Decoder<{ metadata: ManifestMetadata }> = struct<{ metadata: ManifestMetadata }>(
  `${manifestVersion}.Repository`,
  { metadata },
);

const entryDecoder: Decoder<{ data: RepositoryEntry }> = struct<{ data: RepositoryEntry }>(
  `${manifestVersion}.RepositoryEntry`,
  {
    data: struct<RepositoryEntry>(`${manifestVersion}.RepositoryEntryData`, {
      name: text,
      image: text,
      digest: text,
      versions: listOf(text),
      constraints: listOf(constraint),
    }),
  },
);

/**
 * Reads a repository file: a Repository, then a RepositoryEntry for each image.
 * @throws PackageError `violation` for other content, `fields` for incomplete entries, `repository` for versions.
 */
export function decodeRepository(content: Uint8Array | string): Repository {
  const [first = "", ...rest] = Buffer.from(content)
    .toString("utf8")
    .split(/^---[ \t]*\r?$/m)
    .filter((document) => document.trim() !== "");
  const head = decodeManifestFile(repositoryDecoder, "Repository", first, "").metadata;
  const entries = rest.map(
    (document) => decodeManifestFile(entryDecoder, "RepositoryEntry", document, "").data,
  );
  const { name, creationTimestamp } = head;
  const empty: Repository = {
    name,
    ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
    entries: [],
  };
  return entries.reduce((repository, entry) => addEntry(repository, checked(entry)), empty);
}

/** The entry when it is complete. @throws PackageError `fields`. */
function checked(entry: RepositoryEntry): RepositoryEntry {
  const needed = ["image", "digest", "versions", "name"] as const;
  const errors: FieldError[] = [
    ...needed.filter((field) => entry[field].length === 0).map((field) => required(`data.${field}`)),
    ...constraintErrors("data.constraints", entry.constraints),
  ];
  if (errors.length > 0) throw new PackageError("fields", formatFieldErrors(errors));
  return entry;
}

/** Writes a repository file; without a time of creation it gets `now` (RFC 3339). */
export function formatRepository(repository: Repository, now: string): string {
  const { name, creationTimestamp = now, entries } = repository;
  const documents = [
    document("Repository", { metadata: { creationTimestamp, name } }),
    ...sortEntries(entries).map((entry) => {
      const { constraints, ...data } = entry;
      const json = (constraints.length === 0 ? data : { ...data, constraints }) as unknown as JsonObject;
      return document("RepositoryEntry", {
        data: { ...json, versions: [...data.versions] },
        metadata: { name: `${data.name}.${data.digest}` },
      });
    }),
  ];
  return documents.join("");
}

function document(kind: string, fields: JsonObject): string {
  return `---\n${encodeYaml({ apiVersion: `${manifestGroup}/${manifestVersion}`, kind, ...fields })}`;
}
