import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import { decodeLine, folderSource, nodePrimitives } from '../journal/index.ts';
import { verifyLog } from '../journal/verify/index.ts';
import { otherTown, type Stage, staged, stageRooms, town } from './staging/stage.fixture.ts';

let database: FreshDatabase;
let stage: Stage;
let session: string;
beforeAll(async () => {
  database = await freshDatabase(stageRooms);
  stage = await staged(database, { municipalities: [town, otherTown] });
  session = await stage.signIn('officer');
});
afterAll(async () => {
  await stage?.end();
  await database?.drop();
});
const lastLine = async () => {
  const journal = stage.gate.journal(town);
  const { size } = journal.head();
  for await (const line of journal.read(size - 1, size)) return decodeLine(line.payload);
  return undefined;
};

describe('the keys of the journals', () => {
  it('are those that each log holds under, and no other', async () => {
    const { journals } = await stage.gate.journalKeys({});
    expect(journals.map(({ municipality }) => municipality)).toEqual([town, otherTown]);
    for (const { municipality, ...policy } of journals) {
      await stage.gate.journal(municipality).flush();
      const source = folderSource(join(stage.folder, 'journal', municipality));
      expect(await verifyLog(source, policy, undefined, nodePrimitives)).toMatchObject({ ok: true });
      const other = journals.find((each) => each.municipality !== municipality)!;
      const wrong = { ...policy, logKey: other.logKey };
      expect(await verifyLog(source, wrong, undefined, nodePrimitives)).toMatchObject({ ok: false });
    }
  });
});

describe('the last verification', () => {
  it('is none before the first, then kept over a restart, and each is a line', async () => {
    expect(await stage.gate.lastVerification({ session, municipality: town })).toEqual({ last: null });
    const done = await stage.gate.noteVerification({ session, municipality: town, verdict: 'ok', size: 7 });
    expect(done).toEqual({ verdict: 'ok', size: 7, at: stage.clock.now(), staff: 'officer' });
    expect(await lastLine()).toMatchObject({
      kind: 'journal.verified',
      body: { verdict: 'ok', size: 7, actor: 'officer', outcome: 'done' },
    });
    await stage.reopen();
    expect(await stage.gate.lastVerification({ session, municipality: town })).toEqual({ last: done });
    stage.clock.advance(60_000);
    const bad = { session, municipality: town, verdict: 'root-differs', size: 0 };
    await stage.gate.noteVerification(bad);
    expect(await lastLine()).toMatchObject({ body: { verdict: 'root-differs', outcome: 'failed' } });
    const { last } = await stage.gate.lastVerification({ session, municipality: town });
    expect(last).toMatchObject({ verdict: 'root-differs', at: done.at + 60_000 });
  });

  it('that was edited past the gate counts as none', async () => {
    await database.pool('superuser').query(`UPDATE gate.journal_verification SET verdict = 'ok'`);
    expect(await stage.gate.lastVerification({ session, municipality: town })).toEqual({ last: null });
  });

  it('is not noted where its line is not', async () => {
    const { SekishoError } = await import('../../ground/errors.ts');
    stage.faults.append = new SekishoError('journal-unavailable');
    const note = stage.gate.noteVerification({ session, municipality: town, verdict: 'ok', size: 9 });
    await expect(note).rejects.toMatchObject({ kind: 'journal-unavailable' });
    delete stage.faults.append;
    expect(await stage.gate.lastVerification({ session, municipality: town })).toEqual({ last: null });
  });

  it.each(['clerk', 'supervisor', 'registrar', 'admin'])('is not for %s', async (name) => {
    const other = await stage.signIn(name);
    const asked = { session: other, municipality: town };
    await expect(stage.gate.lastVerification(asked)).rejects.toMatchObject({ kind: 'policy-denied' });
    await expect(stage.gate.noteVerification({ ...asked, verdict: 'ok', size: 1 })).rejects.toMatchObject({
      kind: 'policy-denied',
    });
    expect(await lastLine()).toMatchObject({ body: { operation: 'note-verification', actor: name } });
  });

  it("is one's own town's", async () => {
    await expect(stage.gate.lastVerification({ session, municipality: otherTown })).rejects.toMatchObject({
      kind: 'no-authority',
    });
  });
});
