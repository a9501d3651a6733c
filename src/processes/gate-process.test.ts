import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../ground/clock.ts';
import { createAuthority, issueCertificate } from '../ground/http/index.ts';
import { systemRandomness } from '../ground/randomness.ts';
import { splitKeystore } from './keystore-custody.ts';
import { ProductionHouse } from './production-house.fixture.ts';
import type { KeystoreConfig } from './settings.ts';

// Witness and gate of a production house as processes, by configuration files, as docs/operator.md says.

const house = new ProductionHouse();
let shares: string[];
let person: Awaited<ReturnType<ProductionHouse['populate']>>[number];
let name: string | undefined;

beforeAll(async () => {
  await house.make();
  const { folder, passphraseFile } = { folder: house.layout.root, passphraseFile: house.passphraseFile };
  const to = join(house.folder, 'shares');
  ({ files: shares } = await splitKeystore({ folder, passphraseFile, to, shares: 5, threshold: 3 }));
  await house.startWitness(await witnessTls());
}, 60_000);
afterAll(() => house.remove());

/** A certificate of the witness's own authority, which is not the house's. */
async function witnessTls() {
  const authority = await createAuthority(systemClock, systemRandomness());
  const { key, cert, ca } = await issueCertificate(authority, 'witness', ['127.0.0.1']);
  const files = {
    key_file: join(house.folder, 'witness.key'),
    cert_file: join(house.folder, 'witness.crt'),
    ca_file: join(house.folder, 'witness-ca.crt'),
  };
  writeFileSync(files.key_file, key, { mode: 0o600 });
  writeFileSync(files.cert_file, cert);
  writeFileSync(files.ca_file, ca);
  return files;
}

const byShares = (...numbers: number[]): KeystoreConfig => ({
  kind: 'file',
  file: house.layout.keystoreFile,
  share_files: numbers.map((number) => shares[number - 1]!),
});

describe('a gate that is to open by shares', { timeout: 60_000 }, () => {
  it('with too few says how many are there and how many are needed', async () => {
    await expect(house.startGate(byShares(1, 4))).rejects.toMatchObject({
      kind: 'keystore-missing',
      facts: { missing: 'shares', reason: 'too-few-shares', have: 2, needed: 3 },
    });
  });

  it('with enough of them serves: the first administrator is enrolled, residents come in, a name is opened', async () => {
    await house.startGate(byShares(5, 2, 3));
    [person] = (await house.populate(5)) as [typeof person];
    name = await house.nameOf(person);
    expect(name).toMatch(/\S/);
  });

  it('has no second first administrator, and says why', async () => {
    await expect(house.enrolFirst('intruder')).rejects.toMatchObject({
      kind: 'already-exists',
      facts: { what: 'staff', reason: 'not-the-first' },
    });
  });

  it('opens the same on the next day with other shares', async () => {
    await house.stop('gate');
    await house.startGate(byShares(1, 2, 4));
    expect(await house.nameOf(person)).toBe(name);
  });
});

describe('the way to the witness', { timeout: 60_000 }, () => {
  it('is TLS: the head that the witness keeps is this house’s', () => {
    const config = JSON.parse(readFileSync(join(house.folder, 'gate.json'), 'utf8'));
    expect(config.witnesses[0].url).toMatch(/^https:/);
  });

  it('with another authority than the witness’s is no way: the gate does not start', async () => {
    await house.stop('gate');
    const other = join(house.folder, 'other-ca.crt');
    writeFileSync(other, (await createAuthority(systemClock, systemRandomness())).cert);
    const [witness] = JSON.parse(readFileSync(join(house.folder, 'gate.json'), 'utf8')).witnesses;
    await expect(
      house.startGate(house.fileKeystore, { witnesses: [{ ...witness, ca_file: other }] }),
    ).rejects.toMatchObject({ kind: 'unreachable' });
  });
});
