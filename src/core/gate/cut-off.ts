import type pg from 'pg';
import { systemClock } from '../../ground/clock.ts';
import { inTransaction } from '../../ground/database/index.ts';
import type { MunicipalityCode, PersonId } from '../../ground/ids.ts';
import type { Log } from '../../ground/log.ts';
import type { KeyStore } from '../seal/index.ts';
import { Locks } from './locks.ts';
import { RowMacs } from './row-mac.ts';
import { Staff } from './staff.ts';
import { Terminals } from './terminals.ts';

/** Whom a restore has to cut off again. */
export interface CutOff {
  staff: readonly string[];
  terminals: readonly string[];
  /** Staff who had been enrolled with this key (base64): another key that is now on record may have been given up. */
  enrolled: ReadonlyMap<string, string>;
  /** Locks that residents set or lifted: they hold again as they last said. */
  locks: ReadonlyMap<PersonId, { until: number; setAt: number }>;
  /** Whose passkeys were stopped: a lost device's. */
  stopped: { staff: readonly string[]; persons: readonly PersonId[] };
  /** Terminals that another browser has become since. */
  bound: readonly string[];
}

/**
 * For a restore, while no gate is open: what had been taken away after the moment gone back to is taken away again.
 * Members and terminals are suspended, passkeys stopped, all sessions end, all one-time codes are void (one may have been used
 * since), all bulk grants are revoked, enrolments that wait for a second person are withdrawn. The journal's lines of that time
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
  const locks = new Locks({ pool: o.pool, macs, clock: systemClock });
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
    // One of two signatures that were given before the moment; who still wants it asks again.
    await tx.query(
      `UPDATE gate.enrolment SET state = 'withdrawn' WHERE municipality_code = $1 AND state = 'asked'`,
      [municipality],
    );
    for (const [person, lock] of who.locks) await locks.store(tx, { municipality, person, ...lock });
    for (const [column, names] of [
      ['staff_id', who.stopped.staff],
      ['person_id', who.stopped.persons],
    ] as const)
      await tx.query(`DELETE FROM gate.passkey WHERE municipality_code = $1 AND ${column}::text = ANY($2)`, [
        municipality,
        names,
      ]);
    await tx.query(
      'DELETE FROM gate.terminal_secret WHERE municipality_code = $1 AND terminal_id = ANY($2)',
      [municipality, who.bound],
    );
    await tx.query('DELETE FROM gate.invitation WHERE municipality_code = $1', [municipality]);
    const residents = await tx.query('DELETE FROM gate.resident_session WHERE municipality_code = $1', [
      municipality,
    ]);
    const sessions = await tx.query('DELETE FROM gate.session WHERE municipality_code = $1', [municipality]);
    return {
      suspended: members.length + places.length,
      sessionsEnded: (sessions.rowCount ?? 0) + (residents.rowCount ?? 0),
      grantsRevoked: grants.rowCount ?? 0,
    };
  });
}
