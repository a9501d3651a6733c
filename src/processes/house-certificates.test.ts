import { X509Certificate } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { httpShell, PeerClient, type TlsMaterial } from '../ground/http/index.ts';
import { silentLog } from '../ground/log.ts';
import { certified, hostsOf, makeCertificates, renewCertificates } from './house-certificates.ts';
import { houseLayout, makeFolders } from './layout.ts';

const root = mkdtempSync(join(tmpdir(), 'sekisho-certificates-'));
const layout = houseLayout(root);
const material = (name: string): TlsMaterial => JSON.parse(readFileSync(layout.tls(name), 'utf8'));
const namesOf = (name: string) => new X509Certificate(material(name).cert).subjectAltName;
beforeAll(async () => {
  makeFolders(layout);
  await makeCertificates(layout, ['gate.town.example', '192.0.2.7']);
  mkdirSync(root, { recursive: true });
  writeFileSync(layout.settingsFile, '{}', { mode: 0o600 });
});
afterAll(() => rmSync(root, { recursive: true }));

/** Whether a process with `client` reaches one with `server`. */
async function reaches(server: TlsMaterial, client: TlsMaterial): Promise<boolean> {
  const app = httpShell({ name: 'gate', log: silentLog, tls: server });
  app.get('/', () => ({}));
  const url = (await app.listen({ host: '127.0.0.1', port: 0 })).replace('http:', 'https:');
  const peer = new PeerClient({ url, tls: client });
  try {
    return await peer.get('/').then(
      () => true,
      () => false,
    );
  } finally {
    await peer.close();
    await app.close();
  }
}

describe('the certificates of a house', () => {
  it('name this machine and the hosts that were given', () => {
    for (const name of certified)
      expect(namesOf(name)).toBe(
        'DNS:localhost, IP Address:127.0.0.1, DNS:gate.town.example, IP Address:192.0.2.7',
      );
  });

  it('are made once: what is there is kept', async () => {
    const before = material('gate').cert;
    await makeCertificates(layout, ['other.example']);
    expect(material('gate').cert).toBe(before);
  });

  it.each(['', 'a b', 'x,DNS:evil.example', '-a', 'a/b'])('name no host that is none: %j', (host) => {
    expect(() => hostsOf([host])).toThrow(/bad-input/);
  });

  it('name a host once', () => {
    expect(hostsOf(['localhost', 'a.example', 'a.example'])).toEqual(['localhost', '127.0.0.1', 'a.example']);
  });
});

describe('certificates made anew', () => {
  it('keep the hosts, are owner-only, and neither know nor are known by those of before', async () => {
    const old = { gate: material('gate'), office: material('office') };
    expect(await reaches(old.gate, old.office)).toBe(true);
    const renewed = await renewCertificates(root);
    expect(renewed.hosts).toEqual(['localhost', '127.0.0.1', 'gate.town.example', '192.0.2.7']);
    expect(renewed.files).toHaveLength(certified.length);
    for (const file of renewed.files) expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(renewed.endsAt).toBe(new X509Certificate(material('gate').cert).validToDate.getTime());
    expect(await reaches(material('gate'), material('office'))).toBe(true);
    expect(await reaches(material('gate'), old.office)).toBe(false);
    expect(await reaches(old.gate, material('office'))).toBe(false);
  });

  it('name other hosts where some are given', async () => {
    await renewCertificates(root, ['new.example']);
    expect(namesOf('office')).toBe('DNS:localhost, IP Address:127.0.0.1, DNS:new.example');
  });

  it('are not made for a house that is not there, or a host that is none', async () => {
    await expect(renewCertificates(join(root, 'nowhere'))).rejects.toMatchObject({
      kind: 'keystore-missing',
    });
    const before = material('gate').cert;
    await expect(renewCertificates(root, ['a b'])).rejects.toMatchObject({ kind: 'bad-input' });
    expect(material('gate').cert).toBe(before);
  });
});
