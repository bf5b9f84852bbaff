import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from "node:crypto";
import { isIP } from "node:net";
import * as der from "./der.ts";

/** A certificate and its private key, both PEM. */
export interface KeyedCertificate {
  readonly certificate: string;
  readonly privateKey: string;
}

/** What issues certificates. */
export interface CertificateIssuer {
  /** Issues a server certificate for DNS names and IP addresses. */
  issueServer(hosts: readonly string[]): KeyedCertificate;
  /** Issues a client certificate: Kubernetes reads the user from CN and the groups from O. */
  issueClient(user: string, groups: readonly string[]): KeyedCertificate;
}

interface Subject {
  readonly commonName: string;
  readonly organizations: readonly string[];
}

const oids = {
  ecdsaWithSha256: "1.2.840.10045.4.3.2",
  commonName: "2.5.4.3",
  organization: "2.5.4.10",
  subjectKeyIdentifier: "2.5.29.14",
  keyUsage: "2.5.29.15",
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  authorityKeyIdentifier: "2.5.29.35",
  extendedKeyUsage: "2.5.29.37",
  serverAuth: "1.3.6.1.5.5.7.3.1",
  clientAuth: "1.3.6.1.5.5.7.3.2",
} as const;

const validity = 365 * 24 * 3600 * 1000;

const subject: Subject = { commonName: "sandbox-ca", organizations: [] };

/**
 * Makes a self-signed authority with an ECDSA P-256 key (RFC 5280).
 *
 * @param now Time in milliseconds; certificates are valid from an hour before to a year after it.
 */
export function createCertificateAuthority(now: number): KeyedCertificate {
  const keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const certificate = issueCertificate({
    issuerKeys: keys,
    holder: subject,
    publicKey: keys.publicKey,
    now,
    extensions: [
      extension(oids.basicConstraints, der.sequence(der.truth), { critical: true }),
      // digitalSignature, keyCertSign, cRLSign
      extension(oids.keyUsage, der.bitString(Buffer.from([0x86]), 1), { critical: true }),
    ],
  });
  return { certificate, privateKey: keys.privateKey.export({ type: "pkcs8", format: "pem" }).toString() };
}

/** Lets an authority issue certificates, valid from an hour before `now` (milliseconds) to a year after it. */
export function createIssuer(authority: KeyedCertificate, now: number): CertificateIssuer {
  const privateKey = createPrivateKey(authority.privateKey);
  const issuerKeys = { privateKey, publicKey: createPublicKey(authority.privateKey) };
  const leaf = (holder: Subject, extensions: Buffer[]): KeyedCertificate => {
    const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const usage = extension(oids.keyUsage, der.bitString(Buffer.from([0x80]), 7), { critical: true });
    return {
      certificate: issueCertificate({
        issuerKeys,
        holder,
        publicKey: pair.publicKey,
        now,
        extensions: [usage, ...extensions],
      }),
      privateKey: pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    };
  };
  return {
    issueServer: (hosts) =>
      leaf({ commonName: hosts[0] ?? "localhost", organizations: [] }, [
        extension(oids.extendedKeyUsage, der.sequence(der.objectIdentifier(oids.serverAuth))),
        extension(oids.subjectAltName, der.sequence(...hosts.map(alternativeName))),
      ]),
    issueClient: (user, groups) =>
      leaf({ commonName: user, organizations: groups }, [
        extension(oids.extendedKeyUsage, der.sequence(der.objectIdentifier(oids.clientAuth))),
      ]),
  };
}

interface Issuance {
  readonly issuerKeys: { readonly publicKey: KeyObject; readonly privateKey: KeyObject };
  readonly holder: Subject;
  readonly publicKey: KeyObject;
  readonly extensions: readonly Buffer[];
  readonly now: number;
}

function issueCertificate({ issuerKeys, holder, publicKey, extensions, now }: Issuance): string {
  const algorithm = der.sequence(der.objectIdentifier(oids.ecdsaWithSha256));
  const authorityKey = der.element(0x80, keyIdentifier(issuerKeys.publicKey));
  const toBeSigned = der.sequence(
    der.element(0xa0, der.integer(Buffer.from([2]))),
    der.integer(randomBytes(16)),
    algorithm,
    distinguishedName(subject),
    der.sequence(der.utcTime(new Date(now - 3600_000)), der.utcTime(new Date(now + validity))),
    distinguishedName(holder),
    publicKey.export({ type: "spki", format: "der" }),
    der.element(
      0xa3,
      der.sequence(
        ...extensions,
        extension(oids.subjectKeyIdentifier, der.octetString(keyIdentifier(publicKey))),
        extension(oids.authorityKeyIdentifier, der.sequence(authorityKey)),
      ),
    ),
  );
  const signature = sign("sha256", toBeSigned, issuerKeys.privateKey);
  return pem(der.sequence(toBeSigned, algorithm, der.bitString(signature)));
}

function extension(oid: string, value: Buffer, options: { critical?: boolean } = {}): Buffer {
  const critical = options.critical === true ? [der.truth] : [];
  return der.sequence(der.objectIdentifier(oid), ...critical, der.octetString(value));
}

function distinguishedName({ organizations, commonName }: Subject): Buffer {
  const attribute = (oid: string, text: string): Buffer =>
    der.set(der.sequence(der.objectIdentifier(oid), der.utf8String(text)));
  return der.sequence(
    ...organizations.map((name) => attribute(oids.organization, name)),
    attribute(oids.commonName, commonName),
  );
}

function alternativeName(host: string): Buffer {
  if (isIP(host) === 4) return der.element(0x87, Buffer.from(host.split(".").map(Number)));
  if (host === "::1") return der.element(0x87, Buffer.from([...Array.from({ length: 15 }, () => 0), 1]));
  return der.element(0x82, Buffer.from(host));
}

function keyIdentifier(publicKey: KeyObject): Buffer {
  return createHash("sha1")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest();
}

function pem(bytes: Buffer): string {
  const lines = bytes.toString("base64").match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}
