import { createPrivateKey, sign } from 'node:crypto';
import type pg from 'pg';
import { type JournalOptions, logVerifierKey, type NoteSigner } from '../core/journal/index.ts';
import { WitnessClient, WitnessServer } from '../core/journal/witness/index.ts';
import type { KeyStore } from '../core/seal/index.ts';
import type { Clock } from '../ground/clock.ts';
import { databaseRole, openPool, type RoleName, type RolePasswords } from '../ground/database/index.ts';
import type { MunicipalityCode } from '../ground/ids.ts';
import type { Log } from '../ground/log.ts';
import type { Randomness } from '../ground/randomness.ts';
import { databaseName } from './house-database.ts';
import { mirrorFolder, readRoles, readSettings } from './init.ts';
import { journalPorts } from './journal-ports.ts';
import { keystoreOf, openKeyStore } from './key-store.ts';
import { type HouseLayout, houseLayout } from './layout.ts';
import { type HouseSettings, readJson, witnessKeySchema } from './settings.ts';

/** What a restore works with: the keys, the witness, the roles' passwords. Nothing of it serves anybody. */
export interface RestoreTools {
  layout: HouseLayout;
  settings: HouseSettings;
  store: KeyStore;
  roles: RolePasswords;
  witness: WitnessClient;
  clock: Clock;
  randomness: Randomness;
  log: Log;
  close(): Promise<void>;
}

export interface ToolOptions {
  folder: string;
  clock: Clock;
  randomness: Randomness;
  log: Log;
  /** Where another machine's witness is to be asked; default: the house's own state, on loopback. */
  witnessUrl?: string;
  /** Production: file with the keystore's passphrase. */
  passphraseFile?: string;
  /** Instead of it: a file for each share. */
  shareFiles?: readonly string[];
}

/** Nobody is kept waiting meanwhile: a slow disk is given its time. */
const witnessTimeoutMs = 30_000;

/** Opens the keystore and reaches the witness. Errors: as the keystore reports; `unreachable`. */
export async function openTools(o: ToolOptions): Promise<RestoreTools> {
  const layout = houseLayout(o.folder);
  const settings = await readSettings(o.folder);
  const production = settings.mode === 'production';
  const store = await openKeyStore(keystoreOf(layout, settings, o), { production });
  try {
    const server = o.witnessUrl === undefined ? await ownWitness(layout, settings, o) : undefined;
    const { name, public_key } = settings.witness;
    const url = o.witnessUrl ?? server!.url;
    return {
      ...{ layout, settings, store, clock: o.clock, randomness: o.randomness, log: o.log },
      roles: await readRoles(layout),
      witness: new WitnessClient({
        name,
        url,
        publicKey: Buffer.from(public_key, 'base64'),
        timeoutMs: witnessTimeoutMs,
      }),
      close: async () => {
        await server?.close();
        store.close();
      },
    };
  } catch (error) {
    store.close();
    throw error;
  }
}

/** The house's witness, on a port of its own, over the state that the stopped one left. */
async function ownWitness(
  layout: HouseLayout,
  settings: HouseSettings,
  o: ToolOptions,
): Promise<{ url: string; close(): Promise<void> }> {
  const key = await readJson(layout.witnessKeyFile, 'witness-key', witnessKeySchema);
  const privateKey = createPrivateKey(key.private_key_pem);
  const signer: NoteSigner = {
    name: settings.witness.name,
    publicKey: Buffer.from(key.public_key, 'base64'),
    sign: (data) => sign(null, data, privateKey),
  };
  const publicKey = Buffer.from(settings.log_public_key, 'base64');
  const server = new WitnessServer({
    signer,
    logs: settings.municipalities.map(({ origin }) => ({
      origin,
      keys: [logVerifierKey({ name: origin, publicKey })],
      successors: true,
    })),
    folder: layout.witness,
    clock: o.clock,
    log: o.log,
  });
  const port = await server.listen(0);
  return { url: `http://127.0.0.1:${port}`, close: () => server.close() };
}

/** A pool of one role on a server that only this process knows of. */
export function rolePool(tools: RestoreTools, admin: pg.ClientConfig, role: RoleName): pg.Pool {
  const login = { ...admin, database: databaseName, user: databaseRole(role), password: tools.roles[role] };
  return openPool(login, { max: 4, name: `restore-${role}` });
}

/** The options with which the gate, too, opens this municipality's journal. */
export async function journalOptions(
  tools: RestoreTools,
  pool: pg.Pool,
  { code, origin }: { code: string; origin: string },
): Promise<JournalOptions> {
  const municipality = code as MunicipalityCode;
  const { store, clock, randomness, log } = tools;
  return {
    municipality,
    origin,
    pool,
    ...(await journalPorts(store, municipality, origin, randomness)),
    witnesses: [tools.witness],
    mirror: mirrorFolder(tools.layout, code),
    clock,
    randomness,
    log: log.child('journal'),
  };
}
