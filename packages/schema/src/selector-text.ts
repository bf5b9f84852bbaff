import { SchemaError } from "./errors.ts";
import { formatFieldError, invalid } from "./field-error.ts";
import { compareBytes } from "./json-text.ts";
import {
  createRequirement,
  type Selector,
  type SelectorOperator,
  type SelectorRequirement,
} from "./label-selector.ts";
import { isQualifiedName } from "./names.ts";

interface Token {
  /** `identifier`, `end`, `invalid`, or the literal of an operator or bracket. */
  readonly kind: string;
  readonly text: string;
}

const symbols = new Set(["!", "!=", "==", "=", "(", ")", ",", ">", "<"]);
const operators: Readonly<Record<string, SelectorOperator>> = {
  in: "in",
  notin: "notin",
  "=": "=",
  "==": "==",
  "!=": "!=",
  ">": "gt",
  "<": "lt",
};

/**
 * Parses the text form of a label selector, such as `app in (web,api),!old,n>3`.
 *
 * @throws SchemaError `invalid-selector` with the text of `labels.Parse`.
 */
export function parseLabelSelector(text: string): Selector {
  const requirements = new SelectorParser(tokenize(text)).parse();
  return { requirements: requirements.toSorted((a, b) => compareBytes(a.key, b.key)), nothing: false };
}

/**
 * The lexer of `k8s.io/apimachinery/pkg/labels`: runs of special characters, words, blanks. A NUL counts as the end of the
 * text, but is swallowed right behind a word or run.
 */
function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  // oxlint-disable-next-line no-control-regex -- NUL is what is looked for
  const word = /[ \t\r\n]*(?:([!=()<>,]+)|([^!=()<>, \t\r\n\0]+))\0?/y;
  for (let match = word.exec(text); match !== null; match = word.exec(text)) {
    if (match[2] !== undefined) {
      const kind = match[2] === "in" || match[2] === "notin" ? match[2] : "identifier";
      tokens.push({ kind, text: match[2] });
      continue;
    }
    // The longest symbol wins; a run such as `(!` is read piece by piece.
    let run = match[1]!;
    while (run !== "") {
      const symbol = symbols.has(run.slice(0, 2)) && run.length > 1 ? run.slice(0, 2) : run.slice(0, 1);
      tokens.push({ kind: symbol, text: symbol });
      run = run.slice(symbol.length);
    }
  }
  return tokens;
}

const end: Token = { kind: "end", text: "" };

class SelectorParser {
  readonly #tokens: readonly Token[];
  #position = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  /** In value position `in` and `notin` are ordinary words. */
  #peek(context: "key" | "values"): Token {
    const token = this.#tokens[this.#position] ?? end;
    if (context === "values" && (token.kind === "in" || token.kind === "notin")) {
      return { kind: "identifier", text: token.text };
    }
    return token;
  }

  #next(context: "key" | "values"): Token {
    const token = this.#peek(context);
    this.#position++;
    return token;
  }

  parse(): SelectorRequirement[] {
    const requirements: SelectorRequirement[] = [];
    for (;;) {
      const token = this.#peek("values");
      if (token.kind === "end") return requirements;
      if (token.kind !== "identifier" && token.kind !== "!") {
        throw fail(`found '${token.text}', expected: !, identifier, or 'end of string'`);
      }
      requirements.push(this.#requirement());
      const separator = this.#next("values");
      if (separator.kind === "end") return requirements;
      if (separator.kind !== ",") throw fail(`found '${separator.text}', expected: ',' or 'end of string'`);
      const following = this.#peek("values");
      if (following.kind !== "identifier" && following.kind !== "!") {
        throw fail(`found '${following.text}', expected: identifier after ','`);
      }
    }
  }

  #requirement(): SelectorRequirement {
    try {
      return this.#parseRequirement();
    } catch (error) {
      throw fail(`unable to parse requirement: ${(error as Error).message}`);
    }
  }

  #parseRequirement(): SelectorRequirement {
    let token = this.#next("values");
    const negated = token.kind === "!";
    if (negated) token = this.#next("values");
    if (token.kind !== "identifier") throw fail(`found '${token.text}', expected: identifier`);
    const key = token.text;
    checkKey(key);
    const following = this.#peek("values").kind;
    if (following === "end" || following === ",") return createRequirement(key, negated ? "!" : "exists", []);
    if (negated) return createRequirement(key, "!", []);
    const operator = this.#operator();
    if (operator === "in" || operator === "notin")
      return createRequirement(key, operator, [...new Set(this.#values())].toSorted(compareBytes));
    return createRequirement(key, operator, [this.#exactValue()]);
  }

  #operator(): SelectorOperator {
    const token = this.#next("key");
    const operator = operators[token.kind];
    if (operator === undefined) {
      throw fail(`found '${token.text}', expected: in, notin, =, ==, !=, gt, lt`);
    }
    return operator;
  }

  #exactValue(): string {
    const following = this.#peek("values");
    if (following.kind === "end" || following.kind === ",") return "";
    this.#position++;
    if (following.kind === "identifier") return following.text;
    throw fail(`found '${following.text}', expected: identifier`);
  }

  #values(): string[] {
    const open = this.#next("values");
    if (open.kind !== "(") throw fail(`found '${open.text}' expected: '('`);
    const first = this.#peek("values");
    if (first.kind === ")") {
      this.#position++;
      return [""];
    }
    if (first.kind !== "identifier" && first.kind !== ",") {
      throw fail(`found '${first.text}', expected: ',', ')' or identifier`);
    }
    return this.#valueList();
  }

  /** Between commas, before the first and after the last one, an absent value is the empty text. */
  #valueList(): string[] {
    const values: string[] = [];
    for (;;) {
      const token = this.#next("values");
      const following = this.#peek("values");
      if (token.kind === "identifier") {
        values.push(token.text);
        if (following.kind !== "," && following.kind !== ")") {
          throw fail(`found '${following.text}', expected: ',' or ')'`);
        }
      } else if (token.kind === ",") {
        if (values.length === 0) values.push("");
        if (following.kind === ")" || following.kind === ",") values.push("");
      } else {
        throw fail(`found '${token.text}', expected: ',', or identifier`);
      }
      if (following.kind === ")") {
        this.#position++;
        return values;
      }
    }
  }
}

function checkKey(key: string): void {
  const errors = isQualifiedName(key);
  if (errors.length > 0) throw fail(formatFieldError(invalid("", key, errors.join("; "))));
}

function fail(message: string): SchemaError {
  return new SchemaError("invalid-selector", message);
}
