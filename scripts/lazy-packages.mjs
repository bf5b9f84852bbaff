const prefix = "lazy:";

/**
 * A bundler plugin: gives a package of this repository that is imported lazily an entry of its own. Without it, a chunk
 * that needs one function of the package also loads all that anyone imports lazily from it, since both go through the
 * same `index.ts`.
 * @type {import("rolldown").Plugin}
 */
export const lazyPackages = {
  name: "lazy-packages",
  // The filters keep the bundler from calling this for every module.
  resolveId: {
    filter: { id: /^@package-operator\// },
    handler: (source, _importer, { kind }) => (kind === "dynamic-import" ? prefix + source : null),
  },
  load: {
    filter: { id: new RegExp(`^${prefix}`) },
    async handler(id) {
      const index = await this.resolve(id.slice(prefix.length), import.meta.filename);
      return { code: `export * from ${JSON.stringify(index.id)};`, moduleSideEffects: false };
    },
  },
};
