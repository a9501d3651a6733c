import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Stage, staged, stageRooms, town } from '../../src/core/gate/staging/stage.fixture.ts';
import { decodeLine } from '../../src/core/journal/index.ts';
import type { PersonId } from '../../src/ground/ids.ts';
import { type FreshDatabase, freshDatabase } from '../database.ts';

// An administrator of PostgreSQL and the tables of residents' rights: what he reads, what he can make the gate believe, and what
// still tells of him.

let database: FreshDatabase;
let stage: Stage;
let persons: PersonId[];
let dba: ReturnType<FreshDatabase['pool']>;
let made = 0;
const text = '前の夫が住所を知っていました';
beforeAll(async () => {
  database = await freshDatabase(stageRooms);
  stage = await staged(database);
  dba = database.pool('superuser');
});
beforeEach(async () => {
  const ops = [made++, made++].map((i) => stage.op(i));
  persons = (await stage.populate(ops)).map(({ person }) => person!);
});
afterAll(async () => {
  await stage?.end();
  await database?.drop();
});

const resident = async (i = 0) =>
  (await stage.gate.residents.start({ municipality: town, person: persons[i]! })).session;
const open = async () =>
  stage.gate.open({
    ...(await stage.desk('clerk', 'residence-certificate')),
    person: persons[0]!,
    groups: ['name'],
  });
const kindsOf = async (i = 0) =>
  (await stage.gate.journal(town).linesOf(persons[i]!, { limit: 50 })).map(
    ({ payload }) => decodeLine(payload).kind,
  );

describe('what he reads', () => {
  it('no text, no answer, no session, nobody whom a search showed', async () => {
    const session = await resident();
    const contest = await stage.gate.contest({ session, about: { group: 'address' }, text });
    const supervisor = await stage.signIn('supervisor');
    await stage.gate.takeContest({ session: supervisor, ...contest });
    const answer = 'ご心配をおかけしました';
    await stage.gate.answerContest({ session: supervisor, ...contest, state: 'accepted', answer });
    const desk = await stage.desk('clerk', 'residence-certificate');
    await stage.gate.search({ ...desk, by: { reading: `よみ${made - 2}` } });
    for (const table of [
      'contest',
      'resident_session',
      'search_hit',
      'look_up_lock',
      'journal_verification',
    ]) {
      const { rows } = await dba.query(`SELECT row_to_json(t)::text AS row FROM gate.${table} AS t`);
      const all = rows.map(({ row }) => row as string).join('\n');
      const bytes = [...all.matchAll(/\\\\x([0-9a-f]+)/g)].map(([, hex]) => Buffer.from(hex!, 'hex'));
      const read = all + Buffer.concat(bytes).toString('utf8');
      for (const secret of [text, answer, session])
        expect([table, read.includes(secret)]).toEqual([table, false]);
      if (table === 'search_hit') expect(read).not.toContain(persons[0]);
    }
  });
});

describe('what he can make the gate believe', () => {
  it('not a session of his own making, for anybody', async () => {
    await dba.query(
      `INSERT INTO gate.resident_session SELECT municipality_code, sha256('mine'), $1, started_at_ms, used_at_ms, row_mac
       FROM gate.resident_session LIMIT 1`,
      [persons[0]],
    );
    await stage.reopen();
    await expect(stage.gate.openOwn({ session: 'mine', groups: ['name'] })).rejects.toMatchObject({
      kind: 'session-invalid',
    });
  });

  it('not another’s lock as this one’s, nor one that ends earlier', async () => {
    const session = await resident();
    const until = stage.clock.now() + 5 * 86_400_000;
    await stage.gate.lockLookUps({ session, until });
    await dba.query('UPDATE gate.look_up_lock SET person_id = $1 WHERE person_id = $2', [
      persons[1],
      persons[0],
    ]);
    await stage.reopen();
    const other = await resident(1);
    expect(await stage.gate.me({ session: other })).toMatchObject({ lock: null });
  });

  it('not that a contest was answered, nor that its text was another’s', async () => {
    const [mine, theirs] = [await resident(0), await resident(1)];
    const about = { group: 'name' };
    const { contest } = await stage.gate.contest({ session: mine, about, text });
    const { contest: other } = await stage.gate.contest({ session: theirs, about, text: 'なし' });
    await dba.query(
      `UPDATE gate.contest AS c SET text_sealed = o.text_sealed, key_version = o.key_version, row_mac = o.row_mac
       FROM gate.contest AS o WHERE c.contest_id = $1 AND o.contest_id = $2`,
      [contest, other],
    );
    expect((await stage.gate.ownContests({ session: mine })).contests).toEqual([]);
    await dba.query(`UPDATE gate.contest SET state = 'rejected' WHERE contest_id = $1`, [other]);
    expect((await stage.gate.ownContests({ session: theirs })).contests).toEqual([]);
    // What was taken from the list is in the journal: the resident sees that he contested.
    expect(await kindsOf(0)).toContain('contest.opened');
    expect(await kindsOf(1)).toContain('contest.opened');
  });
});

describe('what he can take away, and what still tells of it', () => {
  it('a lock; its line stands, and so does the opening that followed', async () => {
    const session = await resident();
    await stage.gate.lockLookUps({ session, until: stage.clock.now() + 86_400_000 });
    await dba.query('DELETE FROM gate.look_up_lock WHERE person_id = $1', [persons[0]]);
    // In memory it holds until a restart.
    await expect(open()).rejects.toMatchObject({ kind: 'locked' });
    await stage.reopen();
    await expect(open()).resolves.toBeDefined();
    expect((await kindsOf()).slice(0, 3)).toEqual(['field.opened', 'field.refused', 'lock.set']);
  });

  it('what leads a resident to a search; the officer finds it all the same', async () => {
    const desk = await stage.desk('clerk', 'residence-certificate');
    const { line } = await stage.gate.search({ ...desk, by: { reading: `よみ${made - 2}` } });
    const session = await resident();
    const shown = async () =>
      (await stage.gate.ownHistory({ session, limit: 50 })).lines.some(({ index }) => index === line);
    expect(await shown()).toBe(true);
    await dba.query('DELETE FROM gate.search_hit WHERE line_index = $1', [line]);
    expect(await shown()).toBe(false);
    const officer = await stage.signIn('officer');
    const asked = { session: officer, person: persons[0]!, kinds: ['search.made'], limit: 10 };
    expect((await stage.gate.searchLines(asked)).lines.map(({ index }) => index)).toContain(line);
  });

  it('the gate’s own role may not take a line of a right away either', async () => {
    const gate = database.pool('gate');
    for (const table of ['contest', 'look_up_lock', 'search_hit', 'journal_verification'])
      await expect(gate.query(`DELETE FROM gate.${table}`)).rejects.toThrow(/permission denied/);
    for (const column of ['person_id', 'text_sealed', 'about_line', 'opened_at_ms'])
      await expect(gate.query(`UPDATE gate.contest SET ${column} = ${column}`)).rejects.toThrow(
        /permission denied/,
      );
    await expect(gate.query('UPDATE gate.resident_session SET person_id = person_id')).rejects.toThrow(
      /permission denied/,
    );
  });
});
