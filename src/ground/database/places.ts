import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SekishoError } from '../errors.ts';
import type { Randomness } from '../randomness.ts';
import { type Account, reachable } from './binaries.ts';

/** sun_path holds 104 bytes on macOS, 108 on Linux, with the final NUL. */
const socketPathMax = 103;

/**
 * A folder for the account. Below a closed folder (root's home) it lies in /var/lib/sekisho, with a link to it. A link
 * whose end is gone is an error and not a reason to begin anew: the records were there.
 */
export function place(folder: string, name: string, account: Account | undefined, mode: number): string {
  const wanted = join(folder, name);
  if (!existsSync(wanted)) {
    if (lstatSync(wanted, { throwIfNoEntry: false }) !== undefined)
      throw new SekishoError('database-unavailable', { reason: 'link-leads-nowhere', what: name });
    mkdirSync(join(wanted, '..'), { recursive: true });
    if (reachable(wanted, account)) mkdirSync(wanted, { mode });
    else {
      const base = existsSync('/var/lib') ? '/var/lib/sekisho' : tmpdir();
      mkdirSync(base, { recursive: true, mode: 0o755 });
      symlinkSync(mkdtempSync(join(base, 'postgres-')), wanted);
    }
    chmodSync(wanted, mode);
    if (account !== undefined) chownSync(wanted, account.uid, account.gid);
  }
  return realpathSync(wanted);
}

/** The superuser's password, drawn once. It lies outside the cluster, readable for its owner alone. */
export function keepPassword(folder: string, randomness: Randomness): string {
  const file = join(folder, 'superuser-password');
  if (!existsSync(file)) writeFileSync(file, randomness.bytes(24).toString('base64url'), { mode: 0o600 });
  return readFileSync(file, 'utf8');
}

/** Beside the cluster if the path is short enough and the account can get there, else a fresh folder in /tmp. */
export function socketFolder(folder: string, account: Account | undefined): string {
  const own = join(folder, 'socket');
  if (Buffer.byteLength(`${own}/.s.PGSQL.5432.lock`) <= socketPathMax && reachable(own, account))
    return place(folder, 'socket', account, 0o700);
  const spare = mkdtempSync(join('/tmp', 'sekisho-'));
  if (account !== undefined) chownSync(spare, account.uid, account.gid);
  return spare;
}
