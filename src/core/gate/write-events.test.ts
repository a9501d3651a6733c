import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import type { PersonId } from '../../ground/ids.ts';
import { type Stage, staged, stageRooms, stated, town } from './staging/stage.fixture.ts';
import { trialTable } from './staging/trial-table.fixture.ts';
import type { Statute } from './statute-table.ts';
import type { WriteOp } from './write-op.ts';

// Authority to write goes by event and by group: a case for a move carries no death and no other name.

const folder = join(import.meta.dirname, 'statutes');
/** Read here by itself: the oracle knows nothing of the compiled table. */
const rows = readdirSync(folder)
  .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Statute)
  .filter((row) => row.requester === 'resident-desk' && row.conditions.includes('case'));
const staffOf: Record<string, string> = {
  clerk: 'clerk',
  supervisor: 'supervisor',
  registrar: 'registrar',
  officer: 'officer',
};

let database: FreshDatabase;
let stage: Stage;
let admin: ReturnType<FreshDatabase['pool']>;
const desks = new Map<string, { session: string; caseId: string }>();
let persons: PersonId[];
const runs = 160;

beforeAll(async () => {
  database = await freshDatabase(stageRooms);
  stage = await staged(database);
  admin = database.pool('superuser', 1);
  const sessions = new Map<string, string>();
  for (const { roles, purpose } of rows) {
    const staff = staffOf[roles[0]!]!;
    const session = sessions.get(staff) ?? (await stage.signIn(staff));
    sessions.set(staff, session);
    desks.set(purpose, { session, ...(await stage.gate.openCase({ session, purpose, note: '' })) });
  }
  const made = await stage.populate(Array.from({ length: runs }, (_, i) => stage.op(i)));
  persons = made.map(({ person }) => person!);
});
afterAll(async () => {
  await stage?.end();
  await database?.drop();
});

const lineOf = async (person: PersonId): Promise<string> => {
  const found = await admin.query<{ line_index: string }>(
    'SELECT line_index FROM trial.resident WHERE person_id = $1',
    [person],
  );
  return String(found.rows[0]?.line_index);
};

const values: Record<string, Record<string, string>> = {
  name: { name: '別の氏名' },
  birth: { date: '1950-02-03' },
  address: { address: '別の住所' },
  household: { relation: '同居人' },
};

describe('a write', () => {
  it('is done only where a row of its purpose names its event and each of its groups', async () => {
    let next = 0;
    const seen = { allowed: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...rows),
        fc.constantFrom(...Object.keys(trialTable.events.rules)),
        fc.uniqueArray(fc.constantFrom(...Object.keys(values)), { maxLength: 2 }),
        fc.constantFrom('record.changed' as const, 'record.corrected' as const),
        async (row, event, groups, kind) => {
          const person = persons[next++ % persons.length]!;
          const op: WriteOp = {
            ...{ requestId: `event-${next}`, table: 'resident', kind, municipality: town, person },
            fields: Object.fromEntries(groups.map((group) => [group, values[group]!])),
            ...{ clear: stated(event), reason: 'as stated' },
          };
          const lawful = rows.some(
            ({ purpose, writes, events }) =>
              purpose === row.purpose &&
              writes.includes(kind) &&
              Object.hasOwn(events, event) &&
              groups.every((group) => events[event]!.includes(group)),
          );
          const before = await lineOf(person);
          const [result] = await stage.gate.write({ ...desks.get(row.purpose)!, ops: [op] });
          seen[lawful ? 'allowed' : 'refused']++;
          if (lawful) expect(result?.kind).not.toBe('no-authority');
          else {
            expect(result).toMatchObject({ outcome: 'refused', kind: 'no-authority' });
            expect(await lineOf(person)).toBe(before);
          }
        },
      ),
      { numRuns: runs },
    );
    expect(seen.allowed).toBeGreaterThan(0);
    expect(seen.refused).toBeGreaterThan(20);
  });

  it.each([
    ['a death that leaves a resident', { ...stated('death'), status: 'resident' }, 'event-leads-elsewhere'],
    [
      'a move within that closes the record',
      { ...stated('move-within'), status: 'removed' },
      'event-leads-elsewhere',
    ],
    ['a status without an event', { status: 'deceased' }, 'event-and-status'],
    ['an event without a status', { event: 'death' }, 'event-and-status'],
    [
      'an event that nobody knows',
      { status: 'resident', event: 'nonsense', event_date: '2026-05-02' },
      'event-unknown',
    ],
  ])('refuses %s', async (_, clear, reason) => {
    const person = persons[0]!;
    const before = await lineOf(person);
    const session = await stage.signIn('registrar');
    const op = {
      requestId: `bad-${reason}-${Object.keys(clear).length}`,
      table: 'resident',
      municipality: town,
    };
    const [result] = await stage.gate.write({
      ...{ session, importId: 'i' },
      ops: [{ ...op, kind: 'record.changed', person, fields: {}, clear }],
    });
    expect(result).toMatchObject({ outcome: 'refused', kind: 'bad-input', facts: { at: 'clear', reason } });
    expect(await lineOf(person)).toBe(before);
  });
});
