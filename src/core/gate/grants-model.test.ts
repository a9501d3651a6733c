import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import type { PersonId } from '../../ground/ids.ts';
import { decodeLine } from '../journal/index.ts';
import { readBudgets } from './budget.ts';
import { type Stage, staged, stageRooms, town } from './staging/stage.fixture.ts';

// Bulk grants on the real gate and database, against an oracle of a few integers; and reservations at the limit.
let database: FreshDatabase;
let stage: Stage;
let persons: PersonId[];
const roomy = { session: 100_000, terminal: 100_000, purpose: 100_000, office: 100_000 };
beforeAll(async () => {
  database = await freshDatabase(stageRooms);
  const open = { ...roomy, session: 60 };
  stage = await staged(database, { change: { budgets: { ...readBudgets(), open, search: roomy } } });
  persons = (await stage.populate(Array.from({ length: 160 }, (_, i) => stage.op(i)))).map(
    ({ person }) => person!,
  );
});
afterAll(async () => {
  await stage.end();
  await database.drop();
});

const openings = async (from: number) => {
  const found: { grant: unknown; actor: unknown }[] = [];
  for await (const line of stage.gate.journal(town).read(from, stage.gate.journal(town).head().size)) {
    const { kind, body } = decodeLine(line.payload);
    if (kind === 'field.opened') found.push({ grant: body['grant'], actor: body['actor'] });
  }
  return found;
};
const kindOf = (result: PromiseSettledResult<unknown>) =>
  result.status === 'fulfilled' ? 'opened' : (result.reason as { kind: string }).kind;
const tally = (kinds: readonly string[], kind: string) => kinds.filter((each) => each === kind).length;

describe('a hundred openings at once', () => {
  it('with forty left in the session: exactly forty are opened and have a line, sixty are refused', async () => {
    const desk = await stage.desk('clerk', 'residence-certificate');
    for (let i = 0; i < 20; i++) await stage.gate.open({ ...desk, person: persons[i]!, groups: ['name'] });
    const before = stage.gate.journal(town).head().size;
    const results = await Promise.allSettled(
      persons.slice(20, 120).map((person) => stage.gate.open({ ...desk, person, groups: ['name'] })),
    );
    const kinds = results.map(kindOf);
    expect([tally(kinds, 'opened'), tally(kinds, 'budget-spent')]).toEqual([40, 60]);
    expect(await openings(before)).toHaveLength(40);
    await stage.reopen();
    const person = persons[150]!;
    await expect(stage.gate.open({ ...desk, person, groups: ['name'] })).rejects.toMatchObject({
      kind: 'budget-spent',
    });
  });
  it('of the same resident count once, and each has its line', async () => {
    const desk = await stage.desk('clerk-b', 'residence-certificate');
    const before = stage.gate.journal(town).head().size;
    const results = await Promise.all(
      Array.from({ length: 100 }, () => stage.gate.open({ ...desk, person: persons[0]!, groups: ['name'] })),
    );
    expect(results.at(-1)!.budget.session).toBe(59);
    expect(await openings(before)).toHaveLength(100);
  });
});

interface Model {
  state: 'none' | 'asked' | 'active' | 'revoked';
  left: number;
  endsAt: number;
}
interface Real {
  grant: string;
  asker: { session: string; caseId: string };
  from: number;
}
type Command = fc.AsyncCommand<Model, Real>;

const isOver = (model: Model) => model.endsAt <= stage.clock.now();
/** What the oracle thinks an act comes to. */
const attempt = async (work: Promise<unknown>): Promise<string> =>
  kindOf((await Promise.allSettled([work]))[0]!);
const command = (
  name: string,
  check: (model: Model) => boolean,
  run: (model: Model, real: Real) => Promise<void>,
): Command => ({ check, run, toString: () => name });

const ask = (count: number, seconds: number) =>
  command(
    `ask for ${count}, ${seconds} s`,
    (model) => model.state === 'none',
    async (model, real) => {
      real.asker = await stage.desk('supervisor', 'investigation');
      model.endsAt = stage.clock.now() + seconds * 1_000;
      const { grant } = await stage.gate.askGrant({
        ...{ ...real.asker, groups: ['name'], count, endsAt: model.endsAt, reason: 'survey' },
      });
      Object.assign(real, { grant });
      Object.assign(model, { state: 'asked', left: count });
    },
  );
const approve = (by: 'supervisor' | 'supervisor-b' | 'clerk') =>
  command(
    `${by} approves`,
    (model) => model.state !== 'none',
    async (model, real) => {
      const session = await stage.signIn(by);
      const kind = await attempt(stage.gate.approveGrant({ session, grant: real.grant }));
      if (model.state !== 'asked' || by === 'supervisor' || isOver(model)) expect(kind).toBe('grant-invalid');
      else if (by === 'clerk') expect(kind).toBe('policy-denied');
      else {
        expect(kind).toBe('opened');
        model.state = 'active';
      }
    },
  );
const revoke = command(
  'revoke',
  (model) => model.state !== 'none',
  async (model, real) => {
    const session = await stage.signIn('officer');
    await stage.gate.revokeGrant({ session, grant: real.grant });
    model.state = 'revoked';
  },
);
const open = (many: number) =>
  command(
    `${many} openings at once`,
    (model) => model.state !== 'none',
    async (model, real) => {
      const desk = await stage.desk('supervisor', 'investigation');
      const results = await Promise.allSettled(
        persons
          .slice(0, many)
          .map((person) => stage.gate.open({ ...desk, person, groups: ['name'], grant: real.grant })),
      );
      const kinds = results.map(kindOf);
      const due = model.state === 'active' && !isOver(model) ? Math.min(many, model.left) : 0;
      expect([tally(kinds, 'opened'), tally(kinds, 'grant-invalid')]).toEqual([due, many - due]);
      model.left -= due;
    },
  );
const revokeAmid = (many: number) =>
  command(
    `revoked amid ${many}`,
    (model) => model.state === 'active',
    async (model, real) => {
      const desk = await stage.desk('supervisor', 'investigation');
      const session = await stage.signIn('officer');
      const opened = persons
        .slice(0, many)
        .map((person) => stage.gate.open({ ...desk, person, groups: ['name'], grant: real.grant }));
      await stage.gate.revokeGrant({ session, grant: real.grant });
      const kinds = (await Promise.allSettled(opened)).map(kindOf);
      model.state = 'revoked';
      expect(tally(kinds, 'opened')).toBeLessThanOrEqual(model.left);
      model.left -= tally(kinds, 'opened');
    },
  );
const pass = (seconds: number) =>
  command(
    `${seconds} s`,
    () => true,
    async () => stage.clock.advance(seconds * 1_000),
  );
const restart = command(
  'restart',
  () => true,
  async (model) => {
    await stage.reopen();
    // What is over or revoked is not loaded again: nothing can be done with it either way.
    if (model.state === 'revoked' || isOver(model)) model.state = 'none';
  },
);

const commands = [
  fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 20, max: 90 })).map(([n, s]) => ask(n, s)),
  fc.constantFrom(approve('supervisor-b'), approve('supervisor-b'), approve('supervisor'), approve('clerk')),
  fc.constant(revoke),
  fc.integer({ min: 1, max: 5 }).map(open),
  fc.integer({ min: 1, max: 5 }).map(open),
  fc.integer({ min: 1, max: 5 }).map(revokeAmid),
  fc.integer({ min: 1, max: 40 }).map(pass),
  fc.constant(restart),
];

describe('a bulk grant and a naive account of it', () => {
  it('agree after any asking, approving, taking back, opening at once, running out and restarting', async () => {
    await fc.assert(
      fc.asyncProperty(fc.commands(commands, { maxCommands: 14, size: 'max' }), async (run) => {
        const from = stage.gate.journal(town).head().size;
        const real: Real = { grant: '', asker: { session: '', caseId: '' }, from };
        await fc.asyncModelRun(() => ({ model: { state: 'none', left: 0, endsAt: 0 } as Model, real }), run);
        // However it went: never more lines under a grant than it was signed for, and the count stored says the same.
        const { rows } = await database
          .pool('superuser')
          .query('SELECT persons_max, persons_left FROM gate.bulk_grant WHERE grant_id::text = $1', [
            real.grant,
          ]);
        if (rows.length === 0) return;
        const used = (await openings(from)).filter(({ grant }) => grant === real.grant).length;
        expect(used).toBe(rows[0].persons_max - rows[0].persons_left);
      }),
      { numRuns: 12 },
    );
  });

  it('that one revokes while the other approves ends revoked, in memory and in the database', async () => {
    const asker = await stage.desk('supervisor', 'investigation');
    const second = await stage.signIn('supervisor-b');
    const officer = await stage.signIn('officer');
    const endsAt = stage.clock.now() + 60_000;
    for (let round = 0; round < 5; round++) {
      const { grant } = await stage.gate.askGrant({
        ...{ ...asker, groups: ['name'], count: 2, endsAt, reason: 'survey' },
      });
      await Promise.allSettled([
        stage.gate.approveGrant({ session: second, grant }),
        stage.gate.revokeGrant({ session: officer, grant }),
      ]);
      expect(await stage.gate.grant({ session: officer, grant })).toMatchObject({ state: 'revoked' });
      const person = persons[0]!;
      await expect(stage.gate.open({ ...asker, person, groups: ['name'], grant })).rejects.toMatchObject({
        kind: 'grant-invalid',
      });
    }
  });
  it('that two approve at the same time has one approver', async () => {
    const asker = await stage.desk('supervisor', 'investigation');
    const session = await stage.signIn('admin');
    await stage.member(town, 'supervisor-c', 'supervisor', 'desk-1', { session });
    const endsAt = stage.clock.now() + 60_000;
    const { grant } = await stage.gate.askGrant({
      ...{ ...asker, groups: ['name'], count: 2, endsAt, reason: 'survey' },
    });
    const approvers = await Promise.all([stage.signIn('supervisor-b'), stage.signIn('supervisor-c')]);
    const results = await Promise.allSettled(
      approvers.map((each) => stage.gate.approveGrant({ session: each, grant })),
    );
    expect(results.map(kindOf).sort()).toEqual(['grant-invalid', 'opened']);
  });
  it('that a database administrator made longer, larger or other is not there after a restart', async () => {
    const edits = [
      'persons_max = 1000, persons_left = 1000',
      'ends_at_ms = ends_at_ms + 86400000',
      "groups = ARRAY['name', 'address']",
      "purpose = 'residence-certificate'",
      "asked_by = 'clerk'",
      "approved_by = 'supervisor-c', approved_at_ms = asked_at_ms, state = 'active'",
    ];
    for (const [i, edit] of edits.entries()) {
      const asker = await stage.desk('supervisor', 'investigation');
      const { grant } = await stage.gate.askGrant({
        ...{ ...asker, groups: ['name'], count: 2, endsAt: stage.clock.now() + 600_000, reason: 'survey' },
      });
      if (i < 5) await stage.gate.approveGrant({ session: await stage.signIn('supervisor-b'), grant });
      await database
        .pool('superuser')
        .query(`UPDATE gate.bulk_grant SET ${edit} WHERE grant_id = $1`, [grant]);
      await stage.reopen();
      const person = persons[0]!;
      const opening = stage.gate.open({ ...asker, person, groups: ['name'], grant });
      await expect(opening, edit).rejects.toMatchObject({
        kind: 'grant-invalid',
        facts: { reason: 'unknown' },
      });
    }
  });
});
