import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signNonce, type WriteOp } from '../../src/core/gate/index.ts';
import type { PersonId } from '../../src/ground/ids.ts';
import { deviceKey, matsumoto, TestHouse } from '../house.ts';

/** Requests caught on their way and sent again: they give nothing new, or leave a line of their own. */

let house: TestHouse;
let persons: PersonId[];
beforeAll(async () => {
  house = await TestHouse.start();
  await house.importTown(20);
  persons = await house.persons();
});
afterAll(() => house[Symbol.asyncDispose]());

const terminal = `clerk-${matsumoto}`;
const staff = `clerk@${matsumoto}`;

describe('a request that is sent again', () => {
  it('signs nobody in twice: a nonce is good for one signature, checked or failed', async () => {
    const { nonce } = await house.gate.challenge({ staff });
    const message = {
      staff,
      terminal,
      nonce,
      signature: signNonce(deviceKey(staff).privateKey, nonce),
      pin: '8642-1357',
    };
    await house.gate.signIn(message);
    await expect(house.gate.signIn(message)).rejects.toMatchObject({ kind: 'sign-in-failed' });
    expect((await house.lines()).at(-1)).toMatchObject({ kind: 'session.refused' });
  });

  it('writes once: the number is changed one time and the first answer comes again, after a restart too', async () => {
    const { session, caseId } = await house.openCase('number-change', 'supervisor');
    const op: WriteOp = {
      ...{ requestId: 'replayed', table: 'resident', kind: 'number.changed', municipality: matsumoto },
      ...{
        person: persons[0]!,
        fields: {},
        clear: { status: 'resident', event: 'number-change', event_date: '2026-03-02' },
        draw: 'number',
        reason: 'request:leak',
      },
    };
    const [first] = await house.gate.write({ session, caseId, ops: [op] });
    expect(first).toMatchObject({ outcome: 'changed' });
    const number = async () => {
      const desk = await house.openCase('number-verification');
      return (await house.gate.open({ ...desk, person: persons[0]!, groups: ['number'] })).fields['number'];
    };
    const drawn = await number();
    for (let restarts = 0; restarts < 2; restarts++) {
      const again = await Promise.all([1, 2, 3].map(() => house.gate.write({ session, caseId, ops: [op] })));
      for (const [result] of again) expect(result).toMatchObject({ outcome: 'changed', line: first!.line });
      expect(await number()).toEqual(drawn);
      await house.restart();
    }
    const changes = (await house.lines()).filter(({ kind }) => kind === 'number.changed');
    expect(changes).toHaveLength(1);
  });

  it('sent twice in one call is refused the second time', async () => {
    const { session, caseId } = await house.openCase('number-change', 'supervisor');
    const op: WriteOp = {
      ...{ requestId: 'doubled', table: 'resident', kind: 'number.changed', municipality: matsumoto },
      ...{
        person: persons[1]!,
        fields: {},
        clear: { status: 'resident', event: 'number-change', event_date: '2026-03-02' },
        draw: 'number',
        reason: 'request:leak',
      },
    };
    const results = await house.gate.write({ session, caseId, ops: [op, op] });
    expect(results.map(({ outcome }) => outcome)).toEqual(['changed', 'refused']);
  });

  it('opens with a line of its own each time, so a replay is seen by whom it is about', async () => {
    const desk = await house.openCase('residence-certificate');
    const open = () => house.gate.open({ ...desk, person: persons[2]!, groups: ['name'] });
    const indexes = [];
    for (let times = 0; times < 3; times++) indexes.push((await open()).receipt.index);
    expect(new Set(indexes).size).toBe(3);
    const lines = await house.journal().linesOf(persons[2]!);
    expect(lines.map(({ index }) => index)).toEqual(expect.arrayContaining(indexes));
  });

  it('approves no grant twice, and revives none', async () => {
    const asker = await house.openCase('investigation', 'supervisor');
    const { session } = await house.desk('administrator');
    await house.enrol(`second@${matsumoto}`, 'supervisor', { session });
    const second = await house.signIn(`second@${matsumoto}`, `supervisor-${matsumoto}`);
    const { grant } = await house.gate.askGrant({
      ...asker,
      ...{ groups: ['name'], count: 1, reason: 'survey', endsAt: house.clock.now() + 3_600_000 },
    });
    await house.gate.approveGrant({ session: second, grant });
    const again = () => house.gate.approveGrant({ session: second, grant });
    await expect(again()).rejects.toMatchObject({ kind: 'grant-invalid' });
    const use = (person: PersonId) => house.gate.open({ ...asker, person, groups: ['name'], grant });
    await use(persons[3]!);
    await expect(use(persons[4]!)).rejects.toMatchObject({ kind: 'grant-invalid' });
    await house.gate.revokeGrant({ session: second, grant });
    await expect(again()).rejects.toMatchObject({ kind: 'grant-invalid' });
  });

  it('after signing out is nobody’s', async () => {
    const session = await house.signIn(staff, terminal);
    const { caseId } = await house.gate.openCase({ session, purpose: 'residence-certificate', note: '' });
    await house.gate.signOut({ session });
    const open = house.gate.open({ session, caseId, person: persons[5]!, groups: ['name'] });
    await expect(open).rejects.toMatchObject({ kind: 'session-invalid' });
    await house.restart();
    const later = house.gate.open({ session, caseId, person: persons[5]!, groups: ['name'] });
    await expect(later).rejects.toMatchObject({ kind: 'session-invalid' });
  });
});
