import { composeAll, type YamlNode } from "./compose.ts";
import { construct } from "./construct.ts";
import { decodeYaml } from "./decode-yaml.ts";
import { addPair, type EditSpan, insertItem, removeEntry, replaceNode } from "./edit-span.ts";
import { encodeJson } from "./encode-json.ts";
import { encodeYaml } from "./encode-yaml.ts";
import { YamlError } from "./errors.ts";
import type { JsonValue } from "./json-value.ts";
import {
  assignAt,
  entryIndex,
  insertAt,
  locate,
  removeAt,
  type ValueEdit,
  type YamlPath,
} from "./yaml-path.ts";

/** Which document of a text an edit means. */
export interface EditPlace {
  /** Index of the document. Default 0. */
  readonly document?: number;
}

/** Opens a YAML text of one or more documents for edits that leave every other byte as it is. */
export function editYaml(text: string, options: { readonly source?: string } = {}): YamlEditor {
  return new YamlEditor(text, options.source);
}

/**
 * A YAML text and the edits made to it. Comments, blank lines, quotes and order of everything not named by an
 * edit stay as they are. Every edit is checked by reading the text back; one that would spoil it is refused with
 * YamlError `path` and changes nothing.
 */
export class YamlEditor {
  #text: string;
  #documents: readonly YamlNode[];
  readonly #source: string | undefined;

  constructor(text: string, source: string | undefined) {
    this.#source = source;
    this.#text = text;
    this.#documents = this.#compose(text);
  }

  get documentCount(): number {
    return this.#documents.length;
  }

  /** The text with all edits made so far. */
  toString(): string {
    return this.#text;
  }

  /** Value at a path, or of a whole document for an empty path; undefined where there is none. */
  get(path: YamlPath, place: EditPlace = {}): JsonValue | undefined {
    const node = this.#find(path, place);
    return node === undefined ? undefined : construct(node, this.#source);
  }

  /**
   * Sets the value at a path. An existing scalar keeps its quotes and its trailing comment; a missing key is
   * added at the end of its mapping, and missing mappings above it are made.
   */
  set(path: YamlPath, newValue: JsonValue, place: EditPlace = {}): void {
    const value = asWritten(newValue);
    const depth = this.#deepest(path, place);
    const at = path.slice(0, depth);
    const node = this.#find(at, place) as YamlNode;
    const key = path[depth];
    const edit = assignAt(path, value);
    if (node.kind === "mapping" && typeof key === "string") {
      const rest = assignAt(path.slice(depth + 1), value)(null);
      return this.#apply(path, place, { edit, span: addPair(this.#text, node, [key, rest]) });
    }
    if (key !== undefined && construct(node, this.#source) !== null) {
      throw this.#fail(at, `has no place for ${JSON.stringify(key)}`);
    }
    const parent = depth === 0 ? undefined : this.#find(at.slice(0, -1), place);
    const whole = assignAt(path.slice(depth), value)(null);
    this.#apply(path, place, { edit, span: replaceNode(this.#text, node, { parent, value: whole }) });
  }

  /** Inserts an entry into the list at a path, at the end unless `index` says where; makes a missing list. */
  insert(path: YamlPath, newValue: JsonValue, place: EditPlace & { readonly index?: number } = {}): void {
    const value = asWritten(newValue);
    const list = this.#find(path, place);
    if (list === undefined || (list.kind === "scalar" && construct(list, this.#source) === null)) {
      return this.set(path, [value], place);
    }
    if (list.kind !== "sequence") throw this.#fail(path, "is not a list");
    const index = Math.min(place.index ?? list.children.length, list.children.length);
    const span = insertItem(this.#text, list, { index, value });
    this.#apply(path, place, { edit: insertAt(path, index, value), span });
  }

  /** Removes a mapping or list entry; what is not there is left alone. */
  remove(path: YamlPath, place: EditPlace = {}): void {
    const parent = this.#find(path.slice(0, -1), place);
    const last = path.at(-1);
    if (parent === undefined || last === undefined) return;
    const index = entryIndex(parent, last);
    if (index < 0) return;
    this.#apply(path, place, { edit: removeAt(path), span: removeEntry(this.#text, parent, index) });
  }

  #compose(text: string): YamlNode[] {
    return composeAll(text, { source: this.#source, maxDepth: 1000, maxNodes: 250_000 });
  }

  #find(path: YamlPath, place: EditPlace): YamlNode | undefined {
    const root = this.#documents[place.document ?? 0];
    return root === undefined ? undefined : locate(root, path);
  }

  /** Length of the longest leading part of a path that exists. */
  #deepest(path: YamlPath, place: EditPlace): number {
    for (let depth = path.length; depth >= 0; depth--) {
      if (this.#find(path.slice(0, depth), place) !== undefined) return depth;
    }
    throw this.#fail(path, `names document ${place.document ?? 0}, which does not exist`);
  }

  /** Makes the edit, reads the text back and keeps it only when it says what was asked for. */
  #apply(
    path: YamlPath,
    place: EditPlace,
    change: { readonly edit: ValueEdit; readonly span: EditSpan },
  ): void {
    const { from, to, text: inserted } = change.span;
    const lines = this.#text.includes("\r\n") ? inserted.replaceAll("\n", "\r\n") : inserted;
    const text = this.#text.slice(0, from) + lines + this.#text.slice(to);
    const wanted = this.#documents.map((node, index) => {
      const value = construct(node, this.#source);
      return encodeJson(index === (place.document ?? 0) ? change.edit(value) : value);
    });
    const documents = this.#readBack(path, text);
    const actual = documents.map((node) => encodeJson(construct(node, this.#source)));
    if (actual.join("\n") !== wanted.join("\n")) throw this.#fail(path, "cannot be edited in place");
    this.#text = text;
    this.#documents = documents;
  }

  #readBack(path: YamlPath, text: string): YamlNode[] {
    try {
      return this.#compose(text);
    } catch (cause) {
      throw this.#fail(path, "cannot be edited in place", cause);
    }
  }

  #fail(path: YamlPath, problem: string, cause?: unknown): YamlError {
    const shown = path.length === 0 ? "the document" : path.join(".");
    return new YamlError("path", `${shown} ${problem}`, { source: this.#source, cause });
  }
}

/** The value as YAML will give it back, for instance 0 for negative zero. */
function asWritten(value: JsonValue): JsonValue {
  return decodeYaml(encodeYaml(value));
}
