import { rootCertificates } from "node:tls";
import {
  type ContentSource,
  createRegistryClient,
  defaultKeychain,
  isOciError,
  openLayout,
} from "@package-operator/oci";
import { type BaseImage, createNodeBase } from "./base-image.ts";
import { ReleaseError } from "./errors.ts";
import { parsePlatform, pullBases } from "./pulled-base.ts";

/** For `parseArgs`: which base the images of the programs are built upon. */
export const baseOptions = {
  base: { type: "string" },
  "base-node": { type: "string" },
  platform: { type: "string", multiple: true },
} as const;

/** How these options are written. */
export const baseUsage = "[--base IMAGE|oci:DIR[:TAG] [--platform OS/ARCH]... [--base-node PATH]]";

/** The values of {@link baseOptions}. */
export interface BaseValues {
  readonly base?: string | undefined;
  readonly "base-node"?: string | undefined;
  readonly platform?: readonly string[] | undefined;
}

/**
 * The base of each platform: what `--base` names, or one that is made of the running Node.
 * @throws ReleaseError `input`; OciError when the base cannot be read.
 */
export async function openBases(
  values: BaseValues,
  context: { readonly execPath: string; readonly env: NodeJS.ProcessEnv },
): Promise<readonly BaseImage[]> {
  const { base, "base-node": node } = values;
  const platforms = values.platform?.map(parsePlatform);
  if (base === undefined) {
    if (platforms === undefined && node === undefined) {
      return [await createNodeBase({ node: context.execPath, rootCertificates })];
    }
    throw new ReleaseError(
      "input",
      "--platform and --base-node say what to take of --base, which is missing",
    );
  }
  const pull = (source: ContentSource, reference: string): Promise<BaseImage[]> =>
    pullBases(source, { reference, platforms, rootCertificates, node });
  const layout = /^oci:(.+?)(?::([^:/]+))?$/.exec(base);
  if (layout !== null) return pull(...(await openBaseLayout(layout[1]!, layout[2])));
  const client = createRegistryClient({ keychain: defaultKeychain(context), env: context.env });
  try {
    const { repository, reference } = client.image(base);
    return await pull(repository, reference);
  } finally {
    await client.close();
  }
}

/** An image of a layout: the one of a name, or the only one. */
async function openBaseLayout(
  folder: string,
  tag: string | undefined,
): Promise<readonly [ContentSource, string]> {
  const layout = await openLayout(folder).catch((cause: unknown) => {
    throw isOciError(cause) ? cause : new ReleaseError("input", `${folder} cannot be read`, { cause });
  });
  const source = layout.repository();
  if (tag !== undefined) return [source, tag];
  const entries = await layout.entries();
  const [only] = entries;
  if (only !== undefined && entries.length === 1) return [source, only.descriptor.digest];
  const names = entries.map(({ name, descriptor }) => name ?? descriptor.digest).join(", ");
  throw new ReleaseError("input", `${folder} holds ${entries.length} images (${names}): say which with :TAG`);
}
