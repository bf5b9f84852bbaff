import { createSecureContext, rootCertificates, type SecureContext } from "node:tls";
import { digestOf, type Digest } from "../digest.ts";
import { OciError } from "../errors.ts";
import { readIfThere } from "../files.ts";

/** Where systems keep the certificates they trust, in the order that Go looks. */
const bundleFiles = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/pki/tls/cacert.pem",
  "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

/** Parsing all certificates takes some 20 ms; most processes need them in one composition only. */
let latest: { readonly key: Digest; readonly context: SecureContext } | undefined;

/**
 * What TLS connections trust: the certificates that Node brings along, those of the system (`SSL_CERT_FILE`, else the
 * first bundle found) and of `NODE_EXTRA_CA_CERTS`, and the given ones. Node itself looks at none of the system's, so a
 * company's own authority would be missing. Throws `invalid-argument` for certificates that cannot be read.
 */
export async function loadTrust(
  ca: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<SecureContext> {
  const all = [...rootCertificates, ...(await systemCertificates(env)), ...ca].join("\n");
  const key = digestOf(all);
  if (latest?.key !== key) latest = { key, context: createTrust(all, ca) };
  return latest.context;
}

/** What connections that verify nothing begin with, which is nothing to parse. */
export function trustNothing(): SecureContext {
  return createSecureContext({ ca: [] });
}

const certificate = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Node and the system bring mostly the same certificates, each of which is parsed once. */
function distinct(bundle: string): string[] {
  return [...new Set(bundle.match(certificate)?.map((pem) => pem.replace(/\r/g, "").trim()))];
}

function createTrust(all: string, ca: readonly string[]): SecureContext {
  for (const [index, pem] of ca.entries()) {
    if (distinct(pem).length > 0) continue;
    throw new OciError("invalid-argument", `certificate ${index + 1} of ${ca.length} is not in PEM form`);
  }
  try {
    return createSecureContext({ ca: distinct(all) });
  } catch (error) {
    const message = `the trusted certificates cannot be read: ${(error as Error).message}`;
    throw new OciError("invalid-argument", message, { cause: error });
  }
}

async function systemCertificates(
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly string[]> {
  const chosen = env["SSL_CERT_FILE"];
  const extra = env["NODE_EXTRA_CA_CERTS"];
  const bundle = await readFirst(chosen ? [chosen] : bundleFiles);
  return [bundle, extra ? await readFirst([extra]) : undefined].filter((text) => text !== undefined);
}

async function readFirst(files: readonly string[]): Promise<string | undefined> {
  for (const file of files) {
    const bundle = await readIfThere(file);
    if (bundle !== undefined && bundle.length > 0) return bundle.toString("utf8");
  }
  return undefined;
}
