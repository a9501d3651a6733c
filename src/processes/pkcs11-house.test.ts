import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PersonId } from '../ground/ids.ts';
import { checkKeystore, splitKeystore } from './keystore-custody.ts';
import { ProductionHouse } from './production-house.fixture.ts';
import type { KeystoreConfig } from './settings.ts';

// A whole house whose keys lie in a token (SoftHSM2). Skipped, with the reason, where it cannot be tried: as core/seal's own tests.
const module = [
  process.env['SEKISHO_PKCS11_MODULE'] ?? '',
  '/usr/lib/softhsm/libsofthsm2.so',
  '/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so',
  '/usr/local/lib/softhsm/libsofthsm2.so',
].find((path) => existsSync(path));

function whyNot(): string | undefined {
  if (module === undefined) return 'SoftHSM2 is not installed';
  try {
    createRequire(import.meta.url)('pkcs11js');
  } catch {
    return 'pkcs11js is not compiled (npm rebuild pkcs11js --ignore-scripts=false)';
  }
  return undefined;
}
const reason = whyNot();

it.runIf(process.env['SEKISHO_REQUIRE_PKCS11'] === '1')(
  'PKCS#11 was required (SEKISHO_REQUIRE_PKCS11=1) and can be tried here',
  () => {
    expect(reason).toBeUndefined();
  },
);

describe.skipIf(reason !== undefined)(
  `a house on a token${reason === undefined ? '' : ` — skipped: ${reason}`}`,
  { timeout: 60_000 },
  () => {
    const house = new ProductionHouse();
    let keystore: KeystoreConfig;
    let person: PersonId;
    let name: string | undefined;

    beforeAll(async () => {
      const tokens = join(house.folder, 'tokens');
      mkdirSync(tokens);
      const conf = join(house.folder, 'softhsm2.conf');
      const lines = [
        `directories.tokendir = ${tokens}`,
        'objectstore.backend = file',
        'log.level = ERROR',
        '',
      ];
      writeFileSync(conf, lines.join('\n'));
      process.env['SOFTHSM2_CONF'] = conf;
      const token = ['--init-token', '--free', '--label', 'town', '--pin', '482913', '--so-pin', '731055'];
      execFileSync('softhsm2-util', token, { stdio: 'ignore' });
      const pinFile = join(house.folder, 'token-pin');
      writeFileSync(pinFile, '482913\n', { mode: 0o600 });
      await house.make({ token: { module: module!, label: 'town', pinFile, store: 'sekisho-202029' } });
      keystore = house.settings.keystore!;
    }, 60_000);
    afterAll(() => house.remove());

    it('is made without a keystore file, and its log’s key is the token’s', async () => {
      expect(existsSync(house.layout.keystoreFile)).toBe(false);
      expect(existsSync(house.layout.passphraseFile)).toBe(false);
      expect(await checkKeystore({ folder: house.layout.root })).toMatchObject({
        ...{ kind: 'pkcs11', demo: false, ownHouse: true },
        tried: [{ way: 'token', result: 'opens' }],
      });
      expect(readdirSync(join(house.layout.root, 'token')).length).toBeGreaterThan(0);
    });

    it('has nothing to split', async () => {
      const to = join(house.folder, 'shares');
      await expect(
        splitKeystore({ folder: house.layout.root, to, shares: 5, threshold: 3 }),
      ).rejects.toMatchObject({ kind: 'unsupported' });
    });

    it('starts, enrols, takes residents in and opens a name', async () => {
      await house.startWitness();
      await house.startGate(keystore);
      [person] = (await house.populate(5)) as [PersonId];
      name = await house.nameOf(person);
      expect(name).toMatch(/\S/);
    });

    it('opens the same after a restart', async () => {
      await house.stop('gate');
      await house.startGate(keystore);
      expect(await house.nameOf(person)).toBe(name);
    });

    it('with a wrong PIN does not start', async () => {
      await house.stop('gate');
      const pin_file = join(house.folder, 'wrong-pin');
      writeFileSync(pin_file, '000000\n', { mode: 0o600 });
      await expect(house.startGate({ ...keystore, pin_file } as KeystoreConfig)).rejects.toMatchObject({
        kind: 'keystore-wrong-secret',
      });
    });
  },
);
