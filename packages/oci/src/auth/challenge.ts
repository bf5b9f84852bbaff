/** One way a server offers to authenticate (RFC 9110 section 11.6.1). */
export interface Challenge {
  /** Lower case, e.g. `bearer`. */
  readonly scheme: string;
  /** Names in lower case. */
  readonly parameters: Readonly<Record<string, string>>;
}

const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const parameterPattern = new RegExp(
  `^(${token})\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|(${token}))\\s*(?:,\\s*|$)`,
);
const schemePattern = new RegExp(`^(${token})(?:\\s+|\\s*,\\s*|$)`);
const token68Pattern = /^[0-9A-Za-z._~+/-]+=*\s*(?:,\s*|$)/;

/** Parses the values of all `WWW-Authenticate` headers of an answer; what cannot be understood is left out. */
export function parseChallenges(header: string | readonly string[] | undefined): readonly Challenge[] {
  const challenges: Challenge[] = [];
  let rest = (typeof header === "string" ? header : (header ?? []).join(", ")).trim();
  while (rest !== "") {
    const scheme = schemePattern.exec(rest);
    if (scheme === null) break;
    rest = rest.slice(scheme[0].length);
    const parameters: Record<string, string> = {};
    for (let match = parameterPattern.exec(rest); match !== null; match = parameterPattern.exec(rest)) {
      parameters[match[1]!.toLowerCase()] = match[3] ?? match[2]!.replace(/\\(.)/g, "$1");
      rest = rest.slice(match[0].length);
    }
    // Negotiate and others send one opaque value instead of parameters.
    if (Object.keys(parameters).length === 0) {
      const opaque = token68Pattern.exec(rest);
      const isScheme = new RegExp(`^${token}\\s+${token}\\s*=`).test(rest);
      if (opaque !== null && !isScheme) rest = rest.slice(opaque[0].length);
    }
    challenges.push({ scheme: scheme[1]!.toLowerCase(), parameters });
  }
  return challenges;
}
