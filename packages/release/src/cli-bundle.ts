import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { encodeYaml } from "@package-operator/kube-yaml";
import type { TarInput } from "@package-operator/oci";
import { ReleaseError } from "./errors.ts";
import { tarGz } from "./helm-chart.ts";

const PROGRAM = "kubectl-package";
/** The file that people download. */
export const cliBundleName: string = "kubectl-package.tar.gz";

/**
 * The command line as one archive: the program, its lazily loaded parts, the licence. It needs Node on the machine, nothing
 * else.
 *
 * @throws ReleaseError `input` when the bundle is missing.
 */
export async function buildCliBundle(binDir: string, licenseFile: string): Promise<Uint8Array> {
  const names = await readdir(binDir, { recursive: true, withFileTypes: true }).catch((cause: unknown) => {
    throw new ReleaseError("input", `${binDir} cannot be read; run \`npm run build\` first`, { cause });
  });
  const files = names
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(binDir, path.join(entry.parentPath, entry.name)))
    .filter((name) => name === "package.json" || /^kubectl[-_](complete-)?package(-chunks\/|$)/.test(name));
  if (!files.includes(PROGRAM))
    throw new ReleaseError("input", `${binDir} holds no ${PROGRAM}; run \`npm run build\` first`);
  const entries = files.map(async (name): Promise<TarInput> => {
    const isProgram = !name.includes("/") && name !== "package.json";
    return { path: name, content: await readFile(path.join(binDir, name)), mode: isProgram ? 0o755 : 0o644 };
  });
  const license: TarInput = { path: "LICENSE", content: await readFile(licenseFile), mode: 0o644 };
  return tarGz([...(await Promise.all(entries)), license]);
}

/** The manifest with which the krew plugin manager installs the bundle. */
export function krewManifest(
  bundle: Uint8Array,
  options: { readonly tag: string; readonly downloadUrl: string },
): string {
  const { tag, downloadUrl } = options;
  return encodeYaml({
    apiVersion: "krew.googlecontainertools.github.com/v1alpha2",
    kind: "Plugin",
    metadata: { name: "package" },
    spec: {
      version: tag.startsWith("v") ? tag : `v${tag}`,
      homepage: "https://package-operator.run",
      shortDescription: "Build, validate, mirror and inspect packages",
      description:
        "Builds, validates, mirrors and inspects packages of Package Operator. Needs Node 20.19 or later.",
      platforms: [
        {
          selector: { matchExpressions: [{ key: "os", operator: "In", values: ["linux", "darwin"] }] },
          uri: `${downloadUrl}/${tag}/${cliBundleName}`,
          sha256: createHash("sha256").update(bundle).digest("hex"),
          bin: PROGRAM,
          files: [{ from: "*", to: "." }],
        },
      ],
    },
  });
}
