import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import { SekishoError } from '../../ground/errors.ts';
import type { PersonId } from '../../ground/ids.ts';
import type { Randomness } from '../../ground/randomness.ts';
import { seededRandomness, systemRandomness } from '../../ground/randomness.ts';
import { decodeLine } from '../journal/index.ts';
import { drawResidentRecordCode } from '../numbers/index.ts';
import { type Stage, staged, stageRooms, stated, town } from './staging/stage.fixture.ts';
import type { WriteOp } from './write-op.ts';

// Ops that stand in each other's way, in one batch or over several; and faults in the middle of a batch.
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

const write = (...ops: WriteOp[]) => stage.gate.write({ session, importId: 'import-1', ops });
let admin: ReturnType<FreshDatabase['pool']> | undefined;
const sql = async (text: string, values: unknown[] = []) => {
  admin ??= database.pool('superuser', 1);
  return (await admin.query(text, values)).rows;
};
const count = async (table: string) => Number((await sql(`SELECT count(*) FROM ${table}`))[0].count);
const said = (results: readonly { outcome: string; kind?: string }[]) =>
  results.map(({ outcome, kind }) => kind ?? outcome);
const code = (seed: string) => drawResidentRecordCode(seededRandomness(seed)).reveal();
const numberOf = async (person: PersonId) => {
  const desk = await stage.desk('clerk', 'move-in');
  return (await stage.gate.open({ ...desk, person, groups: ['number'] })).fields;
};
const size = () => stage.gate.journal(town).head().size;
const fieldsOf = async (person: PersonId) => {
  const desk = await stage.desk('clerk', 'move-in');
  const groups = ['name', 'address', 'household', 'resident_code'];
  return (await stage.gate.open({ ...desk, person, groups })).fields;
};
const findings = async () => {
  const found = [];
  for await (const finding of stage.gate.verify(town)) found.push(finding);
  return found;
};
/** A change of one person, found by id unless the change says otherwise. */
const change = (i: number, person: PersonId, fields: WriteOp['fields'], more: Partial<WriteOp> = {}) => {
  const { findBy: _, draw: __, ...op } = stage.op(i, { kind: 'record.changed', fields, clear: {} });
  return { ...op, person, ...more } as WriteOp;
};

describe('two ops of one batch', () => {
  it('with the same resident code: the first has it, the second is refused, the rest is written', async () => {
    const resident_code = { code: code('twice in a batch') };
    const [a, b] = [stage.op(1), stage.op(2)];
    const results = await write(
      { ...a, fields: { ...a.fields, resident_code } },
      { ...b, fields: { ...b.fields, resident_code } },
      stage.op(3),
    );
    expect(said(results)).toEqual(['created', 'already-exists', 'created']);
    expect(await count('trial.resident')).toBe(2);
  });
  it('found by an address number that is another’s now: he is not written over, and keeps code and number', async () => {
    const mine = stage.op(9_050);
    const [written] = await write({
      ...mine,
      fields: { ...mine.fields, resident_code: { code: code('mine') } },
    });
    const whole = async () => [await fieldsOf(written!.person!), await numberOf(written!.person!)];
    const before = await whole();
    const stranger = stage.op(9_051);
    const results = await write({
      ...stranger,
      fields: {
        ...stranger.fields,
        household: mine.fields['household']!,
        resident_code: { code: code('other') },
      },
    });
    expect(said(results)).toEqual(['already-exists']);
    expect(await whole()).toEqual(before);
  });
  it('with the same given number: one has it', async () => {
    const number = { number: '621498320257' };
    const [a, b] = [stage.op(4), stage.op(5)];
    const results = await write(
      { ...a, fields: { ...a.fields, number } },
      { ...b, fields: { ...b.fields, number } },
    );
    expect(said(results)).toEqual(['created', 'already-exists']);
  });
  it('three times the same code, one of whom somebody holds: each refusal stands alone', async () => {
    const resident_code = { code: code('held already') };
    const held = stage.op(6);
    await write({ ...held, fields: { ...held.fields, resident_code } });
    const ops = [7, 8, 9].map((i) => stage.op(i));
    for (const i of [0, 2]) ops[i]!.fields['resident_code'] = resident_code;
    expect(said(await write(...ops))).toEqual(['already-exists', 'created', 'already-exists']);
  });
  it('that lead to one resident by id and by address number are written one after the other', async () => {
    const [created] = await write(stage.op(10));
    const person = created!.person!;
    const byNumber = stage.op(10, { requestId: 'by-number', kind: 'record.changed', draw: undefined });
    const results = await write(
      change(10, person, { address: { address: '二丁目' } }, { requestId: 'by-id' }),
      { ...byNumber, fields: { household: { address_number: '1010', relation: '子' } }, clear: {} },
    );
    expect(said(results)).toEqual(['changed', 'changed']);
    expect(results[1]!.line).toBeGreaterThan(results[0]!.line!);
    expect(await fieldsOf(person)).toMatchObject({
      address: { address: '二丁目' },
      household: { relation: '子' },
    });
    expect(await count(`trial.resident_history WHERE person_id = '${person}'`)).toBe(2);
    expect(await findings()).toEqual([]);
  });
  it('that make one newcomer by two ways make one resident', async () => {
    const op = stage.op(11);
    const other = { ...op, requestId: 'op-11-code', findBy: 'resident_code' as const };
    const results = await write(op, other, stage.op(12));
    expect(said(results)).toEqual(['created', 'unchanged', 'created']);
    expect(results[1]!.person).toBe(results[0]!.person);
  });
  it('of which the second undoes the first leave two lines and the old content', async () => {
    const [created] = await write(stage.op(13));
    const person = created!.person!;
    const results = await write(
      change(13, person, { address: { address: '他所' } }, { requestId: 'there' }),
      change(13, person, { address: { address: '一丁目13番' } }, { requestId: 'and-back' }),
    );
    expect(said(results)).toEqual(['changed', 'changed']);
    expect((await fieldsOf(person))['address']).toEqual({ address: '一丁目13番' });
  });
  it('of mixed kinds are judged each by its own', async () => {
    const [created] = await write(stage.op(14));
    const desk = await stage.desk('supervisor', 'correction');
    const person = created!.person!;
    const correct = change(
      14,
      person,
      { name: { name: '正' } },
      {
        ...{ kind: 'record.corrected', clear: stated('correction') },
      },
    );
    const results = await stage.gate.write({
      ...desk,
      ops: [
        { ...correct, requestId: 'm1', reason: 'misread' },
        { ...correct, requestId: 'm2' },
        { ...stage.op(15), requestId: 'm3', reason: 'x' },
        { ...correct, requestId: 'm4', kind: 'number.changed', fields: {}, draw: 'number', reason: 'x' },
      ],
    });
    expect(said(results)).toEqual(['changed', 'bad-input', 'no-authority', 'no-authority']);
  });
});

describe('a request id', () => {
  it('sent again from another session and another case gives the first outcome', async () => {
    const [created] = await write(stage.op(20));
    const op = change(
      20,
      created!.person!,
      { address: { address: '三丁目' } },
      {
        ...{ requestId: 'lost', clear: stated('move-within') },
      },
    );
    const first = await stage.desk('clerk', 'move-within');
    const [done] = await stage.gate.write({ ...first, ops: [op] });
    const second = await stage.desk('clerk-b', 'move-within', 't-02');
    const [again] = await stage.gate.write({ ...second, ops: [op] });
    expect(again).toEqual({ ...done, receipt: undefined });
    expect(await count(`trial.resident_history WHERE person_id = '${created!.person}'`)).toBe(1);
  });
  it('that stood for something else is refused, and is not taken for done', async () => {
    const [created] = await write(stage.op(21));
    const person = created!.person!;
    await write(change(21, person, { address: { address: '一' } }, { requestId: 'same-id' }));
    const [other] = await write(change(21, person, { address: { address: '二' } }, { requestId: 'same-id' }));
    expect(other).toMatchObject({
      outcome: 'refused',
      kind: 'conflict',
      facts: { reason: 'request-reused' },
    });
    expect((await fieldsOf(person))['address']).toEqual({ address: '一' });
    const [stranger] = await write(stage.op(22, { requestId: 'same-id' }));
    expect(said([stranger!])).toEqual(['conflict']);
  });
  it('of a refused op is free again: what was refused is tried anew', async () => {
    const [created] = await write(stage.op(23));
    const op = change(23, created!.person!, {}, { requestId: 'second-try', clear: stated('death') });
    const [late] = await write({ ...op, expect: '0'.repeat(64) });
    expect(late).toMatchObject({ kind: 'conflict', facts: { reason: 'state' } });
    expect(said(await write({ ...op, expect: created!.state! }))).toEqual(['changed']);
  });
  it('without authority for its kind tells nothing of what was written', async () => {
    const op = stage.op(24);
    await write(op);
    const desk = await stage.desk('clerk', 'move-within');
    const [result] = await stage.gate.write({ ...desk, ops: [op] });
    expect(result).toEqual({
      requestId: 'op-24',
      outcome: 'refused',
      kind: 'no-authority',
      facts: expect.anything(),
    });
  });
});

describe('a kind', () => {
  it('that orders an erasure is not written by a write', async () => {
    const [created] = await write(stage.op(30));
    const desk = await stage.desk('supervisor', 'record-erasure');
    const op = change(30, created!.person!, { name: { name: '無' } }, { kind: 'person.erased', reason: 'x' });
    const [result] = await stage.gate.write({ ...desk, ops: [op] });
    expect(result).toMatchObject({ outcome: 'refused', kind: 'bad-input', facts: { at: 'kind' } });
    expect((await fieldsOf(created!.person!))['name']).toMatchObject({ name: '氏名30' });
  });
  it('that changes the number changes nothing else, and does change it', async () => {
    const [created] = await write(stage.op(31));
    const desk = await stage.desk('supervisor', 'number-change');
    const op = change(
      31,
      created!.person!,
      {},
      {
        ...{ kind: 'number.changed', reason: 'leak', clear: stated('number-change') },
      },
    );
    const results = await stage.gate.write({
      ...desk,
      ops: [
        { ...op, requestId: 'n1', draw: 'number', fields: { name: { name: '他' } } },
        { ...op, requestId: 'n2' },
        { ...op, requestId: 'n3', draw: 'number' },
      ],
    });
    expect(said(results)).toEqual(['bad-input', 'bad-input', 'changed']);
  });
});

describe('what is expected', () => {
  it('of somebody who is not there is a conflict, not a newcomer', async () => {
    const [result] = await write({ ...stage.op(40), expect: '0'.repeat(64) });
    expect(result).toMatchObject({ kind: 'conflict', facts: { reason: 'state' } });
    expect(await count(`gate.request_outcome WHERE request_id = 'op-40'`)).toBe(0);
  });
  it('by two at the same time of the same state: one writes, one is told', async () => {
    const [created] = await write(stage.op(41));
    const at = (requestId: string) =>
      change(
        41,
        created!.person!,
        { address: { address: requestId } },
        { requestId, expect: created!.state! },
      );
    const [[a], [b]] = await Promise.all([write(at('left')), write(at('right'))]);
    expect(said([a!, b!]).sort()).toEqual(['changed', 'conflict']);
  });
});

describe('randomness that repeats', () => {
  /** Gives the same bytes for each draw of a number (6 bytes a digit run), real ones for everything else. */
  const stuck = (): Randomness => {
    const real = systemRandomness();
    return { bytes: (n) => (n === 6 ? Buffer.from([0, 0, 0, 0, 0, 5]) : real.bytes(n)) };
  };
  it('for ever ends in a refusal, for that resident alone, and not in a gate that hangs', async () => {
    await stage.reopen({ randomness: stuck() });
    session = await stage.signIn('registrar');
    const results = await write(stage.op(50), stage.op(51));
    expect(said(results)).toEqual(['created', 'internal']);
    const { draw: _, ...numberless } = stage.op(52);
    expect(said(await write(stage.op(53), numberless as WriteOp))).toEqual(['internal', 'created']);
    await stage.reopen();
    session = await stage.signIn('registrar');
    expect(said(await write(stage.op(51)))).toEqual(['created']);
  });
});

describe('a fault in the middle', () => {
  it('of a thousand ops, one of them bad: the others are written, that one is refused', async () => {
    const ops = Array.from({ length: 1_000 }, (_, i) => stage.op(2_000 + i));
    ops[617] = { ...ops[617]!, fields: { ...ops[617]!.fields, number: { number: '621498320258' } } };
    const before = size();
    const results = await write(...ops);
    expect(said(results).filter((each) => each !== 'created')).toEqual(['bad-input']);
    expect(results[617]).toMatchObject({ requestId: 'op-2617', kind: 'bad-input' });
    expect(size()).toBe(before + 1_000);
  });
  it('of the key database refuses the call and leaves no row, no line, no number', async () => {
    const [rows, numbers, before] = [
      await count('trial.resident'),
      await count('national.number_index'),
      size(),
    ];
    const create = stage.keys.create;
    stage.keys.create = () => Promise.reject(new SekishoError('database-unavailable'));
    await expect(write(stage.op(60), stage.op(61))).rejects.toMatchObject({ kind: 'database-unavailable' });
    stage.keys.create = create;
    expect([await count('trial.resident'), await count('national.number_index')]).toEqual([rows, numbers]);
    expect(size()).toBe(before + 1);
    expect(said(await write(stage.op(60), stage.op(61)))).toEqual(['created', 'created']);
  });
  it('of the key store at one resident refuses that one, and the line says why', async () => {
    const [a, b] = await write(stage.op(62), stage.op(63));
    const unwrap = stage.keys.unwrap.bind(stage.keys);
    stage.keys.unwrap = (wrapped) => {
      if (wrapped.person === a!.person) throw new SekishoError('seal-broken', { reason: 'tag' });
      return unwrap(wrapped);
    };
    const results = await write(
      change(62, a!.person!, { name: { name: 'A' } }, { requestId: 'k-a' }),
      change(63, b!.person!, { name: { name: 'B' } }, { requestId: 'k-b' }),
    );
    stage.keys.unwrap = unwrap;
    expect(said(results)).toEqual(['seal-broken', 'changed']);
    for await (const line of stage.gate.journal(town).read(size() - 1, size())) {
      expect(decodeLine(line.payload)).toMatchObject({
        kind: 'write.refused',
        person: a!.person,
        body: { request: 'k-a', reason: 'seal-broken' },
      });
    }
  });
  it('of a row whose ciphertext was moved from another resident: nothing is merged into it', async () => {
    const [a, b] = await write(stage.op(64), stage.op(65));
    await sql(
      `UPDATE trial.resident SET address_sealed = (SELECT address_sealed FROM trial.resident WHERE person_id = $1)
       WHERE person_id = $2`,
      [a!.person, b!.person],
    );
    const [result] = await write(change(65, b!.person!, { name: { name: 'B' } }, { requestId: 'moved-row' }));
    expect(said([result!])).toEqual(['seal-broken']);
  });
});
