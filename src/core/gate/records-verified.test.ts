import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import type { PersonId } from '../../ground/ids.ts';
import { type Stage, staged, stageRooms, stated, town } from './staging/stage.fixture.ts';
import type { Finding, Verified } from './verify-records.ts';

// Rows edited as a database administrator would: each edit must be named by person and line.
let database: FreshDatabase;
let stage: Stage;
let persons: PersonId[] = [];
let next = 0;
beforeAll(async () => {
  database = await freshDatabase(stageRooms);
  stage = await staged(database);
});
beforeEach(async () => {
  // A clean register for each: what an earlier test did to it is taken away with its rows and lines unseen.
  next += 5;
  const results = await stage.populate([0, 1, 2, 3, 4].map((i) => stage.op(next + i)));
  persons = results.map(({ person }) => person!);
});
afterAll(async () => {
  await stage.end();
  await database.drop();
});

const edit = (text: string, values: unknown[]) => database.pool('superuser').query(text, values);
const findings = async () => {
  const found: Finding[] = [];
  let done: Verified | undefined;
  for await (const finding of stage.gate.verify(town, (verified) => {
    done = verified;
  }))
    found.push(finding);
  expect(done!.findings).toBe(found.length);
  return found.filter(({ person }) => person === null || persons.includes(person));
};
const eventTo: Record<string, string> = {
  resident: 'correction',
  deceased: 'death',
  'moved-out': 'move-out',
  removed: 'removal',
};
const change = async (i: number, status: string) => {
  const session = await stage.signIn('registrar');
  const [result] = await stage.gate.write({
    session,
    importId: 'i',
    ops: [
      stage.op(0, {
        requestId: `c-${next}-${i}-${status}`,
        kind: 'record.changed',
        person: persons[i],
        findBy: undefined,
        fields: {},
        clear: stated(eventTo[status]!),
        draw: undefined,
      }),
    ],
  });
  return result!;
};

describe('a register that only the gate has written', () => {
  it('holds what its journal says, changes and number changes included', async () => {
    await change(0, 'deceased');
    await change(0, 'resident');
    expect(await findings()).toEqual([]);
  });
  it('is verified by the security officer over the interface', async () => {
    const session = await stage.signIn('officer');
    const { verified, findings: found } = await stage.gate.verifyRecords({ session });
    expect(found.filter(({ person }) => persons.includes(person!))).toEqual([]);
    expect(verified.rows).toBeGreaterThanOrEqual(5);
    await expect(stage.gate.verifyRecords({ session: await stage.signIn('clerk') })).rejects.toMatchObject({
      kind: 'policy-denied',
    });
  });
});

describe('past the gate', () => {
  it('an open column changed', async () => {
    await edit(`UPDATE trial.resident SET status = 'deceased' WHERE person_id = $1`, [persons[1]]);
    expect(await findings()).toEqual([expect.objectContaining({ finding: 'changed', person: persons[1] })]);
  });
  it('a ciphertext exchanged', async () => {
    await edit('UPDATE trial.resident SET name_sealed = address_sealed WHERE person_id = $1', [persons[2]]);
    expect(await findings()).toEqual([expect.objectContaining({ finding: 'changed', person: persons[2] })]);
  });
  it('an index changed, so that a search would miss him', async () => {
    await edit(`UPDATE trial.resident SET reading_index = '\\x000000' WHERE person_id = $1`, [persons[2]]);
    expect(await findings()).toEqual([expect.objectContaining({ finding: 'changed', person: persons[2] })]);
  });
  it('a row removed', async () => {
    await edit('DELETE FROM trial.resident WHERE person_id = $1', [persons[3]]);
    expect(await findings()).toEqual([expect.objectContaining({ finding: 'removed', person: persons[3] })]);
  });
  it('a row inserted, under a line of its own making', async () => {
    const ghost = '01890000-0000-7000-8000-00000000000a' as PersonId;
    persons.push(ghost);
    await edit(
      `INSERT INTO trial.resident SELECT municipality_code, $2, key_version, 999999, content_digest, name_sealed,
         birth_sealed, address_sealed, number_sealed, resident_code_sealed, household_sealed, NULL, NULL, NULL, NULL,
         NULL, NULL, status, event, event_date FROM trial.resident WHERE person_id = $1`,
      [persons[0], ghost],
    );
    expect(await findings()).toEqual([expect.objectContaining({ finding: 'inserted', person: ghost })]);
    await edit('DELETE FROM trial.resident WHERE person_id = $1', [ghost]);
  });
  it("a row inserted, under another's line", async () => {
    const ghost = '01890000-0000-7000-8000-00000000000b' as PersonId;
    persons.push(ghost);
    await edit(
      `INSERT INTO trial.resident SELECT municipality_code, $2, key_version, line_index, content_digest, name_sealed,
         birth_sealed, address_sealed, number_sealed, resident_code_sealed, household_sealed, NULL, NULL, NULL, NULL,
         NULL, NULL, status, event, event_date FROM trial.resident WHERE person_id = $1`,
      [persons[0], ghost],
    );
    expect(await findings()).toEqual([expect.objectContaining({ finding: 'inserted', person: ghost })]);
    await edit('DELETE FROM trial.resident WHERE person_id = $1', [ghost]);
  });
  it('an older state put back from the history', async () => {
    await change(4, 'deceased');
    await edit('DELETE FROM trial.resident WHERE person_id = $1', [persons[4]]);
    await edit('INSERT INTO trial.resident SELECT * FROM trial.resident_history WHERE person_id = $1', [
      persons[4],
    ]);
    expect(await findings()).toEqual([expect.objectContaining({ finding: 'changed', person: persons[4] })]);
  });
  it('the line index changed to another line', async () => {
    await edit('UPDATE trial.resident SET line_index = 0 WHERE person_id = $1', [persons[1]]);
    const found = await findings();
    expect(found.map(({ finding }) => finding)).toContain('inserted');
  });
});

describe('after records were put back to an earlier point', () => {
  it('what lines since then wrote counts as undone', async () => {
    const pool = database.pool('superuser');
    const to = stage.gate.journal(town).head().size;
    const before = (await pool.query('SELECT * FROM trial.resident WHERE person_id = $1', [persons[0]]))
      .rows[0];
    await change(0, 'deceased');
    const [late] = await stage.populate([stage.op(next + 1_000)]);
    persons.push(late!.person!);
    // The restore: the changed row as it was, the new one gone, and a line that says so.
    await pool.query('DELETE FROM trial.resident WHERE person_id = ANY($1)', [[persons[0], late!.person]]);
    await pool.query('INSERT INTO trial.resident SELECT * FROM trial.resident_history WHERE person_id = $1', [
      persons[0],
    ]);
    await pool.query('DELETE FROM trial.resident_history WHERE person_id = $1', [persons[0]]);
    expect((await findings()).length).toBeGreaterThan(0);
    await stage.gate.journal(town).append({ lines: [{ kind: 'restore.made', body: { to } }] });
    expect(await findings()).toEqual([]);
    expect(Number(before.line_index)).toBeLessThan(to);
  });
});
