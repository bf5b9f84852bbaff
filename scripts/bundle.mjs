import path from "node:path";
import { rolldown } from "rolldown";
import { lazyPackages } from "./lazy-packages.mjs";

/**
 * Bundles one TypeScript entry with everything it imports into `dir/name.mjs`; lazily imported parts become chunks
 * in `dir/name-chunks`. Workspace packages are taken from their source.
 * @param {{entry: string, dir: string, name: string, banner?: string, minify?: boolean, extension?: string,
 *   version?: string}} options `version` is what the program says of itself
 * @returns {Promise<{file: string, chunks: string[]}>} the path of the program, and the names of its chunks
 */
export async function bundle({ entry, dir, name, banner, minify = false, extension = ".mjs", version }) {
  const build = await rolldown({
    input: { [name]: entry },
    platform: "node",
    resolve: { conditionNames: ["source", "module", "node", "import", "default"] },
    logLevel: "warn",
    checks: { pluginTimings: false },
    plugins: [lazyPackages, ...(version === undefined ? [] : [builtInVersion(version)])],
  });
  try {
    const { output } = await build.write({
      dir,
      format: "esm",
      entryFileNames: `[name]${extension}`,
      chunkFileNames: `${name}-chunks/[name]-[hash].mjs`,
      sourcemap: extension === ".mjs" ? "inline" : false,
      minify,
      ...(banner === undefined ? {} : { banner: (chunk) => (chunk.isEntry ? banner : "") }),
    });
    const chunks = output
      .filter(({ fileName }) => fileName.includes("-chunks/"))
      .map(({ fileName }) => fileName);
    return { file: path.join(dir, `${name}${extension}`), chunks };
  } finally {
    await build.close();
  }
}

/** Gives the programs of a release its version, in place of the one of the source. */
function builtInVersion(version) {
  const code = `export const version = ${JSON.stringify(version)};`;
  return {
    name: "built-in-version",
    load: (id) => (/\/packages\/\w+\/src\/version\.ts$/.test(id) ? code : undefined),
  };
}
