import { generateKeyPairSync } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  createFileKeyStore,
  openFileKeyStore,
  readPassphraseFile,
  writeDemoPassphrase,
} from '../core/seal/index.ts';
import { systemClock } from '../ground/clock.ts';
import { drawRolePasswords, type RolePasswords } from '../ground/database/index.ts';
import { SekishoError } from '../ground/errors.ts';
import { createAuthority, issueCertificate, type TlsMaterial } from '../ground/http/index.ts';
import { systemRandomness } from '../ground/randomness.ts';
import { type HouseLayout, houseLayout, makeFolders } from './layout.ts';
import {
  type HouseSettings,
  houseSettings,
  readJson,
  rolesSchema,
  witnessKeySchema,
  writeJson,
} from './settings.ts';

/** The processes that hold a certificate; the names are those of the gate's `callers.json`. */
const certified = ['gate', 'office', 'cli-admin'] as const;

export interface InitOptions {
  folder: string;
  /** Local government codes with check digit; one journal each. */
  municipalities: readonly string[];
  /** First part of each log's origin, a name that is the operator's own. */
  originPrefix: string;
  mode: 'demo' | 'production';
  database: string;
  /** Production: the file that holds the passphrase for the new keystore. */
  passphraseFile?: string;
  onStep?: (step: 'folders' | 'certificates' | 'keystore' | 'witness' | 'settings') => void;
}

/** True where `init` has been carried out to its end: the settings are written last. */
export function isInitialised(folder: string): boolean {
  return existsSync(houseLayout(folder).settingsFile);
}

/**
 * Makes the keys, certificates and role passwords of a new house. Cut short, it is simply run again: what exists is kept.
 * Errors: `already-exists` when the house has been made; `keystore-missing` when production is given no passphrase.
 */
export async function initHouse(options: InitOptions): Promise<HouseSettings> {
  const layout = houseLayout(options.folder);
  if (existsSync(layout.settingsFile)) throw new SekishoError('already-exists', { what: 'house' });
  options.onStep?.('folders');
  makeFolders(layout);
  if (!existsSync(layout.rolesFile)) await writeJson(layout.rolesFile, drawRolePasswords(systemRandomness()));
  options.onStep?.('certificates');
  await makeCertificates(layout);
  options.onStep?.('keystore');
  const logKey = await makeKeystore(layout, options);
  options.onStep?.('witness');
  const witnessKey = await makeWitnessKey(layout);
  options.onStep?.('settings');
  const settings: HouseSettings = {
    format: 'sekisho-house/v1',
    mode: options.mode,
    municipalities: options.municipalities.map((code) => ({
      code,
      origin: `${options.originPrefix}/journal/${code}`,
    })),
    log_public_key: logKey.toString('base64'),
    witness: { name: `${options.originPrefix}/witness`, public_key: witnessKey },
    database: options.database,
  };
  await writeJson(layout.settingsFile, settings);
  return settings;
}

/** The settings of a house. Errors: `keystore-missing` where there is none yet. */
export function readSettings(folder: string): Promise<HouseSettings> {
  return readJson(houseLayout(folder).settingsFile, 'house', houseSettings);
}

export function readRoles(layout: HouseLayout): Promise<RolePasswords> {
  return readJson(layout.rolesFile, 'role-passwords', rolesSchema);
}

async function makeCertificates(layout: HouseLayout): Promise<void> {
  if (certified.every((name) => existsSync(layout.tls(name)))) return;
  const authority = await createAuthority(systemClock, systemRandomness());
  for (const name of certified) {
    const material: TlsMaterial = await issueCertificate(authority, name, ['localhost', '127.0.0.1']);
    await writeJson(layout.tls(name), material);
  }
  // The authority's own key is not kept: a new certificate means a new set, so nobody can add a caller later.
}

async function makeKeystore(layout: HouseLayout, options: InitOptions): Promise<Buffer> {
  const randomness = systemRandomness();
  const production = options.mode === 'production';
  const passphraseFile = options.passphraseFile ?? layout.passphraseFile;
  if (!production && !existsSync(passphraseFile)) await writeDemoPassphrase(passphraseFile, randomness);
  const passphrase = await readPassphraseFile(passphraseFile, { production });
  if (!existsSync(layout.keystoreFile)) {
    await createFileKeyStore(layout.keystoreFile, { passphrase }, randomness, { demo: !production });
  }
  const store = await openFileKeyStore(layout.keystoreFile, { passphrase }, { production });
  try {
    return Buffer.from(store.publicKey('journal'));
  } finally {
    store.close();
  }
}

async function makeWitnessKey(layout: HouseLayout): Promise<string> {
  if (!existsSync(layout.witnessKeyFile)) {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    await writeJson(layout.witnessKeyFile, {
      private_key_pem: privateKey.export({ format: 'pem', type: 'pkcs8' }),
      public_key: publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64'),
    });
  }
  const key = await readJson(layout.witnessKeyFile, 'witness-key', witnessKeySchema);
  return key.public_key;
}

/** Where the journal of a municipality is mirrored. */
export function mirrorFolder(layout: HouseLayout, code: string): string {
  return join(layout.journal, code);
}
