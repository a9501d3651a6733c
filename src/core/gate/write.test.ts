import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import { SekishoError } from '../../ground/errors.ts';
import { seededRandomness } from '../../ground/randomness.ts';
import { decodeLine } from '../journal/index.ts';
import { drawResidentRecordCode } from '../numbers/index.ts';
import { stateDigest } from './row-digest.ts';
import { otherTown, type Stage, staged, stageRooms, stated, town } from './staging/stage.fixture.ts';
import { trialTable } from './staging/trial-table.fixture.ts';

let database: FreshDatabase;
let stage: Stage;
let session: string;
beforeAll(async () => {
  database = await freshDatabase(stageRooms);
  stage = await staged(database);
  session = await stage.signIn('registrar');
});
afterAll(async () => {
  await stage.end();
  await database.drop();
});

const write = (...ops: ReturnType<Stage['op']>[]) => stage.gate.write({ session, importId: 'import-1', ops });
const sql = async (text: string, values: unknown[] = []) =>
  (await database.pool('superuser').query(text, values)).rows;
const count = async (table: string) => Number((await sql(`SELECT count(*) FROM ${table}`))[0].count);
const row = async (person: string) =>
  (await sql('SELECT * FROM trial.resident WHERE person_id = $1', [person]))[0];
const lines = async (person: string) =>
  (await stage.gate.journal(town).linesOf(person as never)).map((line) => ({
    index: line.index,
    ...decodeLine(line.payload),
  }));

describe('a new resident', () => {
  it('gets row, number, nation-wide indexes and line in one transaction', async () => {
    const [result] = await write(stage.op(1));
    expect(result).toMatchObject({ requestId: 'op-1', outcome: 'created', line: expect.any(Number) });
    const stored = await row(result!.person!);
    expect(Number(stored.line_index)).toBe(result!.line);
    expect(stored.number_sealed).toBeInstanceOf(Buffer);
    const [national] = await sql('SELECT * FROM national.number_index WHERE number_index = $1', [
      stored.number_index,
    ]);
    expect(national).toMatchObject({ person_id: result!.person, municipality_code: town, state: 'active' });
    const [line] = await lines(result!.person!);
    expect(line).toMatchObject({
      kind: 'record.created',
      body: {
        before: null,
        replaces: null,
        outcome: 'created',
        number: 'drawn',
        basis: 'jukiho-5',
        import: 'import-1',
      },
    });
    expect(line!.body['after']).toBe(result!.state);
  });

  it('has a state that anyone can recompute from the stored columns, without any key', async () => {
    const [result] = await write(stage.op(2));
    const stored = await row(result!.person!);
    expect(stateDigest(trialTable, town, result!.person!, stored).toString('hex')).toBe(result!.state);
  });

  it('shows no plaintext anywhere in the database', async () => {
    const [result] = await write(stage.op(3));
    const dump = JSON.stringify(await row(result!.person!));
    for (const value of ['氏名3', 'よみ3', '一丁目3番', '1913-04-01']) {
      expect(dump).not.toContain(value);
      expect(dump).not.toContain(Buffer.from(value).toString('hex'));
    }
  });
});

describe('the same again', () => {
  it('with the same request gives the same outcome, and writes nothing', async () => {
    const op = stage.op(10);
    const [first] = await write(op);
    const size = stage.gate.journal(town).head().size;
    const [second] = await write(op);
    expect(second).toEqual({ ...first, receipt: undefined });
    expect(stage.gate.journal(town).head().size).toBe(size);
  });
  it('in another request is unchanged, has no line and draws no number', async () => {
    const op = stage.op(11);
    const [first] = await write(op);
    const numbers = await count('national.number_index');
    const [second] = await write({ ...op, requestId: 'other' });
    expect(second).toEqual({ requestId: 'other', outcome: 'unchanged', person: first!.person });
    expect(await count('national.number_index')).toBe(numbers);
  });
  it('after a restart is unchanged too', async () => {
    const op = stage.op(12);
    await write(op);
    await stage.reopen();
    expect((await write({ ...op, requestId: 'after' }))[0]!.outcome).toBe('unchanged');
    expect((await write(op))[0]!.outcome).toBe('created');
  });
  it('sent twice at the same time makes one resident', async () => {
    const op = stage.op(13);
    const before = await count('trial.resident');
    const [a, b] = await Promise.all([write(op), write(op)]);
    expect(b[0]).toMatchObject({ person: a[0]!.person, outcome: 'created', line: a[0]!.line });
    expect(await count('trial.resident')).toBe(before + 1);
  });
  it('twice in one batch under two requests makes one resident', async () => {
    const op = stage.op(14);
    const results = await write(op, { ...op, requestId: 'op-14b' });
    expect(results.map(({ outcome }) => outcome)).toEqual(['created', 'unchanged']);
  });
});

describe('a change', () => {
  it('keeps the fields it does not name, and keeps the old state in the history', async () => {
    const [created] = await write(stage.op(20));
    const before = await row(created!.person!);
    const [changed] = await write(
      stage.op(20, {
        ...{ requestId: 'change-20', kind: 'record.changed', person: created!.person },
        ...{ findBy: undefined, fields: { household: { relation: '子' } }, clear: {}, draw: undefined },
      }),
    );
    expect(changed).toMatchObject({ outcome: 'changed', person: created!.person });
    const after = await row(created!.person!);
    expect(after.address_number_index).toEqual(before.address_number_index);
    expect(after.number_index).toEqual(before.number_index);
    expect(after.household_sealed).not.toEqual(before.household_sealed);
    const [old] = await sql('SELECT * FROM trial.resident_history WHERE person_id = $1', [created!.person]);
    expect(old).toEqual(before);
    const [line] = await lines(created!.person!);
    expect(line!.body).toMatchObject({
      before: created!.state,
      after: changed!.state,
      replaces: created!.line,
    });
  });
  it('is found by what the file names, and re-indexed', async () => {
    const [created] = await write(stage.op(21));
    const before = await row(created!.person!);
    const op = stage.op(21, { requestId: 'change-21' });
    const fields = { ...op.fields, name: { name: '新', reading: 'あたらし' }, resident_code: {} };
    const [changed] = await write({ ...op, fields });
    expect(changed).toMatchObject({ outcome: 'changed', person: created!.person });
    const after = await row(created!.person!);
    expect(after.reading_index).not.toEqual(before.reading_index);
    expect(after.address_index).toEqual(before.address_index);
    expect((await lines(created!.person!))[0]!.kind).toBe('record.changed');
  });
  it('is refused when somebody wrote since', async () => {
    const [created] = await write(stage.op(22));
    const change = (requestId: string, expect_: string, event: string) =>
      stage.op(22, {
        ...{ requestId, kind: 'record.changed' as const, person: created!.person, findBy: undefined },
        ...{ expect: expect_, fields: {}, clear: stated(event), draw: undefined },
      });
    const [first] = await write(change('a', created!.state!, 'death'));
    expect(first!.outcome).toBe('changed');
    const [late] = await write(change('b', created!.state!, 'move-out'));
    expect(late).toMatchObject({ outcome: 'refused', kind: 'conflict', facts: { reason: 'state' } });
    expect((await row(created!.person!)).status).toBe('deceased');
  });
  it('by two at the same time leaves both, one after the other', async () => {
    const [created] = await write(stage.op(23));
    const change = (requestId: string, fields: Record<string, Record<string, string>>) =>
      stage.op(23, {
        ...{ requestId, kind: 'record.changed' as const, person: created!.person, findBy: undefined },
        ...{ fields, clear: {}, draw: undefined },
      });
    await Promise.all([
      write(change('x', { address: { address: '二丁目' } })),
      write(change('y', { household: { relation: '妻' } })),
    ]);
    expect(await count(`trial.resident_history WHERE person_id = '${created!.person}'`)).toBe(2);
    const chain = (await lines(created!.person!)).map(({ index, body }) => [index, body['replaces']]);
    expect(chain[0]![1]).toBe(chain[1]![0]);
    expect(chain[1]![1]).toBe(chain[2]![0]);
  });
});

describe('a number', () => {
  const change = async (i: number) => {
    const [created] = await write(stage.op(i));
    const desk = await stage.desk('supervisor', 'number-change');
    const op = stage.op(i, {
      ...{ requestId: `number-${i}`, kind: 'number.changed', person: created!.person, findBy: undefined },
      ...{ fields: {}, clear: stated('number-change'), draw: 'number', reason: 'request:leak' },
    });
    return { created: created!, desk, op };
  };
  it('is changed for cause; the old one is retired for ever', async () => {
    const { created, desk, op } = await change(30);
    const before = await row(created.person!);
    const [changed] = await stage.gate.write({ ...desk, ops: [op] });
    expect(changed!.outcome).toBe('changed');
    const after = await row(created.person!);
    expect(after.number_index).not.toEqual(before.number_index);
    const states = await sql(
      'SELECT state FROM national.number_index WHERE number_index = ANY($1) ORDER BY state',
      [[before.number_index, after.number_index]],
    );
    expect(states.map(({ state }) => state)).toEqual(['active', 'retired']);
    expect((await lines(created.person!))[0]).toMatchObject({
      kind: 'number.changed',
      body: { reason: 'request:leak' },
    });
  });
  it('is not changed without a reason', async () => {
    const { desk, op } = await change(31);
    const [result] = await stage.gate.write({ ...desk, ops: [{ ...op, reason: ' ' }] });
    expect(result).toMatchObject({ outcome: 'refused', kind: 'bad-input', facts: { at: 'reason' } });
  });
  it('is not changed by a correction of the field', async () => {
    const { created } = await change(32);
    const number = { number: { number: '621498320257' } };
    const [result] = await write(
      stage.op(32, {
        requestId: 'n32',
        kind: 'record.changed',
        person: created.person,
        findBy: undefined,
        fields: number,
        clear: {},
      }),
    );
    expect(result).toMatchObject({
      outcome: 'refused',
      kind: 'bad-input',
      facts: { reason: 'number-change-needed' },
    });
  });
  it('that is nobody’s valid number is refused', async () => {
    const op = stage.op(33);
    const [result] = await write({ ...op, fields: { ...op.fields, number: { number: '621498320258' } } });
    expect(result).toMatchObject({ outcome: 'refused', kind: 'bad-input' });
  });
  it('that another holds is refused, and the others of the batch are written', async () => {
    const number = { number: '621498320257' };
    const [a, b] = [stage.op(34), stage.op(35)];
    const [first] = await write({ ...a, fields: { ...a.fields, number } });
    expect(first!.outcome).toBe('created');
    const results = await write(stage.op(36), { ...b, fields: { ...b.fields, number } });
    expect(results.map(({ outcome, kind }) => kind ?? outcome)).toEqual(['created', 'already-exists']);
  });
  it('drawn a second time is drawn anew', async () => {
    // The same seed twice: the gate's first draws are numbers that are taken already.
    const seed = () => seededRandomness('the same numbers');
    await stage.reopen({ randomness: seed() });
    session = await stage.signIn('registrar');
    const first = await write(stage.op(37), stage.op(38));
    await stage.reopen({ randomness: seed() });
    const before = await count('national.number_index');
    const second = await write(stage.op(39));
    expect([...first, ...second].map(({ outcome }) => outcome)).toEqual(['created', 'created', 'created']);
    expect(await count('national.number_index')).toBe(before + 1);
    await stage.reopen();
    session = await stage.signIn('registrar');
  });
});

describe('what is refused', () => {
  it('does not keep the rest of the batch back, and is a line', async () => {
    const results = await write(
      stage.op(40),
      stage.op(41, { municipality: otherTown }),
      stage.op(42, { fields: { name: { shoe_size: '27' } } }),
      stage.op(43, { fields: { secrets: {} } }),
      stage.op(44, { clear: { line_index: '1' } }),
      stage.op(45, { kind: 'field.opened' }),
      stage.op(46, { table: 'staff' }),
      stage.op(47, {
        ...{ kind: 'record.changed', findBy: undefined },
        person: '01890000-0000-7000-8000-000000000000' as never,
      }),
      stage.op(48),
    );
    expect(results.map(({ outcome, kind }) => kind ?? outcome)).toEqual([
      ...['created', 'no-authority', 'bad-input', 'bad-input', 'bad-input', 'no-authority', 'bad-input'],
      ...['not-found', 'created'],
    ]);
    const kinds: string[] = [];
    const { size } = stage.gate.journal(town).head();
    for await (const line of stage.gate.journal(town).read(size - 7, size))
      kinds.push(decodeLine(line.payload).kind);
    expect(new Set(kinds)).toEqual(new Set(['write.refused']));
  });
  it('a resident code that another has, whichever way the row is found', async () => {
    const code = drawResidentRecordCode(seededRandomness('code')).reveal();
    const a = stage.op(50);
    const b = stage.op(51);
    const [first] = await write({ ...a, fields: { ...a.fields, resident_code: { code } } });
    const [second] = await write({ ...b, fields: { ...b.fields, resident_code: { code } } });
    expect(first!.outcome).toBe('created');
    expect(second).toMatchObject({ outcome: 'refused', kind: 'already-exists' });
  });
  it('an address number that another has, the rest of the batch being written', async () => {
    await write(stage.op(52));
    const taken = stage.op(53, { findBy: 'resident_code' });
    const household = { address_number: '1052' };
    const results = await write(
      stage.op(54),
      { ...taken, fields: { ...taken.fields, household } },
      stage.op(55),
    );
    expect(results.map(({ outcome, kind }) => kind ?? outcome)).toEqual([
      'created',
      'already-exists',
      'created',
    ]);
  });
  it('the same request id for two ops of one call', async () => {
    const results = await write(stage.op(56), stage.op(57, { requestId: 'op-56' }));
    expect(results.map(({ outcome }) => outcome)).toEqual(['created', 'refused']);
  });
  it('a clerk who imports', async () => {
    const clerk = await stage.signIn('clerk');
    const [result] = await stage.gate.write({ session: clerk, importId: 'i', ops: [stage.op(58)] });
    expect(result).toMatchObject({ outcome: 'refused', kind: 'policy-denied' });
  });
  it('a call without case and without import', async () => {
    await expect(stage.gate.write({ session, ops: [stage.op(59)] })).rejects.toMatchObject({
      kind: 'case-required',
    });
  });
  it('everything, when the journal takes no line: there is no row without one', async () => {
    const before = await count('trial.resident');
    stage.faults.append = new SekishoError('journal-unavailable', { outcome: 'none' });
    await expect(write(stage.op(60))).rejects.toMatchObject({ kind: 'journal-unavailable' });
    delete stage.faults.append;
    expect(await count('trial.resident')).toBe(before);
  });
});

describe('a large batch', () => {
  it('of 2,500 is written whole, with as many lines and numbers', async () => {
    const before = await count('national.number_index');
    const results = await write(...Array.from({ length: 2_500 }, (_, i) => stage.op(10_000 + i)));
    expect(new Set(results.map(({ outcome }) => outcome))).toEqual(new Set(['created']));
    expect(new Set(results.map(({ line }) => line)).size).toBe(2_500);
    expect(await count('national.number_index')).toBe(before + 2_500);
  });
  it('of more than the most is refused', async () => {
    const ops = Array.from({ length: 5_001 }, (_, i) => ({ ...stage.op(1), requestId: `r${i}` }));
    await expect(write(...ops)).rejects.toMatchObject({ kind: 'too-large' });
  });
});
