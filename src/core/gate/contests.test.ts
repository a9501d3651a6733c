import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import { SekishoError } from '../../ground/errors.ts';
import type { PersonId } from '../../ground/ids.ts';
import { decodeLine } from '../journal/index.ts';
import { unansweredMax } from './own-contests.ts';
import { otherTown, type Stage, staged, stageRooms, stated, town } from './staging/stage.fixture.ts';

let database: FreshDatabase;
let stage: Stage;
let persons: PersonId[];
/** Residents' sessions, in the order of the persons. */
let own: string[];
let made = 0;
beforeAll(async () => {
  database = await freshDatabase(stageRooms);
  stage = await staged(database, { municipalities: [town, otherTown] });
  await stage.enrol(otherTown, '-o');
});
beforeEach(async () => {
  const ops = [0, 1].map((i) => stage.op(made + i));
  made += 2;
  persons = (await stage.populate(ops)).map(({ person }) => person!);
  own = await Promise.all(
    persons.map(async (person) => (await stage.gate.residents.start({ municipality: town, person })).session),
  );
});
afterAll(async () => {
  await stage?.end();
  await database?.drop();
});

const text = 'この日は窓口へ行っていません';
const about = { group: 'address' };
const contest = async (session = own[0]!, more: Partial<Parameters<Stage['gate']['contest']>[0]> = {}) =>
  (await stage.gate.contest({ session, about, text, ...more })).contest;
const mine = async (session = own[0]!) => (await stage.gate.ownContests({ session })).contests;
const listed = async (session: string, id: string) =>
  (await stage.gate.contests({ session })).contests.find((each) => each.contest === id);
const reading = (session: string, id: string) => stage.gate.readContest({ session, contest: id });
const linesOf = async (person = persons[0]!) =>
  (await stage.gate.journal(town).linesOf(person, { limit: 50 })).map(({ payload }) => decodeLine(payload));
const opening = async (staff = 'supervisor') => {
  const desk = await stage.desk(staff, 'residence-certificate');
  const { receipt } = await stage.gate.open({ ...desk, person: persons[0]!, groups: ['name'] });
  return { line: { municipality: town, index: receipt.index } };
};

describe('a contest', () => {
  it('goes from the resident to the desk and back, each step a line about him', async () => {
    const line = await opening('clerk');
    const id = await contest(own[0]!, { about: line });
    expect(await mine()).toMatchObject([{ contest: id, about: line, state: 'open' }]);
    expect(await stage.gate.me({ session: own[0]! })).toMatchObject({ contests: 1 });

    const session = await stage.signIn('supervisor');
    expect(await listed(session, id)).toEqual({
      ...{ contest: id, person: persons[0], about: line, state: 'open' },
      openedAt: stage.clock.now(),
    });
    await stage.gate.takeContest({ session, contest: id });
    expect((await mine())[0]).toMatchObject({ state: 'taken' });
    expect((await mine())[0]).not.toHaveProperty('answer');
    expect(await listed(session, id)).toMatchObject({ state: 'taken', takenBy: 'supervisor' });
    expect(await reading(session, id)).toEqual({ text });

    stage.clock.advance(60_000);
    const answer = 'ご指摘のとおりでした。';
    await stage.gate.answerContest({ session, contest: id, state: 'accepted', answer });
    expect(await mine()).toMatchObject([{ state: 'accepted', answer, answeredAt: stage.clock.now() }]);
    expect(await listed(session, id)).toMatchObject({ state: 'accepted' });
    expect(await listed(session, id)).not.toHaveProperty('text');

    const told = (await linesOf())
      .slice(0, 4)
      .map(({ kind, body }) => [kind, body['actor'], body['outcome']]);
    expect(told).toEqual([
      ['contest.answered', 'supervisor', 'accepted'],
      ['contest.read', 'supervisor', 'read'],
      ['contest.taken', 'supervisor', 'done'],
      ['contest.opened', 'self', 'done'],
    ]);
  });

  it('keeps its words out of the journal and out of the tables', async () => {
    const id = await contest();
    const session = await stage.signIn('officer');
    await stage.gate.takeContest({ session, contest: id });
    await stage.gate.answerContest({ session, contest: id, state: 'rejected', answer: '記載のとおりです' });
    const { rows } = await database.pool('superuser').query('SELECT * FROM gate.contest');
    const bytes = rows.flatMap(({ text_sealed, answer_sealed }) => [text_sealed, answer_sealed]);
    const stored =
      JSON.stringify(rows) + bytes.map((each: Buffer | null) => each?.toString('utf8') ?? '').join();
    const said = JSON.stringify(await linesOf());
    for (const words of [text, '記載のとおりです']) {
      expect(stored).not.toContain(words);
      expect(said).not.toContain(words);
    }
  });

  it('outlives a restart', async () => {
    const id = await contest();
    await stage.reopen();
    expect(await mine()).toMatchObject([{ contest: id, about, state: 'open' }]);
  });

  it('shows its text to nobody who has not taken it, and writes no reading for him', async () => {
    const id = await contest();
    const taker = await stage.signIn('supervisor');
    const other = await stage.signIn('officer');
    await stage.gate.takeContest({ session: taker, contest: id });
    expect(await listed(other, id)).toMatchObject({ state: 'taken', takenBy: 'supervisor' });
    expect(await listed(other, id)).not.toHaveProperty('text');
    expect((await linesOf()).map(({ kind }) => kind)).not.toContain('contest.read');
    await expect(reading(other, id)).rejects.toMatchObject({ kind: 'conflict' });
    await reading(taker, id);
    await listed(taker, id);
    await reading(taker, id);
    expect((await linesOf()).filter(({ kind }) => kind === 'contest.read')).toHaveLength(2);
  });

  it('shows no text where its line cannot be written', async () => {
    const id = await contest();
    const session = await stage.signIn('supervisor');
    await stage.gate.takeContest({ session, contest: id });
    stage.faults.append = new SekishoError('journal-unavailable');
    await expect(reading(session, id)).rejects.toMatchObject({ kind: 'journal-unavailable' });
    delete stage.faults.append;
    stage.faults.overdue = true;
    await expect(reading(session, id)).rejects.toMatchObject({ kind: 'witness-overdue' });
    stage.faults.overdue = false;
  });

  it('goes from the list thirty days after its answer; the resident keeps it', async () => {
    const id = await contest();
    const session = await stage.signIn('supervisor');
    await stage.gate.takeContest({ session, contest: id });
    await stage.gate.answerContest({ session, contest: id, state: 'rejected', answer: 'a' });
    stage.clock.advance(30 * 86_400_000 + 1);
    expect(await listed(await stage.signIn('supervisor'), id)).toBeUndefined();
    const again = await stage.gate.residents.start({ municipality: town, person: persons[0]! });
    expect(await mine(again.session)).toMatchObject([{ contest: id, state: 'rejected' }]);
  });

  it('goes with the keys of an erased resident', async () => {
    const id = await contest();
    const session = await stage.signIn('supervisor');
    await stage.gate.takeContest({ session, contest: id });
    const death = { requestId: `d-${made}`, table: 'resident', kind: 'record.changed' as const };
    const desk = await stage.desk('supervisor', 'ex-officio-entry');
    const op = { ...death, municipality: town, person: persons[0]!, fields: {}, clear: stated('death') };
    expect((await stage.gate.write({ ...desk, ops: [op] }))[0]).toMatchObject({ outcome: 'changed' });
    const erasing = await stage.desk('supervisor', 'record-erasure');
    await stage.gate.erase({ ...erasing, person: persons[0]!, reason: 'r' });
    await expect(reading(session, id)).rejects.toMatchObject({ kind: 'key-erased' });
    await expect(contest()).rejects.toMatchObject({ kind: 'session-invalid' });
  });
});

describe('who may handle it', () => {
  it.each(['clerk', 'registrar', 'admin'])('not %s', async (staff) => {
    const id = await contest();
    const session = await stage.signIn(staff);
    await expect(stage.gate.contests({ session })).rejects.toMatchObject({ kind: 'policy-denied' });
    await expect(stage.gate.takeContest({ session, contest: id })).rejects.toMatchObject({
      kind: 'policy-denied',
    });
    await expect(
      stage.gate.answerContest({ session, contest: id, state: 'accepted', answer: 'a' }),
    ).rejects.toMatchObject({ kind: 'policy-denied' });
  });

  it('nobody whose own act it is', async () => {
    const id = await contest(own[0]!, { about: await opening('supervisor') });
    const session = await stage.signIn('supervisor');
    await expect(stage.gate.takeContest({ session, contest: id })).rejects.toMatchObject({
      kind: 'policy-denied',
    });
    const colleague = await stage.signIn('supervisor-b');
    await expect(stage.gate.takeContest({ session: colleague, contest: id })).resolves.toEqual({
      state: 'taken',
    });
  });

  it('not another town', async () => {
    const id = await contest();
    const session = await stage.signIn('officer-o', 't-01-o');
    expect(await listed(session, id)).toBeUndefined();
    await expect(stage.gate.takeContest({ session, contest: id })).rejects.toMatchObject({
      kind: 'not-found',
    });
  });

  it('only who has taken it answers, once, and nobody takes what is taken', async () => {
    const id = await contest();
    const [taker, other] = [await stage.signIn('supervisor'), await stage.signIn('officer')];
    const answer = (session: string) =>
      stage.gate.answerContest({ session, contest: id, state: 'accepted', answer: 'a' });
    await expect(answer(taker)).rejects.toMatchObject({ kind: 'conflict' });
    await stage.gate.takeContest({ session: taker, contest: id });
    await expect(stage.gate.takeContest({ session: other, contest: id })).rejects.toMatchObject({
      kind: 'conflict',
    });
    await expect(answer(other)).rejects.toMatchObject({ kind: 'conflict' });
    await answer(taker);
    await expect(answer(taker)).rejects.toMatchObject({ kind: 'conflict' });
    await expect(stage.gate.takeContest({ session: other, contest: id })).rejects.toMatchObject({
      kind: 'conflict',
    });
  });

  it('of two who take it at once, one', async () => {
    const id = await contest();
    const sessions = [await stage.signIn('supervisor'), await stage.signIn('officer')];
    const outcomes = await Promise.allSettled(
      sessions.map((session) => stage.gate.takeContest({ session, contest: id })),
    );
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect((await linesOf()).filter(({ kind }) => kind === 'contest.taken')).toHaveLength(1);
  });

  it('another, where the taker may work no more', async () => {
    const id = await contest();
    const taker = await stage.signIn('supervisor-b');
    await stage.gate.takeContest({ session: taker, contest: id });
    const officer = await stage.signIn('officer');
    await stage.gate.suspend({ session: officer, staff: 'supervisor-b', reason: 'r' });
    await stage.gate.takeContest({ session: officer, contest: id });
    expect(await listed(officer, id)).toMatchObject({ takenBy: 'officer' });
    expect(await reading(officer, id)).toEqual({ text });
    await stage.gate.reinstate({ session: officer, staff: 'supervisor-b', reason: 'r' });
  });
});

describe('what a resident may contest', () => {
  it('a line about him, not one about another, about nobody, or beyond the end', async () => {
    const others = await stage.gate.journal(town).linesOf(persons[1]!, { limit: 1 });
    const { size } = stage.gate.journal(town).head();
    for (const index of [others[0]!.index, 0, size + 100]) {
      await expect(
        contest(own[0]!, { about: { line: { municipality: town, index } } }),
      ).rejects.toMatchObject({ kind: 'not-found', facts: { what: 'line' } });
    }
    const elsewhere = { line: { municipality: '999999' as typeof town, index: 0 } };
    await expect(contest(own[0]!, { about: elsewhere })).rejects.toMatchObject({ kind: 'not-found' });
  });

  it('a search that showed him', async () => {
    const desk = await stage.desk('clerk', 'residence-certificate');
    const { line } = await stage.gate.search({ ...desk, by: { reading: `よみ${made - 2}` } });
    await expect(
      contest(own[0]!, { about: { line: { municipality: town, index: line } } }),
    ).resolves.toBeDefined();
    await expect(
      contest(own[1]!, { about: { line: { municipality: town, index: line } } }),
    ).rejects.toMatchObject({ kind: 'not-found' });
  });

  it('a group there is, with words', async () => {
    await expect(contest(own[0]!, { about: { group: 'shoe-size' } })).rejects.toMatchObject({
      kind: 'bad-input',
    });
    await expect(contest(own[0]!, { about: { group: 'constructor' } })).rejects.toMatchObject({
      kind: 'bad-input',
    });
    await expect(contest(own[0]!, { text: ' \n ' })).rejects.toMatchObject({ kind: 'bad-input' });
  });

  it('no more than twenty at once', async () => {
    for (let i = 0; i < unansweredMax; i++) await contest();
    await expect(contest()).rejects.toMatchObject({ kind: 'too-large' });
    await expect(contest(own[1]!)).resolves.toBeDefined();
  });
});

describe('a row edited past the gate', () => {
  it.each([
    [
      'another person',
      `person_id = (SELECT max(person_id::text)::uuid FROM trial.resident WHERE person_id <> c.person_id)`,
    ],
    ['another state', `state = 'accepted'`],
    ['another taker', `taken_by = 'officer'`],
    ['another thing contested', `about_group = 'name'`],
    ['another text', `text_sealed = text_sealed || '\\x00'`],
  ])('is none: %s', async (_what, change) => {
    const id = await contest();
    await database
      .pool('superuser')
      .query(`UPDATE gate.contest AS c SET ${change} WHERE contest_id = $1`, [id]);
    expect((await mine()).map((each) => each.contest)).not.toContain(id);
    const session = await stage.signIn('officer');
    expect(await listed(session, id)).toBeUndefined();
    await expect(stage.gate.takeContest({ session, contest: id })).rejects.toMatchObject({
      kind: 'not-found',
    });
  });
});
