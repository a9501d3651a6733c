import { hash } from 'node:crypto';
import type pg from 'pg';
import { SekishoError } from '../../ground/errors.ts';
import type { MunicipalityCode } from '../../ground/ids.ts';

/**
 * One sequencer per log: a session-level advisory lock, held by the connection that writes. PostgreSQL lets go of it
 * with the connection, never before.
 */
export async function takeLock(client: pg.PoolClient, municipality: MunicipalityCode): Promise<void> {
  const key = hash('sha256', `sekisho-journal\n${municipality}`, 'buffer').readBigInt64BE(0);
  const { rows } = await client.query<{ held: boolean }>('SELECT pg_try_advisory_lock($1) AS held', [
    key.toString(),
  ]);
  if (!rows[0]!.held) throw new SekishoError('journal-unavailable', { reason: 'second-sequencer' });
}

export async function freeLock(client: pg.PoolClient, municipality: MunicipalityCode): Promise<void> {
  const key = hash('sha256', `sekisho-journal\n${municipality}`, 'buffer').readBigInt64BE(0);
  await client.query('SELECT pg_advisory_unlock($1)', [key.toString()]);
}
