import { generateKeyPairSync } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writePrivateFile } from '../../ground/private-file.ts';
import type { Cli } from './cli.ts';
import { dataFolder, type StaffKey } from './house.ts';

/** A device key just made: its private half lies in the file, and the gate is told the public one. */
export interface NewStaffKey {
  file: string;
  /** Ed25519, 32 raw bytes, base64. */
  publicKey: string;
  /** For where the gate refuses: a key that is enrolled nowhere is of no use. */
  remove(): Promise<void>;
}

const fileOf = (cli: Cli, name: string) => join(dataFolder(cli), 'staff', `${name}.json`);

/**
 * Makes the device key of a new member of staff in `staff/<name>.json`, for its owner alone.
 * The file comes first, and only if it is new: an enrolled key that nobody holds could never sign in.
 * @param name a word, checked by the caller: it becomes a file's name
 * @throws already-exists
 */
export async function makeStaffKey(cli: Cli, name: string, terminal: string): Promise<NewStaffKey> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const file = fileOf(cli, name);
  await mkdir(join(dataFolder(cli), 'staff'), { recursive: true, mode: 0o700 });
  const privateKeyPem = String(privateKey.export({ format: 'pem', type: 'pkcs8' }));
  await writePrivateFile(
    file,
    `${JSON.stringify({ staff: name, terminal, privateKeyPem }, null, 2)}\n`,
    false,
  );
  return {
    file,
    // The last 32 bytes of an Ed25519 SubjectPublicKeyInfo (RFC 8410 §4) are the raw key.
    publicKey: publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64'),
    remove: () => rm(file, { force: true }),
  };
}

/** Writes a sign-in file again whose PIN has changed; only a demonstration's holds one. */
export async function keepPin(cli: Cli, name: string, key: StaffKey, pin: string): Promise<void> {
  if (key.pin === undefined) return;
  await writePrivateFile(fileOf(cli, name), `${JSON.stringify({ ...key, pin }, null, 2)}\n`, true);
}
