import { yamlError } from "./cursor.ts";
import type { YamlNode } from "./compose.ts";
import { YamlError } from "./errors.ts";
import { formatGoFloat } from "./go-float.ts";
import { describeGo } from "./go-syntax.ts";
import { compareUtf8, isJsonObject, type JsonObject, type JsonValue, setKey } from "./json-value.ts";
import { failAt, isMerge, isUnsigned, resolveNode } from "./resolve-node.ts";
import type { ResolvedScalar } from "./resolve-scalar.ts";

/** Turns nodes into a JSON value as go-yaml v2 and the JSON conversion behind it do. */
export function construct(
  root: YamlNode,
  source: string | undefined,
  options: { readonly uniqueKeys: boolean } = { uniqueKeys: false },
): JsonValue {
  const constructor = new Constructor(source, options.uniqueKeys);
  const value = constructor.value(root);
  const late = constructor.lateError(value);
  if (late !== undefined) throw late;
  return value;
}

class Constructor {
  readonly #source: string | undefined;
  #decoded = 0;
  #throughAlias = 0;
  #aliasDepth = 0;
  readonly #open = new Set<YamlNode>();
  /** Mappings with a key that cannot be a string. */
  readonly #keyErrors = new Map<JsonValue, YamlError>();
  readonly #infinite: YamlNode[] = [];

  readonly #uniqueKeys: boolean;
  /** Keys met twice, in the Go library's words. */
  readonly #repeated: { readonly node: YamlNode; readonly text: string }[] = [];

  constructor(source: string | undefined, uniqueKeys: boolean) {
    this.#source = source;
    this.#uniqueKeys = uniqueKeys;
  }

  /** What the Go library finds only after the whole document was read: keys first, then values that JSON has not. */
  lateError(value: JsonValue): YamlError | undefined {
    const [first] = this.#repeated;
    if (first !== undefined) {
      const lines = this.#repeated.map(({ node, text }) => `  line ${node.start.line + 1}: ${text}`);
      return lateFailure(`yaml: unmarshal errors:\n${lines.join("\n")}`, "key", first.node, this.#source);
    }
    // What is in a value that a later key of the same name replaced does no harm.
    const keyError = this.#keyErrors.size === 0 ? undefined : this.#findKeyError(value);
    if (keyError !== undefined || this.#infinite.length === 0) return keyError;
    const left = findInfinite(value);
    return left === undefined ? undefined : unsupportedValue(left, this.#infinite, this.#source);
  }

  #findKeyError(value: JsonValue): YamlError | undefined {
    const error = this.#keyErrors.get(value);
    if (error !== undefined || typeof value !== "object" || value === null) return error;
    for (const member of Object.values(value)) {
      const found = this.#findKeyError(member);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  value(node: YamlNode): JsonValue {
    this.#count(node);
    if (node.kind === "scalar") return this.#scalar(node);
    if (node.kind === "sequence") return node.children.map((child) => this.value(child));
    if (node.kind === "mapping") return this.#mapping(node, {});
    return this.#alias(node, (target) => this.value(target));
  }

  #count(node: YamlNode): void {
    this.#decoded++;
    if (this.#aliasDepth > 0) this.#throughAlias++;
    if (this.#throughAlias <= 100 || this.#decoded <= 1000) return;
    if (this.#throughAlias / this.#decoded <= allowedAliasRatio(this.#decoded)) return;
    throw yamlError("document contains excessive aliasing", 0, {
      mark: node.start,
      source: this.#source,
      code: "limit",
    });
  }

  #alias<T>(node: YamlNode, use: (target: YamlNode) => T): T {
    const target = node.target as YamlNode;
    if (this.#open.has(target))
      throw failAt(node, this.#source, `anchor '${node.value}' value contains itself`);
    this.#open.add(target);
    this.#aliasDepth++;
    const result = use(target);
    this.#aliasDepth--;
    this.#open.delete(target);
    return result;
  }

  #scalar(node: YamlNode): JsonValue {
    const { kind, value } = resolveNode(node, this.#source);
    if (kind === "float" && !Number.isFinite(value)) this.#infinite.push(node);
    return value;
  }

  /** Merges and keys take effect in the order they are written, so a later `<<` wins over an earlier key. */
  #mapping(node: YamlNode, into: JsonObject): JsonObject {
    for (let index = 0; index < node.children.length; index += 2) {
      const keyNode = node.children[index] as YamlNode;
      const valueNode = node.children[index + 1] as YamlNode;
      if (isMerge(keyNode)) this.#merge(valueNode, into);
      else this.#entry(keyNode, valueNode, into);
    }
    return into;
  }

  #entry(keyNode: YamlNode, valueNode: YamlNode, into: JsonObject): void {
    this.#count(keyNode);
    const target = keyNode.kind === "alias" ? (keyNode.target as YamlNode) : keyNode;
    if (target.kind !== "scalar") {
      // What is wrong inside the key comes first.
      this.value(keyNode);
      throw failAt(keyNode, this.#source, `invalid map key: ${describeGo(target, this.#source)}`);
    }
    const key = resolveNode(target, this.#source);
    const value = this.value(valueNode);
    const text = keyText(key);
    if (text === undefined) this.#keyErrors.set(into, unsupportedKey(key, valueNode, keyNode, this.#source));
    else this.#set(into, { text, value, node: keyNode });
  }

  #set(
    into: JsonObject,
    { text, value, node }: { readonly text: string; value: JsonValue; node: YamlNode },
  ): void {
    if (this.#uniqueKeys && Object.hasOwn(into, text)) {
      this.#repeated.push({ node, text: `key ${JSON.stringify(text)} already set in map` });
    }
    setKey(into, text, value);
  }

  #merge(node: YamlNode, into: JsonObject): void {
    const target = node.kind === "alias" ? (node.target as YamlNode) : node;
    if (target.kind === "mapping") this.#mergeMapping(node, into);
    // A list's earlier mappings win, so they are written last.
    else if (node.kind === "sequence")
      for (const item of node.children.toReversed()) this.#mergeMapping(item, into);
    else throw this.#wantMapping(node);
  }

  #mergeMapping(node: YamlNode, into: JsonObject): void {
    this.#count(node);
    if (node.kind === "mapping") {
      this.#mapping(node, into);
    } else if (node.kind === "alias" && node.target?.kind === "mapping") {
      this.#alias(node, (target) => {
        this.#count(target);
        this.#mapping(target, into);
      });
    } else {
      throw this.#wantMapping(node);
    }
  }

  #wantMapping(node: YamlNode): YamlError {
    return failAt(node, this.#source, "map merge requires map or sequence of maps as the value");
  }
}

/** Most of a document may come through aliases while it is small, a tenth when it is large. */
function allowedAliasRatio(decoded: number): number {
  if (decoded <= 400_000) return 0.99;
  if (decoded >= 4_000_000) return 0.1;
  return 0.99 - 0.89 * ((decoded - 400_000) / 3_600_000);
}

/** The string a key becomes; undefined for null and for integers above a signed 64-bit number. */
function keyText(key: ResolvedScalar): string | undefined {
  if (key.kind === "null") return undefined;
  if (key.kind === "float") return floatKey(Number(key.value));
  if (isUnsigned(key)) return undefined;
  return String(key.value);
}

function floatKey(value: number): string {
  if (Number.isNaN(value)) return ".nan";
  // Keys go through 32 bits, where large numbers become infinite.
  if (!Number.isFinite(Math.fround(value))) return value > 0 ? ".inf" : "-.inf";
  return formatGoFloat(value, 32);
}

function unsupportedKey(
  key: ResolvedScalar,
  value: YamlNode,
  at: YamlNode,
  source: string | undefined,
): YamlError {
  const described =
    typeof key.value === "bigint" ? `uint64, key: 0x${key.value.toString(16)}` : "%!s(<nil>), key: <nil>";
  const message = `unsupported map key of type: ${described}, value: ${describeGo(value, source)}`;
  return lateFailure(message, "key", at, source);
}

/** The first number that JSON cannot hold, in the order in which Go writes JSON. */
function findInfinite(value: JsonValue): number | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? undefined : value;
  if (Array.isArray(value)) return firstOf(value);
  if (!isJsonObject(value)) return undefined;
  return firstOf(
    Object.keys(value)
      .toSorted(compareUtf8)
      .map((key) => value[key] ?? null),
  );
}

function firstOf(values: readonly JsonValue[]): number | undefined {
  for (const value of values) {
    const found = findInfinite(value);
    if (found !== undefined) return found;
  }
  return undefined;
}

function unsupportedValue(value: number, nodes: readonly YamlNode[], source: string | undefined): YamlError {
  const name = Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
  const at = nodes.findLast((node) => Object.is(resolveNode(node, source).value, value));
  return lateFailure(`json: unsupported value: ${name}`, "value", at, source);
}

function lateFailure(
  message: string,
  code: "key" | "value",
  at: YamlNode | undefined,
  source: string | undefined,
): YamlError {
  const place = at === undefined ? {} : { line: at.start.line + 1, column: at.start.column + 1 };
  return new YamlError(code, `error converting YAML to JSON: ${message}`, { source, ...place });
}
