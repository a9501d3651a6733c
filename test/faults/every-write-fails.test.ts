import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WriteOp, WriteResult } from '../../src/core/gate/index.ts';
import { asSekishoError } from '../../src/ground/errors.ts';
import type { PersonId } from '../../src/ground/ids.ts';
import { population } from '../../src/sample/index.ts';
import { matsumoto, TestHouse } from '../house.ts';
import { FailingWrites, type Failure, failures } from './failing-pool.ts';

/**
 * Each write of issuing, of a number change and of a journal append fails in turn, in each of three ways. After each the
 * gate goes on or is started anew, the caller sends his request again as he would, and the checkers pass.
 */

let house: TestHouse;
let writes: FailingWrites;
beforeEach(async () => {
  writes = new FailingWrites();
  house = await TestHouse.start({ budgets: 'unlimited', onPool: writes.around });
  await house.importTown(3);
});
afterEach(() => house[Symbol.asyncDispose]());

let drawn = 0;
function newcomer(requestId: string): WriteOp {
  const { residentRecordCode, ...resident } = spare[drawn++]!;
  return {
    ...{ requestId, table: 'resident', kind: 'record.created', municipality: matsumoto },
    findBy: 'resident_code',
    fields: {
      name: { name: resident.name, reading: resident.nameKana },
      birth: { date: resident.truth.birthDate, sex: resident.truth.sex },
      address: { postcode: resident.postcode, address: resident.address },
      resident_code: { code: residentRecordCode.reveal() },
      household: {
        household_number: resident.householdNumber,
        relation: resident.relation,
        address_number: `97${resident.addressNumber.slice(2)}`,
      },
    },
    clear: { status: 'resident', event: 'move-in', event_date: '2026-03-01' },
    draw: 'number',
  };
}

const spare = [...population({ seed: 'newcomers', municipality: matsumoto, residents: 400 })];

/** Everything that may never be, whatever failed. */
async function check(acknowledged: readonly WriteResult[]): Promise<void> {
  const inspection = await house.inspect();
  expect(inspection.log).toMatchObject({ ok: true });
  expect(inspection.findings).toEqual([]);
  const { durable, published, witnessed } = inspection.sizes;
  expect({ published, witnessed }).toEqual({ published: durable, witnessed: durable });
  const { rows } = await house.superuser.query<{ twice: number; unheld: number; unled: number }>(
    `SELECT
       (SELECT count(*) - count(DISTINCT number_index) FROM register.resident)::int AS twice,
       (SELECT count(*) FROM national.number_index n WHERE state = 'active' AND NOT EXISTS
         (SELECT 1 FROM register.resident r WHERE r.number_index = n.number_index AND r.person_id = n.person_id))::int AS unheld,
       (SELECT count(*) FROM register.resident r WHERE NOT EXISTS
         (SELECT 1 FROM national.number_index n WHERE n.number_index = r.number_index AND n.state = 'active'))::int AS unled`,
  );
  expect(rows[0]).toEqual({ twice: 0, unheld: 0, unled: 0 });
  const lines = await house.lines();
  for (const { person, line } of acknowledged) {
    expect(lines[line!]).toMatchObject({ index: line, person });
    const stored = await house.superuser.query('SELECT 1 FROM register.resident WHERE person_id = $1', [
      person,
    ]);
    expect(stored.rowCount).toBe(1);
  }
}

/** The same request again and again, as a desk does that got no answer. A gate that does not recover fails the test. */
async function until<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const known = asSekishoError(error);
      if (known.class !== 'unavailable' && known.kind !== 'internal') throw error;
      if (attempt > 200) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

/**
 * Does a piece of work again and again, each time with the next of its writes failing, until it has no more writes.
 * What is acknowledged though a write failed is wrong. Gives the count of writes.
 */
async function eachWrite(
  how: Failure,
  work: (at: number) => Promise<unknown>,
  after: (at: number) => Promise<unknown>,
): Promise<number> {
  for (let at = 1; ; at++) {
    writes.arm(at, how);
    const first = await work(at).then(
      () => 'done',
      (error: unknown) => asSekishoError(error).kind,
    );
    const { failed } = writes;
    writes.disarm();
    if (failed !== undefined) expect(first, `${at}: ${failed}`).not.toBe('done');
    await after(at);
    if (failed === undefined) return at - 1;
  }
}

async function numberOf(person: PersonId): Promise<string> {
  const desk = await house.openCase('number-verification');
  return (await house.gate.open({ ...desk, person, groups: ['number'] })).fields['number']!['number']!;
}

describe.each(failures)('a write that is %s', (how: Failure) => {
  it('at any place of issuing a number leaves one record, one number and one line, or none, and then one', async () => {
    const desk = await house.openCase('move-in');
    const ops: WriteOp[] = [];
    const issue = async (at: number) => {
      ops[at] ??= newcomer(`issue-${how}-${at}`);
      const [result] = await house.gate.write({ ...desk, ops: [ops[at]] });
      expect(result!.outcome).toBe('created');
      return result!;
    };
    const acknowledged: WriteResult[] = [];
    const count = await eachWrite(how, issue, async (at) => {
      const again = await until(() => issue(at));
      acknowledged.push(again);
      expect((await until(() => issue(at))).person).toBe(again.person);
    });
    expect(count).toBeGreaterThanOrEqual(7);
    await check(acknowledged);
    await house.restart();
    await check(acknowledged);
    expect(await house.persons()).toHaveLength(3 + count + 1);
  });

  it('at any place of a number change gives one new number, once, and retires the old one', async () => {
    const { caseId, session } = await house.openCase('number-change', 'supervisor');
    const person = (await house.persons())[1]!;
    const change = async (at: number) => {
      const op: WriteOp = {
        ...{ requestId: `change-${how}-${at}`, table: 'resident', kind: 'number.changed' },
        ...{
          municipality: matsumoto,
          person,
          fields: {},
          clear: { status: 'resident', event: 'number-change', event_date: '2026-03-02' },
          draw: 'number',
          reason: 'request:leak',
        },
      };
      const [result] = await house.gate.write({ session, caseId, ops: [op] });
      expect(result!.outcome).toBe('changed');
      return result!;
    };
    const numbers = [await numberOf(person)];
    const acknowledged: WriteResult[] = [];
    const count = await eachWrite(how, change, async (at) => {
      acknowledged.push(await until(() => change(at)));
      numbers.push(await until(() => numberOf(person)));
    });
    expect(count).toBeGreaterThanOrEqual(5);
    expect(new Set(numbers).size).toBe(count + 2);
    await check(acknowledged);
    const retired = await house.superuser.query(
      `SELECT 1 FROM national.number_index WHERE state = 'retired'`,
    );
    expect(retired.rowCount).toBe(count + 1);
    await house.restart();
    await check(acknowledged);
  });

  it('at any place of a disclosure releases no field without its line', async () => {
    const desk = await house.openCase('residence-certificate');
    const person = (await house.persons())[0]!;
    const open = () => house.gate.open({ ...desk, person, groups: ['name'] });
    const receipts: number[] = [];
    const count = await eachWrite(how, open, async () => {
      receipts.push((await until(open)).receipt.index);
    });
    expect(count).toBeGreaterThanOrEqual(2);
    await check([]);
    const lines = await house.lines();
    for (const index of receipts) expect(lines[index]).toMatchObject({ kind: 'field.opened', person });
  });
});
