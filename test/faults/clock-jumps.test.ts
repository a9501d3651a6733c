import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { signNonce } from '../../src/core/gate/index.ts';
import { asSekishoError } from '../../src/ground/errors.ts';
import type { PersonId } from '../../src/ground/ids.ts';
import { deviceKey, matsumoto, TestHouse } from '../house.ts';

/** The machine's clock jumps. What has run out stays run out, nothing is freed, and the log goes on and verifies. */

let house: TestHouse;
let persons: PersonId[];
beforeEach(async () => {
  house = await TestHouse.start();
  await house.importTown(60);
  persons = await house.persons();
  await house.journal().flush();
});
afterEach(() => house[Symbol.asyncDispose]());

const kindOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: unknown) => asSekishoError(error).kind,
  );
const terminal = `clerk-${matsumoto}`;
const year = 365 * 86_400_000;

describe('a clock that jumps forward', () => {
  it('by a year ends sessions, cases and grants; who signs in anew works on, and the log verifies', async () => {
    const desk = await house.openCase('residence-certificate');
    const asker = await house.openCase('investigation', 'supervisor');
    const { grant } = await house.gate.askGrant({
      ...asker,
      ...{ groups: ['name'], count: 2, reason: 'survey', endsAt: house.clock.now() + 3_600_000 },
    });
    await house.journal().flush();
    house.manualClock.advance(year);
    expect(await kindOf(house.gate.open({ ...desk, person: persons[0]!, groups: ['name'] }))).toBe(
      'session-invalid',
    );
    house.forgetDesks();
    const { session } = await house.desk('clerk');
    const old = house.gate.open({ session, caseId: desk.caseId, person: persons[0]!, groups: ['name'] });
    expect(await kindOf(old)).toBe('case-required');
    const supervisor = await house.desk('supervisor');
    expect(await kindOf(house.gate.approveGrant({ session: supervisor.session, grant }))).toBe(
      'grant-invalid',
    );
    await house.journal().flush();
    const fresh = await house.openCase('residence-certificate');
    await house.journal().flush();
    expect(await kindOf(house.gate.open({ ...fresh, person: persons[0]!, groups: ['name'] }))).toBe('done');
    expect(await house.inspect()).toMatchObject({ log: { ok: true }, findings: [] });
  });

  it('between a line and its witness stops the gate rather than trusting the clock', async () => {
    const desk = await house.openCase('residence-certificate');
    await house.stopWitness();
    await house.gate.open({ ...desk, person: persons[0]!, groups: ['name'] });
    house.manualClock.advance(6_000);
    const next = house.gate.open({ ...desk, person: persons[1]!, groups: ['name'] });
    expect(await kindOf(next)).toBe('witness-overdue');
    await house.startWitness();
  });
});

describe('a clock that jumps back', () => {
  it('frees no budget, and ends the sessions whose age nobody can tell', async () => {
    const desk = await house.openCase('residence-certificate');
    for (const person of persons.slice(0, 40)) await house.gate.open({ ...desk, person, groups: ['name'] });
    const more = () => house.gate.open({ ...desk, person: persons[50]!, groups: ['name'] });
    expect(await kindOf(more())).toBe('budget-spent');
    house.manualClock.advance(-2 * 3_600_000);
    expect(await kindOf(more())).toBe('session-invalid');
    for (let sessions = 0; sessions < 3; sessions++) {
      const session = await house.signIn(`clerk@${matsumoto}`, terminal);
      const { caseId } = await house.gate.openCase({ session, purpose: 'residence-certificate', note: '' });
      for (const person of persons) {
        await kindOf(house.gate.open({ session, caseId, person, groups: ['name'] }));
      }
    }
    const opened = (await house.lines()).filter(({ kind }) => kind === 'field.opened');
    // The desk's own limit, over all its sessions: the jump gave it no second hour.
    const counted = opened.filter(({ body }) => body['terminal'] === terminal);
    const bySession = Map.groupBy(counted, ({ body }) => body['session']);
    const persons_ = [...bySession.values()].reduce(
      (sum, lines) => sum + new Set(lines.map((l) => l.person)).size,
      0,
    );
    expect(persons_).toBe(60);
  });

  it('over a restart frees no budget either', async () => {
    const desk = await house.openCase('residence-certificate');
    for (const person of persons.slice(0, 40)) await house.gate.open({ ...desk, person, groups: ['name'] });
    await house.closeGate();
    house.manualClock.advance(-30 * 60_000);
    await house.openGate();
    const session = await house.signIn(`clerk@${matsumoto}`, terminal);
    const { caseId } = await house.gate.openCase({ session, purpose: 'residence-certificate', note: '' });
    let opened = 0;
    for (const person of persons) {
      if ((await kindOf(house.gate.open({ session, caseId, person, groups: ['name'] }))) === 'done') opened++;
    }
    expect(opened).toBe(20);
  });

  it('brings no used-up or outdated nonce back', async () => {
    const staff = `clerk@${matsumoto}`;
    const { nonce } = await house.gate.challenge({ staff });
    const signature = signNonce(deviceKey(staff).privateKey, nonce);
    house.manualClock.advance(3 * 60_000);
    await house.gate.challenge({ staff });
    house.manualClock.advance(-3 * 60_000);
    const late = house.gate.signIn({ staff, terminal, nonce, signature, pin: '8642-1357' });
    expect(await kindOf(late)).toBe('sign-in-failed');
  });

  it('does not bring a grant back that had ended', async () => {
    const asker = await house.openCase('investigation', 'supervisor');
    const { session } = await house.desk('administrator');
    await house.enrol(`second@${matsumoto}`, 'supervisor', { session });
    const second = await house.signIn(`second@${matsumoto}`, `supervisor-${matsumoto}`);
    const { grant } = await house.gate.askGrant({
      ...asker,
      ...{ groups: ['name'], count: 5, reason: 'survey', endsAt: house.clock.now() + 60_000 },
    });
    await house.gate.approveGrant({ session: second, grant });
    await house.pass(2);
    const use = () => house.gate.open({ ...asker, person: persons[0]!, groups: ['name'], grant });
    expect(await kindOf(use())).toBe('grant-invalid');
    house.manualClock.advance(-90_000);
    expect(await kindOf(use())).not.toBe('done');
  });

  it('leaves a log that verifies, before and after a restart', async () => {
    const desk = await house.openCase('residence-certificate');
    await house.gate.open({ ...desk, person: persons[0]!, groups: ['name'] });
    house.manualClock.advance(-year);
    house.forgetDesks();
    const again = await house.openCase('residence-certificate');
    expect(await kindOf(house.gate.open({ ...again, person: persons[1]!, groups: ['name'] }))).toBe('done');
    expect(await house.inspect()).toMatchObject({ log: { ok: true }, findings: [] });
    await house.restart();
    expect(await house.inspect()).toMatchObject({ log: { ok: true }, findings: [] });
  });
});
