import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import { SekishoError } from '../../ground/errors.ts';
import { decodeLine } from '../journal/index.ts';
import { otherTown, type Stage, stagedTowns, stageRooms, stated, town } from './staging/stage.fixture.ts';

let database: FreshDatabase;
let stage: Stage;
beforeAll(async () => {
  database = await freshDatabase(stageRooms);
  stage = await stagedTowns(database);
});
afterAll(async () => {
  await stage.end();
  await database.drop();
});

const rows = async (person: string) =>
  (
    await database
      .pool('superuser')
      .query('SELECT * FROM trial.resident WHERE person_id = $1 ORDER BY municipality_code', [person])
  ).rows;
const kinds = async (municipality: typeof town, person: string) =>
  (await stage.gate.journal(municipality).linesOf(person as never)).map((line) => decodeLine(line.payload));
const arrive = async (i: number) => {
  const op = stage.op(i);
  const [created] = await stage.populate([op]);
  const session = await stage.signIn('clerk-x', 't-01-x');
  const { caseId } = await stage.gate.openCase({ session, purpose: 'move-in', note: '' });
  const arrival = {
    ...op,
    ...{ requestId: `arrive-${i}`, municipality: otherTown, findBy: 'resident_code' as const },
    fields: { ...op.fields, address: { address: '新しい町' }, household: { address_number: `77${i}` } },
    clear: { status: 'resident', event: 'move-in', event_date: '2026-05-01' },
  };
  return { created: created!, session, caseId, arrival };
};

describe('a mover', () => {
  it('keeps person and number, is re-indexed where he arrives and written out where he left', async () => {
    const { created, session, caseId, arrival } = await arrive(1);
    const [moved] = await stage.gate.write({ session, caseId, ops: [arrival] });
    expect(moved).toMatchObject({ outcome: 'created', person: created.person });
    const [old, present] = await rows(created.person!);
    expect(old).toMatchObject({
      municipality_code: town,
      status: 'moved-out',
      event: 'move-out',
      event_date: '2026-05-01',
    });
    expect(present).toMatchObject({ municipality_code: otherTown, status: 'resident' });
    expect(present.number_index).toEqual(old.number_index);
    expect(present.reading_index).not.toEqual(old.reading_index);
    expect((await kinds(otherTown, created.person!))[0]).toMatchObject({
      kind: 'record.moved',
      body: { from: town, to: otherTown, after: moved!.state },
    });
    expect((await kinds(town, created.person!))[0]).toMatchObject({
      kind: 'record.moved',
      body: { status: 'moved-out', from: town, to: otherTown, actor: 'gate' },
    });
    const { rows: national } = await database
      .pool('superuser')
      .query('SELECT municipality_code, state FROM national.number_index WHERE number_index = $1', [
        old.number_index,
      ]);
    expect(national).toEqual([{ municipality_code: otherTown, state: 'active' }]);
  });

  it('is opened where he lives now, with his old number', async () => {
    const { created, session, caseId, arrival } = await arrive(2);
    const before = await stage.desk('supervisor', 'number-change');
    const number = await stage.gate.open({ ...before, person: created.person!, groups: ['number'] });
    await stage.gate.write({ session, caseId, ops: [arrival] });
    const after = await stage.gate.open({
      session,
      caseId,
      person: created.person!,
      groups: ['number', 'address'],
    });
    expect(after.fields['number']).toEqual(number.fields['number']);
    expect(after.fields['address']).toEqual({ address: '新しい町' });
  });

  it('leaves both registers true to their journals', async () => {
    for (const municipality of [town, otherTown]) {
      const findings = [];
      for await (const finding of stage.gate.verify(municipality)) findings.push(finding);
      expect(findings).toEqual([]);
    }
  });

  it('is found by number from another municipality, but nothing of him is shown', async () => {
    const [created] = await stage.populate([stage.op(3)]);
    const desk = await stage.desk('supervisor', 'number-change');
    const { fields } = await stage.gate.open({ ...desk, person: created!.person!, groups: ['number'] });
    const session = await stage.signIn('clerk-x', 't-01-x');
    const { caseId } = await stage.gate.openCase({ session, purpose: 'move-in', note: '' });
    const { hits } = await stage.gate.search({
      session,
      caseId,
      by: { number: fields['number']!['number']! },
    });
    expect(hits).toEqual([{ person: created!.person, masked: {}, status: 'elsewhere' }]);
  });

  it('comes home again into his old row', async () => {
    const { created, session, caseId, arrival } = await arrive(4);
    await stage.gate.write({ session, caseId, ops: [arrival] });
    const home = await stage.desk('clerk', 'move-in');
    const back = {
      ...stage.op(4),
      ...{ fields: arrival.fields, requestId: 'home-4', findBy: 'resident_code' as const },
    };
    const [result] = await stage.gate.write({ ...home, ops: [back] });
    expect(result).toMatchObject({ outcome: 'changed', person: created.person });
    const [here, there] = await rows(created.person!);
    expect([here.status, there.status]).toEqual(['resident', 'moved-out']);
  });

  it('is not moved under a purpose that is no move-in', async () => {
    const { created, session, arrival } = await arrive(5);
    const { caseId } = await stage.gate.openCase({ session, purpose: 'ex-officio-entry', note: '' });
    const entered = { ...arrival, clear: stated('birth') };
    const [result] = await stage.gate.write({ session, caseId, ops: [entered] });
    expect(result).toMatchObject({
      outcome: 'refused',
      kind: 'no-authority',
      facts: { ask: 'write:record.moved' },
    });
    expect(await rows(created.person!)).toHaveLength(1);
  });

  it('is written out at the next start when the gate died after he arrived', async () => {
    const { created, session, caseId, arrival } = await arrive(6);
    // The old town's journal refuses its line: as good as dying in between.
    const journal = stage.gate.journal(town);
    const append = journal.append;
    journal.append = () => Promise.reject(new SekishoError('journal-unavailable', { outcome: 'none' }));
    const [moved] = await stage.gate.write({ session, caseId, ops: [arrival] });
    journal.append = append;
    expect(moved!.outcome).toBe('created');
    expect((await rows(created.person!))[0]!.status).toBe('resident');
    await stage.reopen();
    expect((await rows(created.person!))[0]!.status).toBe('moved-out');
    const { rows: due } = await database.pool('superuser').query('SELECT * FROM gate.departure');
    expect(due).toEqual([]);
  });
});
