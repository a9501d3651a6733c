import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import iconv from 'iconv-lite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import { drawResidentRecordCode } from '../../core/numbers/index.ts';
import { manualClock } from '../../ground/clock.ts';
import { SekishoError } from '../../ground/errors.ts';
import type { MunicipalityCode, PersonId } from '../../ground/ids.ts';
import { seededRandomness } from '../../ground/randomness.ts';
import type { ImportGate, WriteOp, WriteResult } from './gate-port.ts';
import { type ImportOptions, importResidents } from './import.ts';
import { registerMigrations } from './migrations.ts';
import { cellsWith, csvLine, headerCells, residentCsv } from './resident-file/sample-rows.fixture.ts';
import { bufferSource, type ResidentSource } from './resident-file/source.ts';
import { RegisterStore } from './store.ts';

const municipality = '131016' as MunicipalityCode;
let database: FreshDatabase;
let store: RegisterStore;
let folder: string;

beforeAll(async () => {
  database = await freshDatabase([registerMigrations]);
  store = new RegisterStore(database.pool('office'));
  folder = await mkdtemp(join(tmpdir(), 'sekisho-import-test-'));
});
afterAll(async () => {
  await database?.drop();
  await rm(folder, { recursive: true, force: true });
});

/** Stands in for the gate: keeps residents by code and request ids, and can be told to fail. */
class FakeGate implements ImportGate {
  readonly residents = new Map<string, string>();
  readonly #done = new Map<string, WriteResult>();
  readonly batches: number[] = [];
  underWay = 0;
  underWayMost = 0;
  fail: (call: number) => SekishoError | undefined = () => undefined;
  loseAnswer: (call: number) => boolean = () => false;

  readonly notes: Parameters<ImportGate['noteImport']>[0][] = [];

  async noteImport(i: Parameters<ImportGate['noteImport']>[0]): Promise<{ line: number }> {
    this.notes.push(i);
    return { line: this.notes.length };
  }

  async write(i: { ops: WriteOp[] }): Promise<WriteResult[]> {
    const call = this.batches.push(i.ops.length);
    this.underWayMost = Math.max(this.underWayMost, ++this.underWay);
    await new Promise((resolve) => setImmediate(resolve));
    this.underWay--;
    const failure = this.fail(call);
    if (failure) throw failure;
    const results = i.ops.map((op) => this.#one(op));
    if (this.loseAnswer(call)) throw new SekishoError('timeout');
    return results;
  }

  #one(op: WriteOp): WriteResult {
    const before = this.#done.get(op.requestId);
    if (before) return before;
    const code = op.fields['resident_code']!['code']!;
    const state = JSON.stringify([op.fields, op.clear]);
    const known = this.residents.get(code);
    this.residents.set(code, state);
    const outcome = known === undefined ? 'created' : known === state ? 'unchanged' : 'changed';
    const result: WriteResult = { requestId: op.requestId, outcome, person: code as PersonId };
    this.#done.set(op.requestId, result);
    return result;
  }
}

const codes = seededRandomness('codes');
const rows = (count: number) =>
  Array.from({ length: count }, (_, at) =>
    cellsWith({ address_number: String(1000 + at), resident_code: drawResidentRecordCode(codes).reveal() }),
  );
const many = rows(1234);

function run(gate: FakeGate, file: Uint8Array | ResidentSource, more: Partial<ImportOptions> = {}) {
  const clock = manualClock();
  return importResidents({
    gate,
    store,
    session: 's',
    caseId: 'c',
    staff: 'registrar',
    municipality,
    source: file instanceof Uint8Array ? bufferSource(file, 10_000) : file,
    clock,
    randomness: seededRandomness(`run-${Math.floor(clock.now())}-${counter++}`),
    temporaryFolder: folder,
    sleep: async () => undefined,
    ...more,
  });
}
let counter = 0;

describe('lines of an import', () => {
  it('tell its beginning and its end, with what became of the rows', async () => {
    const gate = new FakeGate();
    const { importId } = await run(gate, iconv.encode(residentCsv(many.slice(0, 30)), 'utf-8'));
    const about = { session: 's', caseId: 'c', importId, rows: 30, encoding: 'utf-8' };
    expect(gate.notes).toEqual([
      { ...about, state: 'begun' },
      { ...about, state: 'finished', outcome: { created: 30, changed: 0, unchanged: 0, refused: 0 } },
    ]);
  });

  it('a file that is refused begins nothing', async () => {
    const gate = new FakeGate();
    const refused = [...many.slice(0, 3), cellsWith({ sex: '5' })];
    expect(await run(gate, iconv.encode(residentCsv(refused), 'utf-8'))).toMatchObject({ state: 'refused' });
    expect(gate.notes).toEqual([]);
  });

  it('one that breaks off has a beginning and no end', async () => {
    const gate = new FakeGate();
    gate.fail = (call) => (call > 1 ? new SekishoError('policy-denied') : undefined);
    const file = iconv.encode(residentCsv(many.slice(0, 30)), 'utf-8');
    await expect(run(gate, file, { batchRows: 10 })).rejects.toMatchObject({ kind: 'policy-denied' });
    expect(gate.notes.map(({ state }) => state)).toEqual(['begun']);
  });
});

describe('import', () => {
  it.each(['cp932', 'utf-8'] as const)(
    'imports a %s file in batches with bounded look-ahead',
    async (encoding) => {
      const gate = new FakeGate();
      const result = await run(gate, iconv.encode(residentCsv(many), encoding), {
        batchRows: 100,
        batchesAhead: 3,
      });
      expect(result).toMatchObject({
        state: 'finished',
        encoding,
        rowsRead: 1234,
        rowsCreated: 1234,
        rowsChanged: 0,
        rowsUnchanged: 0,
        rowsRefused: 0,
      });
      expect(gate.batches).toEqual([...Array.from({ length: 12 }, () => 100), 34]);
      expect(gate.underWayMost).toBeLessThanOrEqual(3);
      const [job] = (await store.imports(municipality)).filter(
        ({ importId }) => importId === result.importId,
      );
      expect(job).toMatchObject({
        state: 'finished',
        rowsRead: 1234,
        rowsCreated: 1234,
        encoding,
        staffId: 'registrar',
      });
    },
  );

  it('run again, the same file changes nothing', async () => {
    const gate = new FakeGate();
    const file = iconv.encode(residentCsv(many.slice(0, 300)), 'cp932');
    await run(gate, file);
    expect(await run(gate, file)).toMatchObject({ rowsCreated: 0, rowsChanged: 0, rowsUnchanged: 300 });
  });

  it('a row that changes and changes back is changed both times', async () => {
    const gate = new FakeGate();
    const [first] = many;
    const file = (address: string) => Buffer.from(residentCsv([first!.with(10, address)]));
    await run(gate, file('見本市甲1番1号'));
    expect(await run(gate, file('見本市乙2番2号'))).toMatchObject({ rowsChanged: 1 });
    expect(await run(gate, file('見本市甲1番1号'))).toMatchObject({ rowsChanged: 1 });
  });

  it('tells progress of both phases up to the end', async () => {
    const seen: string[] = [];
    const file = Buffer.from(residentCsv(many));
    await run(new FakeGate(), file, {
      onProgress: ({ phase, rows, rowsTotal, bytes, bytesTotal }) =>
        seen.push(`${phase} ${rows}/${rowsTotal} ${bytes === bytesTotal}`),
    });
    expect(seen.filter((line) => line.startsWith('checking')).at(-1)).toBe('checking 1234/null true');
    expect(seen.at(-1)).toBe('writing 1234/1234 true');
  });
});

describe('a file with bad rows', () => {
  const bad = [...many.slice(0, 5), many[5]!.with(6, '昭和64年1月8日'), ...many.slice(6, 9)];
  const file = Buffer.from(residentCsv(bad));

  it('imports nothing and reports line, column and reason', async () => {
    const gate = new FakeGate();
    const result = await run(gate, file);
    expect(result).toMatchObject({ state: 'refused', rowsRead: 9, rowsRefused: 1, rowsCreated: 0 });
    expect(result.report.refusals).toEqual([{ line: 7, column: 'birth_date', reason: 'date-era-range' }]);
    expect(gate.batches).toEqual([]);
    expect((await store.imports(municipality))[0]).toBeDefined();
  });

  it('imports the good rows when told so', async () => {
    const gate = new FakeGate();
    expect(await run(gate, file, { acceptGood: true })).toMatchObject({
      state: 'finished',
      rowsCreated: 8,
      rowsRefused: 1,
    });
  });

  it.each([
    ['duplicate-address-number', 0, 'address_number'],
    ['duplicate-resident-code', 11, 'resident_code'],
  ] as const)('%s: every row concerned is refused', async (reason, cell, column) => {
    const gate = new FakeGate();
    const twice = [many[0]!, many[1]!, many[2]!.with(cell, many[0]![cell]!)];
    const result = await run(gate, Buffer.from(residentCsv(twice)), { acceptGood: true });
    expect(result).toMatchObject({ rowsCreated: 1, rowsRefused: 2 });
    expect(result.report.refusals).toEqual([
      { line: 2, column, reason, otherLine: 4 },
      { line: 4, column, reason, otherLine: 2 },
    ]);
  });

  it('refused-by-gate: the row is reported with the kind, the others are imported', async () => {
    const gate = new FakeGate();
    const write = gate.write.bind(gate);
    gate.write = async (i) => {
      const results = await write(i);
      return results.map((each, at) =>
        at === 1 ? { requestId: each.requestId, outcome: 'refused' as const, kind: 'conflict' } : each,
      );
    };
    const result = await run(gate, Buffer.from(residentCsv(many.slice(0, 3))));
    expect(result).toMatchObject({ rowsCreated: 2, rowsRefused: 1 });
    expect(result.report.refusals).toEqual([
      { line: 3, column: null, reason: 'refused-by-gate', kind: 'conflict' },
    ]);
  });
});

describe('a file that cannot be read at all', () => {
  it('empty', async () => {
    await expect(run(new FakeGate(), Buffer.alloc(0))).rejects.toMatchObject({
      kind: 'bad-input',
      facts: { what: 'resident-file', reason: 'empty' },
    });
  });

  it('without the columns: they are named', async () => {
    const text = `${csvLine(headerCells.filter((name) => name !== '氏名'))},備考\r\n`;
    await expect(run(new FakeGate(), Buffer.from(text))).rejects.toMatchObject({
      kind: 'bad-input',
      facts: { what: 'resident-file-header', missing: '氏名', unknown: '備考', duplicate: '' },
    });
    expect(
      (await store.imports(municipality)).some(
        ({ state, failureKind }) => state === 'failed' && failureKind === 'bad-input',
      ),
    ).toBe(true);
  });

  it('read with the wrong encoding', async () => {
    const file = iconv.encode(residentCsv(many.slice(0, 2)), 'cp932');
    await expect(run(new FakeGate(), file, { encoding: 'utf-8' })).rejects.toMatchObject({
      kind: 'bad-input',
    });
  });
});

describe('faults on the way', () => {
  it('a lost answer is asked for again and counted once', async () => {
    const gate = new FakeGate();
    gate.loseAnswer = (call) => call === 2 || call === 3;
    const result = await run(gate, Buffer.from(residentCsv(many.slice(0, 50))), {
      batchRows: 10,
      batchesAhead: 1,
    });
    expect(result).toMatchObject({ rowsCreated: 50, rowsUnchanged: 0 });
  });

  it('a gate that stays away ends the run; the next run finishes what is missing', async () => {
    const gate = new FakeGate();
    const file = Buffer.from(residentCsv(many.slice(0, 50)));
    gate.fail = (call) => (call > 2 ? new SekishoError('unreachable') : undefined);
    await expect(run(gate, file, { batchRows: 10 })).rejects.toMatchObject({ kind: 'unreachable' });
    expect(gate.residents.size).toBe(20);
    gate.fail = () => undefined;
    expect(await run(gate, file, { batchRows: 10 })).toMatchObject({ rowsCreated: 30, rowsUnchanged: 20 });
  });

  it('a refusal by the gate of the whole call is not tried again', async () => {
    const gate = new FakeGate();
    gate.fail = () => new SekishoError('policy-denied');
    await expect(run(gate, Buffer.from(residentCsv(many.slice(0, 5))))).rejects.toMatchObject({
      kind: 'policy-denied',
    });
    expect(gate.batches).toHaveLength(1);
  });

  it('a file that changes between the passes is told', async () => {
    const files = [Buffer.from(residentCsv(many.slice(0, 5))), Buffer.from(residentCsv(many.slice(0, 4)))];
    const source = { size: 0, open: () => bufferSource(files.shift()!).open() };
    await expect(run(new FakeGate(), source)).rejects.toMatchObject({
      kind: 'conflict',
      facts: { what: 'file-changed' },
    });
  });

  it('nothing is left in the temporary folder', async () => {
    await run(new FakeGate(), Buffer.from(residentCsv(many)));
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('what the office may do in the database', () => {
  it('reads residents but writes none, and keeps its own job rows', async () => {
    const office = database.pool('office');
    await expect(store.counts(municipality)).resolves.toMatchObject({ resident: 0 });
    for (const sql of [
      `INSERT INTO register.resident (municipality_code, person_id, key_version, line_index, content_digest, status)
         VALUES ('131016', '00000000-0000-7000-8000-000000000000', 1, 1, '', 'resident')`,
      `UPDATE register.resident SET status = 'deceased'`,
      'DELETE FROM register.resident',
      'DELETE FROM register.import',
      `UPDATE register.import SET staff_id = 'x'`,
      'DELETE FROM register.resident_history',
    ]) {
      await expect(office.query(sql)).rejects.toMatchObject({ code: '42501' });
    }
  });

  it('the gate never takes a row or a past state away', async () => {
    const gate = database.pool('gate');
    for (const sql of [
      'DELETE FROM register.resident',
      'DELETE FROM register.resident_history',
      'UPDATE register.resident_history SET status = status',
      'TRUNCATE register.resident',
    ]) {
      await expect(gate.query(sql)).rejects.toMatchObject({ code: '42501' });
    }
  });
});
