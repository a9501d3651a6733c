import { X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { systemClock } from '../ground/clock.ts';
import { SekishoError } from '../ground/errors.ts';
import { createAuthority, issueCertificate, type TlsMaterial } from '../ground/http/index.ts';
import { systemRandomness } from '../ground/randomness.ts';
import { type HouseLayout, houseLayout } from './layout.ts';
import { readJson, tlsFile, writeJson } from './settings.ts';

/** The processes that hold a certificate; the names are those of the gate's `callers.json`. */
export const certified = ['gate', 'office', 'portal', 'cli-admin'] as const;

const ownHosts = ['localhost', '127.0.0.1'];

/** The hosts that every certificate of the house names: this machine, and what the operator adds. */
export function hostsOf(further: readonly string[] = []): string[] {
  for (const host of further)
    if (!/^[A-Za-z0-9](?:[A-Za-z0-9.:-]{0,251}[A-Za-z0-9])?$/.test(host))
      throw new SekishoError('bad-input', { option: '--host', reason: 'format' });
  return [...new Set([...ownHosts, ...further])];
}

/** Certificates of a new house, unless all of them are there. @throws bad-input for a host that is none */
export async function makeCertificates(layout: HouseLayout, further: readonly string[] = []): Promise<void> {
  const hosts = hostsOf(further);
  if (certified.every((name) => existsSync(layout.tls(name)))) return;
  await issueAll(layout, hosts);
}

export interface Renewed {
  /** Files written anew. */
  files: string[];
  hosts: string[];
  /** ms since 1970: when the new certificates run out. */
  endsAt: number;
}

/**
 * A new authority and new certificates for a house that exists, all at once: those of before know none of these and are known by none, so
 * every process is to be given its own and started again.
 * @param further hosts besides this machine's; left out, the new certificates name what the old ones did
 * @throws keystore-missing where there is no house
 */
export async function renewCertificates(folder: string, further?: readonly string[]): Promise<Renewed> {
  const layout = houseLayout(folder);
  if (!existsSync(layout.settingsFile)) throw new SekishoError('keystore-missing', { missing: 'house' });
  const hosts = hostsOf(further ?? (await presentHosts(layout)));
  const gate = await issueAll(layout, hosts);
  return {
    files: certified.map((name) => layout.tls(name)),
    hosts,
    endsAt: new X509Certificate(gate.cert).validToDate.getTime(),
  };
}

/** Issues all, then writes all: cut short in between, it is run again. Gives the gate's. */
async function issueAll(layout: HouseLayout, hosts: readonly string[]): Promise<TlsMaterial> {
  // The authority's own key is not kept: a new certificate means a new set, so nobody can add a caller later.
  const authority = await createAuthority(systemClock, systemRandomness());
  const issued = await Promise.all(certified.map((name) => issueCertificate(authority, name, hosts)));
  for (const [i, name] of certified.entries()) await writeJson(layout.tls(name), issued[i]);
  return issued[0]!;
}

/** The alternative names of the gate's present certificate. */
async function presentHosts(layout: HouseLayout): Promise<string[]> {
  const { cert } = await readJson(layout.tls('gate'), 'certificate', tlsFile);
  const names = new X509Certificate(cert).subjectAltName ?? '';
  return [...names.matchAll(/(?:DNS|IP Address):([^,\s]+)/g)].map((match) => match[1]!);
}
