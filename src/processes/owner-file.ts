import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, statSync, writeSync } from 'node:fs';
import { SekishoError } from '../ground/errors.ts';

/** Writes a file that only its owner can read: whole or not at all (temporary name, fsync, rename). */
export function writeOwnerFile(file: string, content: string): void {
  const temporary = `${file}.${process.pid}.new`;
  const handle = openSync(temporary, 'w', 0o600);
  try {
    writeSync(handle, content);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(temporary, file);
}

/** Reads such a file. Errors: `keystore-missing` with what is missing, `keystore-unsafe` where others may read it. */
export function readOwnerFile(file: string, what: string): string {
  if (!existsSync(file)) throw new SekishoError('keystore-missing', { missing: what });
  if (process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0) {
    throw new SekishoError('keystore-unsafe', { what, reason: 'readable-by-others' });
  }
  return readFileSync(file, 'utf8');
}

export function writeOwnerJson(file: string, value: unknown): void {
  writeOwnerFile(file, `${JSON.stringify(value, null, 2)}\n`);
}

export function readOwnerJson<T>(file: string, what: string): T {
  const text = readOwnerFile(file, what);
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new SekishoError('config-invalid', { what, reason: 'not-json' });
  }
}
