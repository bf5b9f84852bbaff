import { createHash, timingSafeEqual } from "node:crypto";
import { OciError } from "../errors.ts";
import type { ServerAccounts } from "./server-options.ts";

/**
 * The accounts of an Apache htpasswd file with bcrypt (`htpasswd -B`) or SHA-1 (`-s`) passwords. Throws
 * `invalid-argument` with the line for anything else.
 */
export function htpasswdAccounts(text: string): ServerAccounts {
  const hashes = new Map<string, string>();
  for (const [index, raw] of text.split("\n").entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    const colon = line.indexOf(":");
    const hash = line.slice(colon + 1);
    if (colon <= 0 || !/^(?:\$2[abxy]\$\d\d\$[./A-Za-z0-9]{53}|\{SHA\}[A-Za-z0-9+/]{27}=)$/.test(hash)) {
      const message = `htpasswd line ${index + 1}: expected user:hash with a bcrypt ($2y$) or {SHA} hash`;
      throw new OciError("invalid-argument", message);
    }
    hashes.set(line.slice(0, colon), hash);
  }
  return {
    async verify(username, password) {
      const hash = hashes.get(username);
      if (hash === undefined) return false;
      if (hash.startsWith("{SHA}")) {
        const expected = Buffer.from(hash.slice(5), "base64");
        return timingSafeEqual(createHash("sha1").update(password).digest(), expected);
      }
      const { compare } = await import("bcryptjs");
      return compare(password, hash);
    },
  };
}

/** Accounts by name with plain passwords, for tests and demos. */
export function staticAccounts(passwords: Readonly<Record<string, string>>): ServerAccounts {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return {
    verify: (username, password) => {
      const expected = Object.hasOwn(passwords, username) ? passwords[username] : undefined;
      return Promise.resolve(expected !== undefined && timingSafeEqual(digest(password), digest(expected)));
    },
  };
}
