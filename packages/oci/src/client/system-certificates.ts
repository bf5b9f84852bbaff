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

/**
 * The certificates that the system trusts, as the `ca` option takes them: those of `SSL_CERT_FILE` if that is set, else of
 * the first bundle found. Node itself knows only the ones it brings along, so a company's own would be missing.
 */
export async function systemCertificates(
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly string[]> {
  const chosen = env["SSL_CERT_FILE"];
  for (const file of chosen ? [chosen] : bundleFiles) {
    const bundle = await readIfThere(file);
    if (bundle !== undefined) return [bundle.toString("utf8")];
  }
  return [];
}
