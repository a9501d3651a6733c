import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../test/database.ts';
import { createFileKeyStore } from '../core/seal/index.ts';
import { systemClock } from '../ground/clock.ts';
import { asSekishoError, type ErrorFacts } from '../ground/errors.ts';
import { createAuthority, issueCertificate } from '../ground/http/index.ts';
import { Masked } from '../ground/masked.ts';
import { systemRandomness } from '../ground/randomness.ts';
import { type Child, startChild } from './child.ts';
import { houseMigrations } from './house-database.ts';
import { initHouse } from './init.ts';
import { houseLayout } from './layout.ts';
import type { GateConfig, WitnessConfig } from './settings.ts';

// The gate and the witness as processes of their own, each given one configuration: what a start refuses, and that it opens nothing.

const town = '202029';
const folder = mkdtempSync(join(tmpdir(), 'sekisho-gate-start-'));
const layout = houseLayout(join(folder, 'data'));
let database: FreshDatabase;
let sound: GateConfig;
let witness: Child;
let runs = 0;

async function start(name: 'gate' | 'witness' | 'office', config: unknown, mode = 0o600): Promise<Child> {
  const configFile = join(folder, `${name}-${++runs}.json`);
  writeFileSync(configFile, typeof config === 'string' ? config : JSON.stringify(config), { mode });
  chmodSync(configFile, mode);
  return startChild({ name, configFile, logFolder: folder, readyWithinMs: 60_000, onExit: () => undefined });
}

/** The error that a start is refused with. */
async function refusal(config: unknown, name: 'gate' | 'witness' | 'office' = 'gate', mode?: number) {
  try {
    const child = await start(name, config, mode);
    await child.stop();
    return { kind: 'started', facts: {} as ErrorFacts };
  } catch (error) {
    const { kind, facts } = asSekishoError(error);
    return { kind, facts };
  }
}

beforeAll(async () => {
  const settings = await initHouse({
    folder: layout.root,
    municipalities: [town],
    originPrefix: 'start.sekisho.invalid',
    mode: 'demo',
    database: 'server',
  });
  database = await freshDatabase(houseMigrations);
  const login = (role: 'gate' | 'keys') => {
    const { host, port, user, password, database: name } = database.connection(role);
    return {
      host: String(host),
      port: Number(port),
      user: String(user),
      password: String(password),
      database: String(name),
    };
  };
  const witnessConfig: WitnessConfig = {
    listen: { host: '127.0.0.1', port: 0 },
    name: settings.witness.name,
    state: layout.witness,
    key_file: layout.witnessKeyFile,
    logs: settings.municipalities.map(({ origin }) => ({ origin, public_key: settings.log_public_key })),
  };
  witness = await start('witness', witnessConfig);
  sound = {
    mode: 'demo',
    listen: { host: '127.0.0.1', port: 0 },
    tls: JSON.parse(readFileSync(layout.tls('gate'), 'utf8')),
    databases: { gate: login('gate'), keys: login('keys') },
    keystore: { kind: 'file', file: layout.keystoreFile, passphrase_file: layout.passphraseFile },
    municipalities: [...settings.municipalities],
    log_public_key: settings.log_public_key,
    mirror: layout.journal,
    witnesses: [{ ...settings.witness, url: witness.url }],
    overdue_ms: 60_000,
  };
}, 120_000);
afterAll(async () => {
  await witness?.stop();
  await database?.drop();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

const keystore = (more: object) => ({ ...sound, keystore: { ...sound.keystore, ...more } });
const passphrase = (name: string, text: string, mode = 0o600) => {
  const file = join(folder, name);
  writeFileSync(file, text, { mode });
  chmodSync(file, mode);
  return keystore({ passphrase_file: file });
};
/** No log was begun: not even its folder is there. */
const nothingOpened = () => expect(existsSync(join(layout.journal, town))).toBe(false);

describe('a gate without what it needs says what is missing, and opens nothing', { timeout: 60_000 }, () => {
  it('no passphrase file', async () => {
    const { kind, facts } = await refusal(keystore({ passphrase_file: join(folder, 'not-there') }));
    expect(kind).toBe('keystore-missing');
    expect(facts).toMatchObject({ process: 'gate', missing: 'passphrase', file: join(folder, 'not-there') });
    nothingOpened();
  });

  it('an empty passphrase file', async () => {
    const { kind, facts } = await refusal(passphrase('empty', '\n'));
    expect([kind, facts['reason']]).toEqual(['keystore-missing', 'empty']);
    nothingOpened();
  });

  it('a passphrase file that others may read', async () => {
    const { kind, facts } = await refusal(passphrase('open', 'x\n', 0o640));
    expect([kind, facts['reason']]).toEqual(['keystore-unsafe', 'readable-by-others']);
    nothingOpened();
  });

  it('a wrong passphrase, which is in no answer and no log', async () => {
    const { kind, facts } = await refusal(passphrase('wrong', 'open-sesame-1234\n'));
    expect(kind).toBe('keystore-wrong-secret');
    expect(JSON.stringify(facts)).not.toContain('sesame');
    expect(readFileSync(join(folder, 'gate.log'), 'utf8')).not.toContain('sesame');
    nothingOpened();
  });

  it('no keystore', async () => {
    const { kind, facts } = await refusal(keystore({ file: join(folder, 'no-keystore.json') }));
    expect([kind, facts['file']]).toEqual(['keystore-missing', join(folder, 'no-keystore.json')]);
    nothingOpened();
  });

  it('a keystore cut off in the middle', async () => {
    const file = join(folder, 'half.json');
    const text = readFileSync(layout.keystoreFile, 'utf8');
    writeFileSync(file, text.slice(0, text.length / 2), { mode: 0o600 });
    const { kind } = await refusal(keystore({ file }));
    expect(['seal-broken', 'keystore-unsafe', 'config-invalid']).toContain(kind);
    nothingOpened();
  });

  it('a database that is not there', async () => {
    const gone = { ...sound.databases.gate, host: '127.0.0.1', port: 9 };
    expect((await refusal({ ...sound, databases: { ...sound.databases, gate: gone } })).kind).toBe(
      'database-unavailable',
    );
    nothingOpened();
  });

  it('a wrong password of its role', async () => {
    const gate = { ...sound.databases.gate, password: 'guess' };
    const { kind, facts } = await refusal({ ...sound, databases: { ...sound.databases, gate } });
    expect(kind).toBe('database-unavailable');
    expect(JSON.stringify(facts)).not.toContain('guess');
  });

  it('tables that were never made', async () => {
    const bare = await freshDatabase([]);
    const gate = { ...sound.databases.gate, database: bare.name };
    expect((await refusal({ ...sound, databases: { ...sound.databases, gate } })).kind).toBe(
      'schema-mismatch',
    );
    await bare.drop();
  });
});

describe('production', { timeout: 60_000 }, () => {
  const production = (config: GateConfig) => ({ ...config, mode: 'production' as const });

  it('does not start from the demonstration’s passphrase', async () => {
    const { kind, facts } = await refusal(production(sound));
    expect([kind, facts['reason']]).toEqual(['keystore-unsafe', 'demo-passphrase']);
    nothingOpened();
  });

  it('does not open a demonstration’s keystore, although the passphrase is right', async () => {
    const words = readFileSync(layout.passphraseFile, 'utf8').split('\n').slice(1).join('\n');
    const { kind } = await refusal(production(passphrase('unmarked', words)));
    expect(kind).toBe('keystore-unsafe');
    nothingOpened();
  });

  it('starts from keys of its own', async () => {
    const file = join(folder, 'production-keystore.json');
    const words = new Masked('passphrase', 'eleven purple otters file quietly');
    await createFileKeyStore(file, { passphrase: words }, systemRandomness());
    const config = { ...passphrase('own', `${words.reveal()}\n`), mode: 'production' as const };
    const keys = { ...config, keystore: { ...config.keystore, file } };
    // Another house's log key: it gets as far as opening the keystore, and no further.
    expect((await refusal(keys)).facts['reason']).toBe('keystore-of-another-house');
  });
});

describe('one configuration a process', { timeout: 60_000 }, () => {
  it('a sound one starts, and ends on SIGTERM', async () => {
    const gate = await start('gate', sound);
    expect(gate.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    await gate.stop();
    expect(existsSync(join(layout.journal, town))).toBe(true);
    expect(() => process.kill(gate.pid, 0)).toThrow('ESRCH');
  });

  it('no witness that answers', async () => {
    const witnesses = [{ ...sound.witnesses[0]!, url: 'http://127.0.0.1:9' }];
    expect(['unreachable', 'timeout', 'journal-unavailable']).toContain(
      (await refusal({ ...sound, witnesses })).kind,
    );
  });

  it('a keystore of another house does not go on with this one’s log', async () => {
    const file = join(folder, 'other-keystore.json');
    const words = new Masked('passphrase', 'another house altogether');
    await createFileKeyStore(file, { passphrase: words }, systemRandomness(), { demo: true });
    const config = passphrase('other', `${words.reveal()}\n`);
    const { kind, facts } = await refusal({ ...config, keystore: { ...config.keystore, file } });
    expect([kind, facts['reason']]).toEqual(['config-invalid', 'keystore-of-another-house']);
  });

  it('one with a key too many is refused by that key', async () => {
    const { kind, facts } = await refusal({ ...sound, colour: 'red' });
    expect([kind, facts]).toEqual([
      'config-invalid',
      { process: 'gate', what: 'configuration', key: 'colour', reason: 'unrecognized-keys' },
    ]);
  });

  it('one that others may read holds passwords, and is refused', async () => {
    const { kind, facts } = await refusal(sound, 'gate', 0o644);
    expect([kind, facts['reason'], facts['mode']]).toEqual(['keystore-unsafe', 'readable-by-others', '0644']);
  });

  it('budgets that are none', async () => {
    const budgets_file = join(folder, 'budgets.json');
    writeFileSync(budgets_file, '{"window_minutes": "many"}');
    const { kind, facts } = await refusal({ ...sound, budgets_file });
    expect([kind, facts['what'], facts['key']]).toEqual(['config-invalid', 'budgets', 'window_minutes']);
  });

  it('a certificate that is none', async () => {
    const { kind, facts } = await refusal({ ...sound, tls: { ...sound.tls, key: 'nonsense' } });
    expect([kind, facts['key']]).toEqual(['config-invalid', 'tls']);
  });

  it('a port that is taken', async () => {
    const port = Number(new URL(witness.url).port);
    const { kind, facts } = await refusal({ ...sound, listen: { host: '127.0.0.1', port } });
    expect([kind, facts['reason']]).toEqual(['config-invalid', 'port-taken']);
  });
});

describe('callers', { timeout: 60_000 }, () => {
  it('a certificate of another house, or none, gets no answer at all', async () => {
    const gate = await start('gate', sound);
    const { PeerClient } = await import('../ground/http/index.ts');
    const authority = await createAuthority(systemClock, systemRandomness());
    const stranger = await issueCertificate(authority, 'office', ['127.0.0.1']);
    const ca = sound.tls.ca;
    const peer = new PeerClient({ url: gate.url, tls: { ...stranger, ca } });
    await expect(peer.post('/gate/head', { municipality: town })).rejects.toMatchObject({
      kind: 'unreachable',
    });
    await peer.close();
    await gate.stop();
  });
});
