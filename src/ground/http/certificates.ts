// @peculiar/x509 builds on tsyringe, which wants this before it.
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import * as x509 from '@peculiar/x509';
import type { Clock } from '../clock.ts';
import { SekishoError } from '../errors.ts';
import type { Randomness } from '../randomness.ts';
import type { TlsMaterial } from './shell.ts';

/** The house's own certificate authority: whoever has `key` can be any process. */
export interface Authority {
  /** PEM, PKCS #8. */
  readonly key: string;
  /** PEM. */
  readonly cert: string;
  readonly clock: Clock;
  readonly randomness: Randomness;
}

const day = 86_400_000;
const authorityDays = 3650;
const processDays = 397;
/** Clocks of two machines differ a little. */
const backdatedMs = 300_000;
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** A fresh authority: ECDSA on P-256, valid for ten years by `clock`. */
export async function createAuthority(clock: Clock, randomness: Randomness): Promise<Authority> {
  const keys = await keyPair();
  const cert = await x509.X509CertificateGenerator.createSelfSigned(
    {
      name: 'CN=sekisho-authority',
      keys,
      signingAlgorithm: algorithm,
      serialNumber: serial(randomness),
      ...validity(clock, authorityDays),
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, crypto),
      ],
    },
    crypto,
  );
  return openAuthority(
    { key: await privatePem(keys.privateKey), cert: cert.toString('pem') },
    clock,
    randomness,
  );
}

/** The authority again from what was kept of it (`key`, `cert`). */
export function openAuthority(
  kept: { key: string; cert: string },
  clock: Clock,
  randomness: Randomness,
): Authority {
  return { key: kept.key, cert: kept.cert, clock, randomness };
}

/**
 * A key and a certificate for one process, for both ends of mutual TLS, valid for 397 days from now.
 * @param name lower-case word, the common name that `callerName` gives back
 * @param hosts DNS names and IP addresses it serves at; none means localhost and 127.0.0.1
 */
export async function issueCertificate(
  authority: Authority,
  name: string,
  hosts: readonly string[] = [],
): Promise<TlsMaterial> {
  if (!/^[a-z][a-z0-9-]{0,62}$/.test(name)) throw new SekishoError('bad-input', { what: 'process-name' });
  const keys = await keyPair();
  const issuer = new x509.X509Certificate(authority.cert);
  const served = hosts.length > 0 ? hosts : ['localhost', '127.0.0.1'];
  const cert = await x509.X509CertificateGenerator.create(
    {
      subject: `CN=${name}`,
      issuer: issuer.subject,
      publicKey: keys.publicKey,
      signingKey: await signingKey(authority.key),
      signingAlgorithm: algorithm,
      serialNumber: serial(authority.randomness),
      ...validity(authority.clock, processDays),
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([
          x509.ExtendedKeyUsage.serverAuth,
          x509.ExtendedKeyUsage.clientAuth,
        ]),
        new x509.SubjectAlternativeNameExtension(
          served.map((host) => ({
            type: isIP(host) === 0 ? ('dns' as const) : ('ip' as const),
            value: host,
          })),
        ),
        await x509.AuthorityKeyIdentifierExtension.create(issuer, false, crypto),
      ],
    },
    crypto,
  );
  return { key: await privatePem(keys.privateKey), cert: cert.toString('pem'), ca: authority.cert };
}

// A reader with a browser's types has another Crypto than Node's: what x509 asks for fits both.
const crypto = webcrypto as unknown as Crypto;
type Crypto = Parameters<typeof x509.X509CertificateGenerator.create>[1] & {};

function validity(clock: Clock, days: number): { notBefore: Date; notAfter: Date } {
  const from = clock.now() - backdatedMs;
  return { notBefore: new Date(from), notAfter: new Date(from + days * day) };
}

/** 16 random bytes as hex; the first bit 0, for a serial number is positive (RFC 5280 §4.1.2.2), the second 1, so that none is 0. */
function serial(randomness: Randomness): string {
  const bytes = Buffer.from(randomness.bytes(16));
  bytes[0] = (bytes[0]! & 0x3f) | 0x40;
  return bytes.toString('hex');
}

function keyPair() {
  return crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

async function privatePem(key: Awaited<ReturnType<typeof keyPair>>['privateKey']): Promise<string> {
  return x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
}

function signingKey(pem: string) {
  return crypto.subtle.importKey('pkcs8', x509.PemConverter.decodeFirst(pem), algorithm, false, ['sign']);
}
