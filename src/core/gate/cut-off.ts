import type pg from 'pg';
import { inTransaction } from '../../ground/database/index.ts';
import type { MunicipalityCode } from '../../ground/ids.ts';
import type { Log } from '../../ground/log.ts';
import type { KeyStore } from '../seal/index.ts';
import { RowMacs } from './row-mac.ts';
import { Staff } from './staff.ts';
import { Terminals } from './terminals.ts';

/** Whom a restore has to cut off again. */
export interface CutOff {
  staff: readonly string[];
  terminals: readonly string[];
  /** Staff who had been enrolled with this key (base64): another key that is now on record may have been given up. */
  enrolled: ReadonlyMap<string, string>;
}

/**
 * For a restore, while no gate is open: what had been taken away after the moment gone back to is taken away again.
 * Members and terminals are suspended, all sessions end, all bulk grants are revoked. The journal's lines of that time
 * order it, so no new ones are written.
 */
export async function cutOffAgain(
  o: { pool: pg.Pool; store: KeyStore; log: Log },
  municipality: MunicipalityCode,
  who: CutOff,
): Promise<{ suspended: number; sessionsEnded: number; grantsRevoked: number }> {
  const macs = new RowMacs(o.store, o.log);
  const staff = new Staff(o.pool, macs);
  const terminals = new Terminals(o.pool, macs);
  await staff.load();
  await terminals.load();
  const replaced = [...who.enrolled].filter(
    ([name, key]) => staff.find(name)?.publicKey.equals(Buffer.from(key, 'base64')) === false,
  );
  const members = [...new Set([...who.staff, ...replaced.map(([name]) => name)])].flatMap((name) => {
    const member = staff.find(name);
    return member?.municipality === municipality && member.state !== 'suspended' ? [member] : [];
  });
  const places = who.terminals.flatMap((name) => {
    const terminal = terminals.find(municipality, name);
    return terminal !== undefined && terminal.state !== 'suspended' ? [terminal] : [];
  });
  return inTransaction(o.pool, async (tx) => {
    for (const member of members) await staff.storeState(tx, member, 'suspended');
    for (const terminal of places) await terminals.storeState(tx, terminal, 'suspended');
    const grants = await tx.query(
      `UPDATE gate.bulk_grant SET state = 'revoked' WHERE municipality_code = $1 AND state <> 'revoked'`,
      [municipality],
    );
    const sessions = await tx.query('DELETE FROM gate.session WHERE municipality_code = $1', [municipality]);
    return {
      suspended: members.length + places.length,
      sessionsEnded: sessions.rowCount ?? 0,
      grantsRevoked: grants.rowCount ?? 0,
    };
  });
}
