import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { type BuiltImage, buildImage, createLayer, type TarInput } from "@package-operator/oci";
import { type BaseImage, parentFolders, textFile, userId } from "./base-image.ts";
import { ReleaseError } from "./errors.ts";

/** The programs that have an image of their own; also the names of their files in `dist/bin` and of their images. */
export const programNames: readonly string[] = ["package-operator-manager", "remote-phase-manager"];

/** Marks images whose program the sandbox may run as a process of the machine. */
export const processLabel = "run.package-operator.sandbox/process";

const APP_FOLDER = "app";

/**
 * Builds the image of a program: the base and one layer with the bundle below `/app`. `/<name>` is a link to it, the entry
 * point that manifests expect.
 *
 * @throws ReleaseError `input` when the bundle is missing.
 */
export async function buildProgramImage(name: string, binDir: string, base: BaseImage): Promise<BuiltImage> {
  const entries: TarInput[] = [
    ...(await bundleFiles(name, binDir, base)),
    textFile(`/${APP_FOLDER}/package.json`, '{"type":"module"}\n'),
    { path: name, type: "symlink", linkName: `${APP_FOLDER}/${name}`, mode: 0o777 },
  ];
  const layer = await createLayer([...parentFolders(entries), ...entries], { format: "oci" });
  return buildImage({
    format: "oci",
    layers: [...base.layers, layer],
    platform: base.platform,
    config: {
      User: String(userId),
      ...(base.env === undefined ? {} : { Env: base.env }),
      Entrypoint: [`/${name}`],
      WorkingDir: "/",
      Labels: { [processLabel]: "true" },
    },
  });
}

async function bundleFiles(name: string, binDir: string, base: BaseImage): Promise<TarInput[]> {
  const read = async (file: string): Promise<Buffer> => {
    try {
      return await readFile(path.join(binDir, file));
    } catch (cause) {
      throw new ReleaseError(
        "input",
        `${path.join(binDir, file)} cannot be read; run \`npm run build\` first`,
        { cause },
      );
    }
  };
  const program = (await read(name)).toString("utf8");
  const chunksFolder = `${name}-chunks`;
  const chunks = await readdir(path.join(binDir, chunksFolder)).catch(() => []);
  return [
    // There is no /usr/bin/env inside; the kernel takes the interpreter's path itself.
    textFile(`/${APP_FOLDER}/${name}`, program.replace(/^#!.*$/m, `#!${base.node}`), 0o755),
    ...(await Promise.all(
      chunks.map(async (chunk) =>
        textFile(
          `/${APP_FOLDER}/${chunksFolder}/${chunk}`,
          (await read(path.join(chunksFolder, chunk))).toString("utf8"),
        ),
      ),
    )),
  ];
}
