/** How much content a package may have. */
export interface ContentLimits {
  /** Content beyond this many bytes is refused. Default: 256 MiB. */
  readonly maxBytes?: number;
  /** More files than this are refused. Default: 50,000. */
  readonly maxFiles?: number;
}

/** Takes a file's path and size; says what is wrong with one file more, nothing while there is room. */
export type CountFile = (file: string, size: number) => string | undefined;

/**
 * Counts files against limits. They are the same for folders, archives and images, so that whatever can be built can be
 * installed.
 */
export function createFileCount({
  maxBytes = 256 * 1024 * 1024,
  maxFiles = 50_000,
}: ContentLimits): CountFile {
  let bytes = 0;
  let files = 0;
  return (file, size) => {
    bytes += size;
    files += 1;
    if (bytes > maxBytes) return `package content is too large at ${file}`;
    return files > maxFiles ? `package has too many files at ${file}` : undefined;
  };
}
