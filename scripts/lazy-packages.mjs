const prefix = "\0lazy:";

/**
 * A bundler plugin: gives a package of this repository that is imported lazily an entry of its own. Without it, a chunk
 * that needs one function of the package also loads all that anyone imports lazily from it, since both go through the
 * same `index.ts`.
 * @type {import("rolldown").Plugin}
 */
export const lazyPackages = {
  name: "lazy-packages",
  resolveId(source, _importer, { kind }) {
    const isLazy = kind === "dynamic-import" && source.startsWith("@package-operator/");
    return isLazy ? prefix + source : null;
  },
  async load(id) {
    if (!id.startsWith(prefix)) return null;
    const index = await this.resolve(id.slice(prefix.length), import.meta.filename);
    return { code: `export * from ${JSON.stringify(index.id)};`, moduleSideEffects: false };
  },
};
