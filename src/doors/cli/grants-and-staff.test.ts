import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RunningHouse } from './running-house.fixture.ts';

// Bulk grants, staff and terminals, through the command line on the house as it runs.

/** Openings a session has; small, so that a test spends them soon. */
const perSession = 5;
let town: RunningHouse;
let people: string[];
beforeAll(async () => {
  const many = 5_000;
  const open = { session: perSession, terminal: many, purpose: many, office: many };
  const search = { session: many, terminal: many, purpose: many, office: many };
  const budgets = { window_minutes: 60, open, search, hits_per_search: 100, fresh_second_factor_minutes: 5 };
  town = await RunningHouse.start({ residents: 12, budgets });
  people = [];
  for (const row of town.rows.slice(0, 11)) people.push((await town.personOf(row[0]!)).person);
}, 180_000);
afterAll(() => town?.close(), 60_000);

const purpose = ['--purpose', 'public-body-request', '--note', '照会'];
const ask = (more: string[] = [], as = 'supervisor') =>
  town.run([
    ...['gate', 'grant', 'ask', '--as', as, ...purpose],
    ...(more.includes('--groups') ? [] : ['--groups', 'name,address']),
    ...(more.includes('--count') ? [] : ['--count', '5']),
    ...['--reason', '当初課税', ...more],
  ]);
const grant = (verb: string, id: string, as: string) => town.run(['gate', 'grant', verb, id, '--as', as]);
async function active(more: string[] = []): Promise<string> {
  const asked = await ask(more);
  const approved = await grant('approve', asked.answer.grant, 'supervisor-2');
  expect(approved.code).toBe(0);
  return asked.answer.grant;
}
const show = (person: string, id: string | undefined, more: string[] = [], as = 'clerk') =>
  town.run([
    ...['register', 'show', person, '--as', as, ...purpose],
    ...(more.includes('--groups') ? [] : ['--groups', 'name']),
    ...(id === undefined ? [] : ['--grant', id]),
    ...more,
  ]);

describe('a bulk grant', { timeout: 60_000 }, () => {
  it('is asked for by one and approved by another; its state is told at each step', async () => {
    const asked = await ask(['--hours', '2']);
    expect(asked.answer).toMatchObject({
      state: 'asked',
      purpose: 'public-body-request',
      groups: ['name', 'address'],
      count: 5,
      left: 5,
      askedBy: 'demo-supervisor',
      approvedBy: null,
    });
    const { endsAt, grant: id } = asked.answer;
    expect(endsAt - Date.now()).toBeGreaterThan(3_600_000);
    expect(endsAt - Date.now()).toBeLessThanOrEqual(7_200_000);
    const approved = await grant('approve', id, 'supervisor-2');
    expect(approved.answer).toMatchObject({ state: 'active', approvedBy: 'demo-supervisor-2', left: 5 });
    expect((await grant('status', id, 'clerk')).answer).toEqual(approved.answer);
  });

  it('is not approved by who asked', async () => {
    const { answer } = await ask();
    const { code, facts } = await grant('approve', answer.grant, 'supervisor');
    expect(code).toBe(4);
    expect(facts).toMatchObject({ reason: 'self-approval' });
    expect((await grant('status', answer.grant, 'supervisor')).answer.state).toBe('asked');
  });

  it.each(['clerk', 'registrar', 'officer', 'administrator'])('is not approved by a %s', async (who) => {
    const { answer } = await ask();
    expect(await grant('approve', answer.grant, who)).toMatchObject({ code: 4, kind: 'policy-denied' });
  });

  it('is not approved twice, nor once it was revoked', async () => {
    const id = await active();
    expect(await grant('approve', id, 'supervisor-2')).toMatchObject({ code: 4, kind: 'grant-invalid' });
    const other = (await ask()).answer.grant;
    expect((await grant('revoke', other, 'supervisor')).answer.state).toBe('revoked');
    expect(await grant('approve', other, 'supervisor-2')).toMatchObject({ code: 4, kind: 'grant-invalid' });
  });

  it('opens beyond the session’s budget, and counts down to nothing', async () => {
    const id = await active(['--count', String(perSession + 2)]);
    const opened = await town.run([
      ...['register', 'show', people[0]!, '--groups', 'name', '--as', 'clerk', ...purpose, '--grant', id],
    ]);
    expect(opened.code).toBe(0);
    for (const person of people.slice(1, perSession + 2)) expect((await show(person, id)).code).toBe(0);
    expect((await grant('status', id, 'supervisor')).answer).toMatchObject({ left: 0 });
    const after = await show(people[perSession + 3]!, id);
    expect(after).toMatchObject({ code: 4, kind: 'grant-invalid', out: '' });
  });

  it('opens within one session what the budget alone would not', async () => {
    const id = await active(['--count', '9']);
    const office = await town.office('clerk');
    const { caseId } = await office.openCase({ body: { purpose: 'public-body-request', note: 'x' } });
    const open = (person: string, more = {}) =>
      office.openFields({ person, body: { caseId, groups: ['name'], ...more } });
    for (const person of people.slice(0, perSession)) await open(person);
    await expect(open(people[perSession]!)).rejects.toMatchObject({ kind: 'budget-spent', status: 429 });
    for (const person of people.slice(perSession)) await open(person, { grant: id });
    expect((await office.grant({ grant: id })).left).toBe(9 - (people.length - perSession));
    await office.signOut();
    await expect(open(people[0]!, { grant: id })).rejects.toMatchObject({ kind: 'session-invalid' });
  });

  it('opens nothing before it is approved, after it is revoked, or for other groups or another purpose', async () => {
    const waiting = (await ask()).answer.grant;
    expect(await show(people[0]!, waiting)).toMatchObject({ code: 4, kind: 'grant-invalid' });
    const id = await active();
    expect(await show(people[0]!, id, ['--groups', 'birth'])).toMatchObject({
      code: 4,
      kind: 'grant-invalid',
    });
    const other = ['register', 'show', people[0]!, '--groups', 'name', '--as', 'clerk', '--grant', id];
    expect(await town.run([...other, '--purpose', 'residence-certificate', '--note', 'x'])).toMatchObject({
      code: 4,
      kind: 'grant-invalid',
    });
    expect((await grant('revoke', id, 'officer')).answer.state).toBe('revoked');
    expect(await show(people[0]!, id)).toMatchObject({ code: 4, kind: 'grant-invalid' });
  });

  it('is not given for a purpose whose article knows none, nor to a clerk without the purpose', async () => {
    const argv = ['gate', 'grant', 'ask', '--groups', 'name', '--count', '5', '--reason', 'x'];
    const certificate = [...argv, '--as', 'clerk', '--purpose', 'residence-certificate', '--note', 'x'];
    expect(await town.run(certificate)).toMatchObject({ code: 4, kind: 'no-authority' });
    expect((await ask([], 'registrar')).code).toBe(4);
    expect((await ask(['--groups', 'number'])).code).toBe(4);
  });

  it.each([
    ['no count', ['--count', '0'], 2],
    ['a count that is a word', ['--count', 'many'], 2],
    ['more than the country has', ['--count', '999999999'], 3],
    ['no time at all', ['--hours', '0'], 2],
    ['a thousand years', ['--hours', '8760000'], 3],
    ['groups that are no words', ['--groups', 'Name; DROP'], 3],
  ])('%s is refused: exit %s', async (_name, more, code) => {
    expect((await ask(more)).code).toBe(code);
  });

  it('an id that is none, and one of nobody', async () => {
    expect((await grant('status', 'nonsense', 'clerk')).code).toBe(3);
    const unknown = await grant('approve', '0190a000-0000-7000-8000-000000000000', 'supervisor');
    expect([4, 5]).toContain(unknown.code);
  });
});

const enrol = (name: string, more: string[] = [], pin = '24681357') =>
  town.run(
    [
      ...['gate', 'staff', 'enrol', name, '--office', 'resident-desk'],
      ...(more.includes('--as') ? [] : ['--as', 'administrator']),
      ...(more.includes('--role') ? [] : ['--role', 'clerk']),
      ...(more.includes('--terminal') ? [] : ['--terminal', 'desk-1']),
      ...more,
    ],
    { typed: `${pin}\n` },
  );
const certificate = ['--purpose', 'residence-certificate', '--note', '交付'];
const find = (as: string, pin = '24681357') =>
  town.run(['register', 'find', '--address-number', town.rows[0]![0]!, '--as', as, ...certificate], {
    env: { SEKISHO_PIN: pin },
  });

describe('staff and terminals', { timeout: 60_000 }, () => {
  it('a new colleague at a new terminal signs in and works', async () => {
    expect(
      (
        await town.run([
          'gate',
          'staff',
          'terminal',
          't-20',
          '--office',
          'resident-desk',
          '--as',
          'administrator',
        ])
      ).answer,
    ).toEqual({ terminal: 't-20' });
    const { code, answer } = await enrol('sato', ['--terminal', 't-20']);
    expect([code, answer.staff]).toEqual([0, 'sato']);
    const key = readFileSync(answer.keyFile, 'utf8');
    expect(key).not.toContain('24681357');
    expect(statSync(answer.keyFile).mode & 0o077).toBe(0);
    expect((await find('sato')).code).toBe(0);
    expect(await find('sato', '00000000')).toMatchObject({ code: 4, kind: 'sign-in-failed' });
    // Again: refused, and the key that is there is left alone.
    expect((await enrol('sato')).code).toBe(6);
    expect(readFileSync(answer.keyFile, 'utf8')).toBe(key);
  });

  it('a supervisor is asked for by one and confirmed by another, who sees whom and with which key', async () => {
    const asked = await enrol('kato', ['--role', 'supervisor', '--terminal', 't-20']);
    expect(asked.answer).toMatchObject({
      staff: 'kato',
      enrolment: expect.any(String),
      publicKey: expect.any(String),
    });
    const { enrolment, publicKey } = asked.answer;
    expect(await find('kato')).toMatchObject({ code: 4, kind: 'sign-in-failed' });
    const listed = await town.run(['gate', 'staff', 'waiting', '--as', 'officer']);
    expect(listed.answer.enrolments).toEqual([
      expect.objectContaining({ enrolment, staff: 'kato', publicKey, askedBy: 'demo-administrator' }),
    ]);
    const confirm = (as: string) => town.run(['gate', 'staff', 'confirm', enrolment, '--as', as]);
    expect(await confirm('administrator')).toMatchObject({ code: 4, kind: 'policy-denied' });
    expect(await confirm('clerk')).toMatchObject({ code: 4, kind: 'policy-denied' });
    expect((await confirm('officer')).answer).toEqual({ staff: 'kato' });
    expect((await find('kato')).code).toBe(0);
    expect(await confirm('officer')).toMatchObject({ code: 6, facts: { reason: 'not-waiting' } });
    expect((await town.run(['gate', 'staff', 'waiting', '--as', 'officer'])).answer.enrolments).toEqual([]);
  });

  it('a colleague is invited to make a passkey, and a browser to become a terminal', async () => {
    const desk = town.house.sites!.desk;
    const invite = (...words: string[]) =>
      town.run(['gate', 'staff', 'invite', ...words, '--as', 'administrator']);
    const { code, answer } = await invite('clerk');
    expect([code, answer.url]).toEqual([0, `${desk}/enrol#${answer.code.replaceAll('-', '')}`]);
    expect((await invite('desk-1', '--what', 'terminal')).answer.url).toContain(`${desk}/enter/`);
    expect(await invite('nobody')).toMatchObject({ code: 5, kind: 'not-found' });
    expect((await town.run(['gate', 'staff', 'invite', 'clerk', '--as', 'clerk'])).kind).toBe(
      'policy-denied',
    );
    const stopped = await town.run(['gate', 'staff', 'stop-passkeys', 'clerk', '--as', 'administrator']);
    expect(stopped.answer).toEqual({ name: 'clerk', stopped: 0 });
  });

  it('a colleague of a name that the gate knows leaves no key file behind', async () => {
    expect(await enrol('demo-clerk')).toMatchObject({ code: 6, kind: 'already-exists' });
    expect(existsSync(join(town.data, 'staff', 'demo-clerk.json'))).toBe(false);
  });

  it.each(['clerk', 'supervisor', 'registrar', 'officer'])('a %s enrols nobody', async (who) => {
    expect(await enrol('mallory', ['--as', who])).toMatchObject({ code: 4, kind: 'policy-denied' });
    expect(existsSync(join(town.data, 'staff', 'mallory.json'))).toBe(false);
    const terminal = ['gate', 'staff', 'terminal', 't-66', '--office', 'resident-desk', '--as', who];
    expect((await town.run(terminal)).code).toBe(4);
  });

  it('a name that climbs out of the folder', async () => {
    expect(await enrol('../../mallory')).toMatchObject({ code: 3, facts: { option: '<name>' } });
    expect(existsSync(join(town.folder, 'mallory.json'))).toBe(false);
  });

  it.each([
    ['a role nobody has', ['--role', 'emperor'], 2],
    ['a PIN of two digits', [], 3],
  ])('%s', async (_name, more, code) => {
    expect((await enrol('novice', more, '12')).code).toBe(code);
    expect(existsSync(join(town.data, 'staff', 'novice.json'))).toBe(false);
  });

  it('a suspended colleague is out on his next request, and in again once reinstated', async () => {
    await enrol('suzuki');
    const act = (verb: string, as = 'officer') =>
      town.run(['gate', 'staff', verb, 'suzuki', '--reason', '調査', '--as', as]);
    expect((await act('suspend', 'clerk')).code).toBe(4);
    expect((await find('suzuki')).code).toBe(0);
    expect((await act('suspend')).answer).toEqual({ name: 'suzuki', what: 'staff', done: 'suspend' });
    expect(await find('suzuki')).toMatchObject({ code: 4, kind: 'sign-in-failed' });
    expect((await act('reinstate')).code).toBe(0);
    expect((await find('suzuki')).code).toBe(0);
  });

  it('a suspended terminal lets nobody in; the same person elsewhere works', async () => {
    const act = (verb: string) =>
      town.run(['gate', 'staff', verb, 't-20', '--what', 'terminal', '--reason', '盗難', '--as', 'officer']);
    expect((await act('suspend')).code).toBe(0);
    expect(await find('sato')).toMatchObject({ code: 4, kind: 'sign-in-failed' });
    expect((await find('suzuki')).code).toBe(0);
    expect((await act('reinstate')).code).toBe(0);
    expect((await find('sato')).code).toBe(0);
  });

  it('nobody suspends whom nobody knows, and nobody reinstates himself', async () => {
    const act = (verb: string, name: string) =>
      town.run(['gate', 'staff', verb, name, '--reason', 'x', '--as', 'officer']);
    expect((await act('suspend', 'nobody-at-all')).code).toBe(5);
    expect(await act('reinstate', 'officer')).toMatchObject({ code: 4, kind: 'policy-denied' });
  });
});

describe('person erase', { timeout: 60_000 }, () => {
  // By somebody who has spent nothing of his budget yet.
  const look = (person: string) => show(person, undefined, [], 'supervisor-2');
  const erase = (person: string, as: string, more: string[] = ['--yes']) =>
    town.run(['person', 'erase', person, '--as', as, '--note', '廃棄', '--reason', '保存期間満了', ...more]);

  it('is not done without --yes, nor by a clerk', async () => {
    expect((await erase(people[7]!, 'supervisor', [])).code).toBe(2);
    expect((await erase(people[7]!, 'clerk')).code).toBe(4);
    expect((await look(people[7]!)).code).toBe(0);
  });

  it('is not done while the resident lives here', async () => {
    expect(await erase(people[7]!, 'supervisor')).toMatchObject({ code: 6, kind: 'conflict' });
    const argv = ['register', 'event', 'move-out', '--person', people[7]!, '--date', '2026-01-05'];
    expect((await town.run([...argv, '--as', 'clerk', '--note', '届出'])).code).toBe(0);
  });

  it('makes the record unreadable for good, and the history tells who did it', async () => {
    const gone = await erase(people[7]!, 'supervisor');
    expect(gone.answer).toMatchObject({ person: people[7], line: expect.any(Number) });
    expect(gone.answer.receipt.index).toBe(gone.answer.line);
    expect(await look(people[7]!)).toMatchObject({ code: 5, kind: 'key-erased', out: '' });
    const [line] = await town
      .lines(people[7]!)
      .then((lines) => lines.filter(({ kind }) => kind === 'person.erased'));
    expect(line!.body).toMatchObject({ actor: 'demo-supervisor', purpose: 'record-erasure' });
    // The others are as readable as before, and the records still hold against the journal.
    expect((await look(people[0]!)).code).toBe(0);
    expect((await town.ok(['register', 'verify', '--as', 'officer'])).verified.findings).toBe(0);
  });

  it('a second time changes nothing, and of nobody there is nothing to erase', async () => {
    // Sent again after an answer that was lost: the keys stay gone.
    expect((await erase(people[7]!, 'supervisor')).code).toBe(0);
    expect(await look(people[7]!)).toMatchObject({ kind: 'key-erased' });
    expect((await erase('0190a000-0000-7000-8000-000000000000', 'supervisor')).code).toBe(5);
  });
});
