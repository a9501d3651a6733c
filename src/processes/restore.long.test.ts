import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { logVerifierKey, nodePrimitives } from '../core/journal/index.ts';
import { verifyNote } from '../core/journal/verify/index.ts';
import { isSekishoError, SekishoError } from '../ground/errors.ts';
import type { PersonId } from '../ground/ids.ts';
import { RestorableHouse, town } from './restore.fixture.ts';

async function failure(promise: Promise<unknown>): Promise<SekishoError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isSekishoError(error)) throw error ?? new SekishoError('internal', { reason: 'no-error' });
  return error;
}

describe('a house of 200 residents taken back to a moment', () => {
  let house: RestorableHouse;
  let persons: PersonId[];
  let moment: number;
  let moved: PersonId;
  let erased: PersonId;
  let renumbered: PersonId;
  let addressBefore: string | undefined;
  let sizeAtMoment: number;
  /** Residents that were entered after the moment, and all there were then. */
  let entered: number;
  let living: number;
  let numbersBefore: string[];

  const numbers = async () =>
    (await house.query('gate', 'SELECT number_index FROM national.number_index')).map((row) =>
      (row['number_index'] as Buffer).toString('hex'),
    );

  const rows = async () => (await house.query('office', 'SELECT 1 FROM register.resident')).length;

  beforeAll(async () => {
    house = await RestorableHouse.make();
    await house.importTown(200);
    await house.backup();
    persons = await house.persons();
    [moved, erased, renumbered] = persons as [PersonId, PersonId, PersonId];
    await house.strikeOut(erased);
    addressBefore = await house.addressOf(moved);
    await house.moveTo(persons[10]!, '見本市北1番地');
    moment = await house.moment();
    sizeAtMoment = house.journal.head().size;
    await house.moveTo(moved, '見本市南2番地');
    await house.moveTo(moved, '見本市南3番地');
    await house.changeNumber(renumbered);
    await house.erase(erased);
    const rowsBefore = await rows();
    await house.importTown(5);
    entered = (await rows()) - rowsBefore;
    expect(entered).toBeGreaterThan(0);
    living = (await house.persons()).length;
    const officer = await house.signIn('officer');
    await house.gate.suspend({ session: officer, staff: 'clerk', reason: 'drill' });
    numbersBefore = await numbers();
  });
  afterAll(async () => {
    await house.remove();
  });

  it('is refused while it runs', async () => {
    writeFileSync(house.layout.houseFile, JSON.stringify({ pid: process.pid }), { mode: 0o600 });
    const error = await failure(house.restore(moment));
    rmSync(house.layout.houseFile);
    expect([error.kind, error.facts['reason']]).toEqual(['conflict', 'running']);
  });

  it('serves nothing before the witness agrees: unreachable, the house is as it was', async () => {
    await house.stop();
    const error = await failure(house.restore(moment, { witnessUrl: 'http://127.0.0.1:9' }));
    expect(error.kind).toBe('unreachable');
    await house.start();
    expect(await house.persons()).toHaveLength(living);
    expect((await house.inspect()).log.ok).toBe(true);
    expect(await house.kinds()).not.toContain('restore.made');
  });

  it('serves nothing before the witness agrees: a mirror that was changed is refused', async () => {
    await house.stop();
    const bundle = join(house.layout.journal, town, 'tile', 'entries', '000.p');
    const [widest] = existsSync(bundle)
      ? readdirSync(bundle)
          .sort((a, b) => Number(b) - Number(a))
          .map((name) => join(bundle, name))
      : [join(house.layout.journal, town, 'tile', 'entries', '000')];
    const kept = readFileSync(widest!);
    const changed = Buffer.from(kept);
    changed[changed.length - 1]! ^= 1;
    writeFileSync(widest!, changed);
    const error = await failure(house.restore(moment));
    expect(error.class).toBe('broken');
    writeFileSync(widest!, kept);
    await house.start();
    expect(await house.persons()).toHaveLength(living);
    expect(await house.kinds()).not.toContain('restore.made');
  });

  it('gets its records back, and says what happened in between', async () => {
    const tip = house.journal.head().size;
    await house.stop();
    const { recovered, old, journals } = await house.restore(moment);
    await house.start();
    expect(recovered.reached).toBe('target');
    expect(old).toMatchObject({ settled: [town], unsettled: [] });
    const [journal] = journals;
    expect(journal!.between).toMatchObject({ from: sizeAtMoment, numbersDrawn: entered + 1, unreadable: 0 });
    expect(journal!.between.to).toBeGreaterThanOrEqual(tip);
    expect(journal!.between.kinds).toMatchObject({
      'record.created': entered,
      'record.changed': 2,
      'number.changed': 1,
      'person.erased': 1,
      'staff.suspended': 1,
    });
    const records = new Map(journal!.between.records.map((record) => [record.person, record.kinds]));
    expect(records.size).toBe(entered + 2);
    expect(records.get(moved)).toEqual(['record.changed', 'record.changed']);
    expect(records.get(renumbered)).toEqual(['number.changed']);
    expect(journal!.between.erased.map(({ person }) => person)).toEqual([erased]);
    expect(await house.persons()).toEqual(persons.filter((person) => person !== erased));
  });

  it('has the journal go on from its tip, verified from its first line', async () => {
    const kinds = await house.kinds();
    expect(kinds[0]).toBe('log.started');
    expect(kinds).toContain('log.resumed');
    expect(kinds.filter((kind) => kind === 'restore.made')).toHaveLength(1);
    const { log, findings } = await house.inspect();
    expect(log.ok).toBe(true);
    expect(findings).toEqual([]);
  });

  it('keeps the erased person erased: no key, no field, no number', async () => {
    const keys = await house.query('keys', 'SELECT 1 FROM keys.person_key WHERE person_id = $1', [erased]);
    expect(keys).toEqual([]);
    const rows = await house.query('gate', 'SELECT state FROM national.number_index WHERE person_id = $1', [
      erased,
    ]);
    expect(rows.map(({ state }) => state)).toEqual(['retired']);
    expect(
      await house.query('office', 'SELECT 1 FROM register.resident WHERE person_id = $1', [erased]),
    ).toHaveLength(1);
  });

  it('keeps numbers drawn in between taken, and their holders have the old ones', async () => {
    expect((await numbers()).sort()).toEqual(numbersBefore.sort());
    const states = await house.query(
      'gate',
      'SELECT state FROM national.number_index WHERE person_id = $1 ORDER BY state',
      [renumbered],
    );
    expect(states.map(({ state }) => state)).toEqual(['active', 'retired']);
  });

  it('keeps out who was suspended in between, and all sessions are over', async () => {
    expect((await failure(house.signIn('clerk'))).kind).toBe('sign-in-failed');
    const officer = await house.signIn('officer');
    await house.gate.reinstate({ session: officer, staff: 'clerk' });
    expect(await house.addressOf(moved)).toBe(addressBefore);
    expect(await house.addressOf(persons[10]!)).toBe('見本市北1番地');
    expect((await failure(house.addressOf(erased))).kind).toBe('key-erased');
  });

  it('can be taken back a second time, also past the first', async () => {
    await house.moveTo(moved, '見本市西4番地');
    const second = await house.moment();
    await house.moveTo(moved, '見本市西5番地');
    await house.stop();
    const { journals } = await house.restore(second);
    await house.start();
    expect(journals[0]!.between.kinds).toMatchObject({ 'record.changed': 1 });
    expect(await house.addressOf(moved)).toBe('見本市西4番地');
    const afterSecond = await house.inspect();
    expect([afterSecond.log.ok, afterSecond.findings]).toEqual([true, []]);
    await house.stop();
    await house.restore(moment);
    await house.start();
    expect(await house.addressOf(moved)).toBe(addressBefore);
    const keys = await house.query('keys', 'SELECT 1 FROM keys.person_key WHERE person_id = $1', [erased]);
    expect(keys).toEqual([]);
    const afterThird = await house.inspect();
    expect([afterThird.log.ok, afterThird.findings]).toEqual([true, []]);
    expect(await house.persons()).toEqual(persons.filter((person) => person !== erased));
  });
});

describe('a house whose machine is lost', () => {
  let house: RestorableHouse;
  afterEach(async () => {
    await house.remove();
  });

  it('with a current mirror loses no line, and erases again what the mirror says', async () => {
    house = await RestorableHouse.make();
    await house.importTown(20);
    await house.backup();
    const [person, erased] = await house.persons();
    const moment = await house.moment();
    await house.moveTo(person!, '見本市東6番地');
    await house.strikeOut(erased!);
    await house.erase(erased!);
    const { size } = house.journal.head();
    await house.stop();
    rmSync(house.layout.postgres, { recursive: true });
    const { recovered, old, journals } = await house.restore(moment);
    expect([recovered.reached, old, recovered.aside]).toEqual(['target', undefined, undefined]);
    expect(journals[0]!.between).toMatchObject({ to: size });
    await house.start();
    const { log, findings } = await house.inspect();
    expect([log.ok, findings]).toEqual([true, []]);
    expect(await house.query('keys', 'SELECT 1 FROM keys.person_key WHERE person_id = $1', [erased])).toEqual(
      [],
    );
  });

  it('with the tip of its log: refused first, then a new log with a signed note of succession', async () => {
    house = await RestorableHouse.make();
    await house.importTown(20);
    await house.backup();
    await house.journal.flush();
    const mirror = join(house.layout.journal, town);
    cpSync(mirror, join(house.folder, 'old-mirror'), { recursive: true });
    const moment = await house.moment();
    const [person] = await house.persons();
    await house.moveTo(person!, '見本市東7番地');
    await house.journal.flush();
    const lost = house.journal.head().size;
    await house.stop();
    rmSync(house.layout.postgres, { recursive: true });
    rmSync(mirror, { recursive: true });
    cpSync(join(house.folder, 'old-mirror'), mirror, { recursive: true });

    const error = await failure(house.restore(moment));
    expect(error).toMatchObject({ kind: 'log-behind-witness', facts: { witnessed: lost } });
    expect(existsSync(join(house.layout.postgres, 'server', 'cluster'))).toBe(false);

    const { journals } = await house.restore(moment, { newLog: true });
    const [place] = house.tools.settings.municipalities;
    expect(journals[0]).toMatchObject({ origin: `${place!.origin}/2`, between: { records: [] } });
    const note = readFileSync(join(mirror, '2', 'succession'), 'utf8');
    expect(note).toBe(journals[0]!.succession);
    const publicKey = Buffer.from(house.tools.settings.log_public_key, 'base64');
    const key = logVerifierKey({ name: `${place!.origin}/2`, publicKey });
    expect((await verifyNote(note, [key], nodePrimitives)).ok).toBe(true);
    expect(note.split('\n').slice(0, 3)).toEqual(['sekisho-succession/v1', place!.origin, String(lost)]);
    await house.start();
    expect((await house.kinds()).slice(0, 3)).toEqual(['log.succeeded', 'restore.made', 'records.carried']);
    const fresh = await house.inspect();
    expect([fresh.log.ok, fresh.findings]).toEqual([true, []]);
    expect(journals[0]!.carried).toMatchObject({ findings: [] });
    expect(await house.addressOf(person!)).not.toBe('見本市東7番地');
    await house.moveTo(person!, '見本市東8番地');
    expect(await house.addressOf(person!)).toBe('見本市東8番地');
    expect((await house.inspect()).findings).toEqual([]);

    // Both logs later: a moment of the new one keeps what it carried, one of the old one has it carried anew.
    await house.backup();
    const within = await house.moment();
    await house.moveTo(person!, '見本市東9番地');
    await house.stop();
    const [again] = (await house.restore(within)).journals;
    await house.start();
    expect([again!.carried, (await house.inspect()).findings]).toEqual([null, []]);
    await house.stop();
    const [back] = (await house.restore(moment)).journals;
    await house.start();
    expect(back!.carried!.states).toBe(journals[0]!.carried!.states);
    expect((await house.inspect()).findings).toEqual([]);
    expect(await house.addressOf(person!)).not.toBe('見本市東8番地');

    // The gate's own role may write the row: who has its password is an administrator of the database.
    await house.query('gate', "UPDATE register.resident SET event_date = '1999-01-01' WHERE person_id = $1", [
      person,
    ]);
    expect((await house.inspect()).findings).toEqual([
      expect.objectContaining({ finding: 'changed', person, log: 1 }),
    ]);
  });
});
