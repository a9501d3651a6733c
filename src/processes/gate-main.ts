import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { budgetsSchema, GateService, gateMigrations, gateServer } from '../core/gate/index.ts';
import { Journal, journalMigrations } from '../core/journal/index.ts';
import { WitnessClient } from '../core/journal/witness/index.ts';
import { type KeyStore, PersonKeys, sealMigrations } from '../core/seal/index.ts';
import { systemClock } from '../ground/clock.ts';
import { migrate, openPool } from '../ground/database/index.ts';
import { SekishoError } from '../ground/errors.ts';
import { trustingFetch } from '../ground/http/index.ts';
import type { MunicipalityCode } from '../ground/ids.ts';
import { createLog, type Log } from '../ground/log.ts';
import { systemRandomness } from '../ground/randomness.ts';
import { residentTable } from '../records/register/index.ts';
import { journalKeyName, journalPorts } from './journal-ports.ts';
import { openKeyStore } from './key-store.ts';
import { type Running, runProcess } from './main.ts';
import { checkJson, checkTls, type GateConfig, gateConfig, readPem, type WitnessPlace } from './settings.ts';

/** With the keys of another house a new log would be begun, or the old one never found again. */
async function openOwnKeyStore(config: GateConfig): Promise<KeyStore> {
  const store = await openKeyStore(config.keystore, { production: config.mode === 'production' });
  const expected = config.log_public_key;
  const found = Buffer.from(await store.publicKey(journalKeyName)).toString('base64');
  if (expected === undefined || found === expected) return store;
  store.close();
  throw new SekishoError('config-invalid', { key: 'keystore', reason: 'keystore-of-another-house' });
}

/** Limits other than those checked in. They are no secret. */
function readBudgetsFile(file: string) {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new SekishoError('config-invalid', { key: 'budgets_file', file, reason: 'unreadable' }, { cause });
  }
  return checkJson(text, 'budgets', budgetsSchema);
}

/** Tables older or newer than this program are refused before a key is opened. */
async function checkSchema(config: GateConfig): Promise<void> {
  const pool = openPool(config.databases.gate, { max: 1, name: 'gate-check' });
  try {
    const client = await pool.connect();
    try {
      await migrate(client, [sealMigrations, journalMigrations, gateMigrations], { checkOnly: true });
    } finally {
      client.release();
    }
  } finally {
    await pool.end();
  }
}

/** @throws config-invalid where the certificate file is not there */
async function witnessClient({ name, url, public_key, ca_file }: WitnessPlace): Promise<WitnessClient> {
  return new WitnessClient({
    name,
    url,
    publicKey: Buffer.from(public_key, 'base64'),
    ...(ca_file === undefined ? {} : { fetch: trustingFetch(await readPem(ca_file, 'ca_file')) }),
  });
}

async function start(config: GateConfig, log: Log): Promise<Running> {
  checkTls(config.tls, 'tls');
  await checkSchema(config);
  const clock = systemClock;
  const randomness = systemRandomness();
  const witnesses = await Promise.all(config.witnesses.map(witnessClient));
  const store = await openOwnKeyStore(config);
  const pool = openPool(config.databases.gate, { max: 12, name: 'gate' });
  const keyPool = openPool(config.databases.keys, { max: 4, name: 'gate-keys' });
  const origins = new Map(config.municipalities.map(({ code, origin }) => [code, origin]));
  let gate: GateService | undefined;
  const close = async (): Promise<void> => {
    // The gate first: its journals hold connections, and a pool waits for those to come back.
    await gate?.close();
    await Promise.allSettled([pool.end(), keyPool.end()]);
    store.close();
  };
  try {
    gate = await GateService.open({
      pool,
      store,
      keys: new PersonKeys(keyPool, store, clock, randomness),
      table: residentTable,
      municipalities: [...origins.keys()] as MunicipalityCode[],
      openJournal: async (municipality, onBatch) => {
        const origin = origins.get(municipality);
        if (origin === undefined) throw new SekishoError('not-found', { what: 'municipality' });
        return Journal.open({
          municipality,
          origin,
          pool,
          ...(await journalPorts(store, municipality, origin, randomness)),
          witnesses,
          mirror: join(config.mirror, municipality),
          clock,
          randomness,
          log: log.child('journal'),
          overdueMs: config.overdue_ms,
          onBatch,
        });
      },
      clock,
      randomness,
      log: log.child('gate'),
      // Whoever finds a link is signed in: never where people are real.
      signInLinks: config.mode === 'demo',
      ...(config.sites === undefined ? {} : { sites: config.sites }),
      ...(config.budgets_file === undefined ? {} : { budgets: readBudgetsFile(config.budgets_file) }),
    });
    const app = gateServer({ gate, log, tls: config.tls });
    const url = await app.listen(config.listen);
    return {
      url: url.replace('http://', 'https://'),
      stop: async () => {
        await app.close();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

await runProcess(gateConfig, () => createLog({ process: 'gate' }), start);
