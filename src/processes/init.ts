import { generateKeyPairSync } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createFileKeyStore, writeDemoPassphrase } from '../core/seal/index.ts';
import { drawRolePasswords, type RolePasswords } from '../ground/database/index.ts';
import { SekishoError } from '../ground/errors.ts';
import { systemRandomness } from '../ground/randomness.ts';
import { makeCertificates } from './house-certificates.ts';
import { journalKeyName } from './journal-ports.ts';
import { keystoreOf, openKeyStore, readUnlock, tokenFolder } from './key-store.ts';
import { type HouseLayout, houseLayout, makeFolders } from './layout.ts';
import {
  type HouseSettings,
  houseSettings,
  type KeystoreConfig,
  readJson,
  rolesSchema,
  witnessKeySchema,
  writeJson,
} from './settings.ts';

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
  /** Production: the keys are made in this PKCS#11 token and there is no keystore file. */
  token?: { module: string; label: string; pinFile: string; store: string };
  /** Hosts that the certificates name besides `localhost` and `127.0.0.1`. */
  hosts?: readonly string[];
  onStep?: (step: 'folders' | 'certificates' | 'keystore' | 'witness' | 'settings') => void;
}

/** True where `init` has been carried out to its end: the settings are written last. */
export function isInitialised(folder: string): boolean {
  return existsSync(houseLayout(folder).settingsFile);
}

/**
 * Makes the keys, certificates and role passwords of a new house. Cut short, it is simply run again: what exists is kept.
 * Errors: `already-exists` when the house has been made; `keystore-missing` when production is given no passphrase; those of
 * `openKeyStore`; `bad-input` for a token in a demonstration or a host that is none.
 */
export async function initHouse(options: InitOptions): Promise<HouseSettings> {
  const layout = houseLayout(options.folder);
  if (existsSync(layout.settingsFile)) throw new SekishoError('already-exists', { what: 'house' });
  options.onStep?.('folders');
  makeFolders(layout);
  if (!existsSync(layout.rolesFile)) await writeJson(layout.rolesFile, drawRolePasswords(systemRandomness()));
  options.onStep?.('certificates');
  await makeCertificates(layout, options.hosts);
  options.onStep?.('keystore');
  const keystore = await makeKeystore(layout, options);
  const logKey = await logPublicKey(keystore, options.mode === 'production');
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
    log_public_key: logKey,
    ...(keystore.kind === 'pkcs11' ? { keystore } : {}),
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

/** The keystore file, made unless it is there, or what the token takes. */
async function makeKeystore(layout: HouseLayout, options: InitOptions): Promise<KeystoreConfig> {
  const { mode, token } = options;
  const production = mode === 'production';
  if (token !== undefined) {
    if (!production) throw new SekishoError('bad-input', { what: 'mode', reason: 'token-in-demo' });
    const { module, label, pinFile, store } = token;
    // Absolute: a later start may come from another folder.
    const place = { module: resolve(module), pin_file: resolve(pinFile), folder: tokenFolder(layout) };
    return { kind: 'pkcs11', token: label, store, ...place };
  }
  const passphraseFile = options.passphraseFile ?? layout.passphraseFile;
  const randomness = systemRandomness();
  if (!production && !existsSync(passphraseFile)) await writeDemoPassphrase(passphraseFile, randomness);
  const unlock = await readUnlock({ passphraseFile }, { production });
  if (!existsSync(layout.keystoreFile))
    await createFileKeyStore(layout.keystoreFile, unlock, randomness, { demo: !production });
  return keystoreOf(layout, {}, { passphraseFile });
}

/** The public half of the key that signs the journals: opens the store, and in a token makes the key. */
async function logPublicKey(keystore: KeystoreConfig, production: boolean): Promise<string> {
  const store = await openKeyStore(keystore, { production });
  try {
    return Buffer.from(await store.publicKey(journalKeyName)).toString('base64');
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
