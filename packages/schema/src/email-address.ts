const chars = "A-Za-z0-9!#$%&'*+/=?^_`{|}~\\u0080-\\u{10ffff}-";
const atom = `[${chars}]+`;
const dotAtom = `${atom}(?:\\.${atom})*`;
const quoted = '"(?:[^"\\\\\\u0000-\\u001f\\u007f]|\\\\[^\\u0000-\\u001f\\u007f])*"';
const literal = "\\[[^\\[\\]\\\\\\u0000-\\u0020]*\\]";
const specification = `(?:${dotAtom}|${quoted})@(?:${dotAtom}|${literal})`;
// One character at a time: a repeated atom could be cut in too many ways.
const phrase = `(?:[. \\t${chars}]|${quoted})*`;
const bare = new RegExp(`^[ \\t]*${specification}[ \\t]*$`, "u");
const named = new RegExp(`^${phrase}<${specification}>[ \\t]*$`, "u");

/** Whether text is one RFC 5322 mailbox, with or without a display name, as Go's `mail.ParseAddress` reads it. */
export function isEmailAddress(text: string): boolean {
  return text.length <= 1000 && (bare.test(text) || named.test(text));
}
