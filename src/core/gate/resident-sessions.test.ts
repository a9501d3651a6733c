import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import { manualClock } from '../../ground/clock.ts';
import type { PersonId } from '../../ground/ids.ts';
import { silentLog } from '../../ground/log.ts';
import { systemRandomness } from '../../ground/randomness.ts';
import { StoredResidentSessions } from './resident-sessions.ts';
import { RowMacs } from './row-mac.ts';
import { Stage, stageRooms, town } from './staging/stage.fixture.ts';

const person = '01890000-0000-7000-8000-000000000001' as PersonId;
const other = '01890000-0000-7000-8000-000000000002' as PersonId;
const minute = 60_000;
let database: FreshDatabase;
let stage: Stage;
let clock: ReturnType<typeof manualClock>;
let sessions: StoredResidentSessions;
beforeAll(async () => {
  database = await freshDatabase(stageRooms);
  stage = new Stage({ gatePool: database.pool('gate', 4), keysPool: database.pool('keys') });
});
beforeEach(() => {
  clock = manualClock();
  sessions = made();
});
afterAll(async () => {
  await stage?.end();
  await database?.drop();
});

const made = () =>
  new StoredResidentSessions({
    ...{ pool: database.pool('gate'), clock, randomness: systemRandomness() },
    ...{ macs: new RowMacs(stage.store, silentLog), log: silentLog },
  });
const start = async (whose = person) => (await sessions.start({ municipality: town, person: whose })).session;
const reasonOf = (session: string) => {
  try {
    sessions.require(session);
    return 'live';
  } catch (error) {
    return (error as { facts: { reason: string } }).facts.reason;
  }
};

describe("a resident's session", () => {
  it('says whose it is, and names itself in lines by what opens nothing', async () => {
    const session = await start();
    const resident = sessions.require(session);
    expect(resident).toMatchObject({ municipality: town, person });
    expect(resident.ref).toMatch(/^[0-9a-f]{16}$/);
    expect(reasonOf(resident.ref)).toBe('unknown');
    expect(session).toMatch(/^[\w-]{43}$/);
  });

  it('ends after fifteen idle minutes', async () => {
    const session = await start();
    clock.advance(15 * minute - 1);
    expect(reasonOf(session)).toBe('live');
    clock.advance(15 * minute);
    expect(reasonOf(session)).toBe('idle');
    expect(reasonOf(session)).toBe('unknown');
  });

  it('ends after eight hours, however busy', async () => {
    const { session, expiresAt } = await sessions.start({ municipality: town, person });
    while (clock.now() + 10 * minute < expiresAt) {
      clock.advance(10 * minute);
      expect(reasonOf(session)).toBe('live');
    }
    clock.set(expiresAt);
    expect(reasonOf(session)).toBe('absolute');
  });

  it('ends where the clock was turned back behind its last use', async () => {
    const session = await start();
    clock.advance(-2 * minute);
    expect(reasonOf(session)).toBe('clock');
  });

  it('outlives a restart, with its idle time', async () => {
    const session = await start();
    clock.advance(5 * minute);
    expect(reasonOf(session)).toBe('live');
    await expect
      .poll(async () => {
        const { rows } = await database
          .pool('superuser')
          .query('SELECT 1 FROM gate.resident_session WHERE used_at_ms = $1', [clock.now()]);
        return rows.length;
      })
      .toBe(1);
    sessions = made();
    await sessions.load();
    expect(sessions.require(session).person).toBe(person);
    clock.advance(15 * minute);
    sessions = made();
    await sessions.load();
    expect(reasonOf(session)).toBe('idle');
  });

  it('is ended by hand, and all of one resident together, also for the next start', async () => {
    const [first, second, foreign] = [await start(), await start(), await start(other)];
    await sessions.end(first);
    await sessions.end('none');
    expect([first, second, foreign].map(reasonOf)).toEqual(['unknown', 'live', 'live']);
    expect(await sessions.endOf(person)).toBeGreaterThanOrEqual(1);
    sessions = made();
    await sessions.load();
    expect([first, second, foreign].map(reasonOf)).toEqual(['unknown', 'unknown', 'live']);
  });

  it('lies in no table: neither its id nor what leads to it', async () => {
    const session = await start();
    const { rows } = await database.pool('superuser').query('SELECT * FROM gate.resident_session');
    expect(rows.length).toBeGreaterThan(0);
    expect(JSON.stringify(rows)).not.toContain(session);
  });

  it.each([
    ['another person', `person_id = '${other}'`],
    ['a later start', 'started_at_ms = started_at_ms + 1000'],
    ['another town', `municipality_code = '131024'`],
  ])('put into the table past the gate counts as none: %s', async (_what, change) => {
    const session = await start();
    const { ref } = sessions.require(session);
    await database
      .pool('superuser')
      .query(`UPDATE gate.resident_session SET ${change} WHERE left(encode(session_hash, 'hex'), 16) = $1`, [
        ref,
      ]);
    sessions = made();
    await sessions.load();
    expect(reasonOf(session)).toBe('unknown');
  });

  it('is drawn anew each time, and stored with the line of a sign-in where there is one', async () => {
    const drawn = sessions.draw({ municipality: town, person });
    expect(reasonOf(drawn.id)).toBe('unknown');
    await sessions.store(database.pool('gate'), drawn);
    sessions.add(drawn);
    expect(reasonOf(drawn.id)).toBe('live');
    expect(sessions.draw({ municipality: town, person }).id).not.toBe(drawn.id);
  });
});
