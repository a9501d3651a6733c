import { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { manualClock } from '../clock.ts';
import { seededRandomness } from '../randomness.ts';
import { type Authority, createAuthority, issueCertificate, openAuthority } from './index.ts';

const clock = manualClock();
let authority: Authority;
beforeAll(async () => {
  authority = await createAuthority(clock, seededRandomness('certificates'));
});

describe('createAuthority', () => {
  it('makes a P-256 authority, valid from the clock’s now', () => {
    const cert = new X509Certificate(authority.cert);
    expect(cert.ca).toBe(true);
    expect(cert.subject).toBe('CN=sekisho-authority');
    expect(cert.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' });
    expect(Date.parse(cert.validFrom)).toBe(clock.now() - 300_000);
    expect(Date.parse(cert.validTo)).toBe(clock.now() - 300_000 + 3650 * 86_400_000);
    expect(cert.verify(cert.publicKey)).toBe(true);
  });

  it('makes another key each time', async () => {
    const other = await createAuthority(clock, seededRandomness('certificates'));
    expect(other.key).not.toBe(authority.key);
  });
});

describe('issueCertificate', () => {
  it('certifies a process for both ends, under the authority, for its hosts', async () => {
    const material = await issueCertificate(authority, 'gate', ['gate.example', '10.0.0.7']);
    const cert = new X509Certificate(material.cert);
    expect(cert.subject).toBe('CN=gate');
    expect(cert.ca).toBe(false);
    expect(cert.subjectAltName).toBe('DNS:gate.example, IP Address:10.0.0.7');
    expect(cert.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']);
    expect(cert.checkIssued(new X509Certificate(material.ca))).toBe(true);
    expect(cert.verify(new X509Certificate(authority.cert).publicKey)).toBe(true);
    expect(Date.parse(cert.validTo)).toBe(clock.now() - 300_000 + 397 * 86_400_000);
    expect(material.key).toMatch(/^-----BEGIN PRIVATE KEY-----/);
  });

  it('serves localhost when no host is named', async () => {
    const { cert } = await issueCertificate(authority, 'office');
    expect(new X509Certificate(cert).subjectAltName).toBe('DNS:localhost, IP Address:127.0.0.1');
  });

  it('gives every certificate another positive serial number', async () => {
    const serials = new Set<string>();
    for (let i = 0; i < 20; i++) {
      const { serialNumber } = new X509Certificate((await issueCertificate(authority, 'gate')).cert);
      expect(serialNumber).toMatch(/^[4-7][0-9A-F]{31}$/);
      serials.add(serialNumber);
    }
    expect(serials.size).toBe(20);
  });

  it('goes on with an authority opened from what was kept', async () => {
    const { key, cert } = JSON.parse(JSON.stringify({ key: authority.key, cert: authority.cert }));
    const again = openAuthority({ key, cert }, clock, seededRandomness('again'));
    const made = new X509Certificate((await issueCertificate(again, 'portal')).cert);
    expect(made.verify(new X509Certificate(authority.cert).publicKey)).toBe(true);
  });

  it.each(['', 'Gate', 'gate,CN=office', 'gate office', '関所', 'a'.repeat(64)])(
    'refuses the name %j',
    async (name) => {
      await expect(issueCertificate(authority, name)).rejects.toMatchObject({ kind: 'bad-input' });
    },
  );
});
