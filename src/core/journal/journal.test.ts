import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import {
  decodeLine,
  folderSource,
  Journal,
  journalMigrations,
  nodePrimitives,
  proofFileText,
  type StoredLine,
} from './index.ts';
import { Stage } from './staging.fixture.ts';
import {
  proveDropped,
  verifyInclusion,
  verifyLine,
  verifyLog,
  verifyProofFile,
  verifyReceipt,
} from './verify/index.ts';

let database: FreshDatabase;
let stage: Stage;
let journal: Journal;

beforeEach(async () => {
  database = await freshDatabase([journalMigrations]);
  stage = await new Stage(database.pool('gate', 6)).start();
  journal = await Journal.open(stage.options());
});
afterEach(async () => {
  await journal.close();
  await stage.end();
  await database.drop();
});

const opened = (person = stage.person()) => ({
  kind: 'field.opened' as const,
  person,
  body: { actor: 'staff-1' },
});
const verdictOfLog = () => verifyLog(folderSource(stage.mirror), stage.policy(), undefined, nodePrimitives);

describe('append', () => {
  it('gives contiguous indexes and receipts that hold, from many callers', async () => {
    const all = await Promise.all(
      Array.from({ length: 700 }, (_, i) =>
        journal.append({ lines: Array.from({ length: 1 + (i % 3) }, () => opened()) }),
      ),
    );
    const appended = all.flat();
    expect(appended.map(({ index }) => index).sort((a, b) => a - b)).toEqual(
      Array.from({ length: appended.length }, (_, i) => i + 1),
    );
    for (const { receipt, index, leafHash } of appended) {
      const verdict = verifyReceipt(receipt, stage.policy(), nodePrimitives);
      expect(verdict).toMatchObject({ ok: true, index });
      expect(receipt.leafHash).toBe(leafHash.toString('base64'));
    }
    expect(journal.head().size).toBe(1 + appended.length);
  });

  it('begins a new log with its own line', async () => {
    const [first] = await readAll(0, 1);
    expect(decodeLine(first!.payload)).toMatchObject({
      kind: 'log.started',
      body: { origin: journal.origin },
    });
  });

  it('is durable when it resolves', async () => {
    const [line] = await journal.append({ lines: [opened()] });
    const { rows } = await database
      .pool('superuser')
      .query('SELECT 1 FROM journal.line JOIN journal.payload USING (line_index) WHERE line_index = $1', [
        line!.index,
      ]);
    expect(rows).toHaveLength(1);
  });

  it('refuses a kind, a field or a unit that is none, and takes no index for it', async () => {
    await expect(journal.append({ lines: [] })).rejects.toMatchObject({ kind: 'bad-input' });
    await expect(
      journal.append({ lines: [{ kind: 'x' as 'field.opened', body: {} }] }),
    ).rejects.toMatchObject({
      kind: 'bad-input',
    });
    const odd = { kind: 'field.opened' as const, body: { 'personal-name': 'x' } };
    await expect(journal.append({ lines: [odd] })).rejects.toMatchObject({ kind: 'bad-input' });
    expect((await journal.append({ lines: [opened()] }))[0]!.index).toBe(1);
  });

  it('holds neither person nor payload in clear', async () => {
    const person = stage.person();
    await journal.append({ lines: [{ kind: 'field.opened', person, body: { actor: 'staff-marker-77' } }] });
    await journal.flush();
    const { rows } = await database
      .pool('superuser')
      .query(`SELECT encode(sealed, 'escape') || encode(coalesce(person_token, ''), 'escape') AS text
              FROM journal.payload JOIN journal.line USING (line_index)`);
    const text = rows.map((row: { text: string }) => row.text).join();
    expect(text.includes('staff-marker-77') || text.includes(person)).toBe(false);
  });
});

async function readAll(from: number, to: number): Promise<StoredLine[]> {
  const lines: StoredLine[] = [];
  for await (const line of journal.read(from, to)) lines.push(line);
  return lines;
}

describe('linesOf', () => {
  it('gives one person’s lines, newest first, opened and checkable', async () => {
    const [a, b] = [stage.person(), stage.person()];
    for (let i = 0; i < 5; i++) await journal.append({ lines: [opened(a), opened(b)] });
    const lines = await journal.linesOf(a);
    expect(lines.map(({ index }) => index)).toEqual([9, 7, 5, 3, 1]);
    for (const { payload, salt, leafHash } of lines) {
      expect(decodeLine(payload)).toMatchObject({ kind: 'field.opened', person: a });
      expect(verifyLine({ payload, salt, leafHash }, nodePrimitives)).toEqual({ ok: true });
    }
    expect((await journal.linesOf(a, { limit: 2, before: 7 })).map(({ index }) => index)).toEqual([5, 3]);
    expect(await journal.linesOf(stage.person())).toEqual([]);
  });
});

describe('rangeOf', () => {
  it('holds all lines of a stretch of time, its end excluded, whatever the clock did', async () => {
    const append = async () => (await journal.append({ lines: [opened()] }))[0]!.index;
    const start = stage.clock.now();
    const [a, b] = [await append(), await append()];
    stage.clock.advance(1_000);
    const c = await append();
    stage.clock.advance(-500);
    const d = await append();
    expect(await journal.rangeOf(start + 1, start + 2_000)).toEqual({ from: c, to: d + 1 });
    expect(await journal.rangeOf(start + 1_000, start + 1_001)).toEqual({ from: c, to: c + 1 });
    expect(await journal.rangeOf(start, start + 600)).toEqual({ from: expect.any(Number), to: d + 1 });
    expect((await journal.rangeOf(start, start + 1)).from).toBeLessThanOrEqual(a);
    expect((await journal.rangeOf(start, start + 1)).to).toBe(b + 1);
    expect(await journal.rangeOf(start + 5_000, start + 6_000)).toEqual({ from: 0, to: 0 });
    expect(await journal.rangeOf(start, Number.MAX_SAFE_INTEGER)).toEqual({
      from: expect.any(Number),
      to: journal.head().size,
    });
  });
});

describe('keys', () => {
  it('are those that the log holds under', async () => {
    await journal.append({ lines: [opened()] });
    await journal.flush();
    const { witnessKeys, quorum, ...log } = journal.keys();
    expect(log).toEqual({ origin: stage.policy().origin, logKey: stage.policy().logKey });
    const verdict = await verifyLog(
      folderSource(stage.mirror),
      { ...log, witnessKeys, quorum },
      undefined,
      nodePrimitives,
    );
    expect(verdict).toMatchObject({ ok: true, size: journal.head().size });
  });
});

describe('prove', () => {
  it('proves lines in the witnessed checkpoint, also those it has to witness first', async () => {
    await Promise.all(Array.from({ length: 600 }, () => journal.append({ lines: [opened()] })));
    const proofs = await journal.prove([0, 1, 255, 256, 600]);
    for (const proof of proofs) {
      const text = proofFileText(proof, Buffer.from('extra'));
      const leafHash = Buffer.from(proof.leafHash, 'base64');
      expect(verifyProofFile(text, leafHash, stage.policy(), nodePrimitives)).toMatchObject({
        ok: true,
        index: proof.index,
      });
      const root = Buffer.from(proof.checkpoint.split('\n')[2]!, 'base64');
      const path = proof.path.map((hash) => Buffer.from(hash, 'base64'));
      expect(verifyInclusion({ ...proof, leafHash, path, root }, nodePrimitives)).toEqual({ ok: true });
    }
  });

  it('refuses an index that is no line', async () => {
    await expect(journal.prove([0, 77])).rejects.toMatchObject({ kind: 'not-found' });
    await expect(journal.prove([-1])).rejects.toMatchObject({ kind: 'not-found' });
    expect(await journal.prove([])).toEqual([]);
  });
});

describe('the mirror', () => {
  it('is a log the checker accepts, after every round and over restarts', async () => {
    for (const count of [1, 300, 2, 900, 40]) {
      await Promise.all(Array.from({ length: count }, () => journal.append({ lines: [opened()] })));
      await journal.flush();
      expect(await verdictOfLog()).toMatchObject({ ok: true, size: journal.head().size });
      await journal.close();
      journal = await Journal.open(stage.options());
    }
    expect(journal.head()).toMatchObject({ size: 1244, witnessedSize: 1244 });
  });

  it('drops partial tiles once the full one is there', async () => {
    await journal.append({ lines: [opened()] });
    await journal.flush();
    const source = folderSource(stage.mirror);
    expect(await source.get('tile/0/000.p/2')).toBeDefined();
    await Promise.all(Array.from({ length: 300 }, () => journal.append({ lines: [opened()] })));
    await journal.flush();
    expect(await source.get('tile/0/000')).toHaveLength(8192);
    expect(await source.get('tile/0/000.p/2')).toBeUndefined();
    expect(await source.get('tile/entries/000.p/2')).toBeUndefined();
  });

  it('holds every receipt’s line', async () => {
    const [line] = await journal.append({ lines: [opened()] });
    await journal.flush();
    const log = { source: folderSource(stage.mirror), policy: stage.policy() };
    expect(await proveDropped(line!.receipt, log, nodePrimitives)).toMatchObject({ finding: 'present' });
    const [next] = await journal.append({ lines: [opened()] });
    const finding = await proveDropped(next!.receipt, log, nodePrimitives);
    expect(['not-yet', 'present']).toContain(finding.finding);
  });
});

describe('roles', () => {
  it.each([
    ['UPDATE journal.line SET commitment = commitment'],
    ['DELETE FROM journal.line'],
    ['TRUNCATE journal.line'],
    ['UPDATE journal.payload SET sealed = sealed'],
    ['DELETE FROM journal.head'],
    ['UPDATE journal.head SET log_number = 2'],
  ])('the gate may not %s', async (statement) => {
    await expect(database.pool('gate').query(statement)).rejects.toMatchObject({ code: '42501' });
  });

  it.each(['office', 'portal', 'keys'] as const)('%s may read nothing', async (role) => {
    for (const table of ['line', 'payload', 'head'])
      await expect(database.pool(role).query(`SELECT 1 FROM journal.${table}`)).rejects.toMatchObject({
        code: '42501',
      });
  });
});
