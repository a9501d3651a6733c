import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { manualClock } from '../../ground/clock.ts';
import { SekishoError } from '../../ground/errors.ts';
import { silentLog } from '../../ground/log.ts';
import { seededRandomness } from '../../ground/randomness.ts';
import { Imports, type RunImport } from './imports.ts';
import type { RegisterDesk } from './ports.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sekisho-imports-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const outcome = {
  encoding: 'utf-8',
  rowsRead: 3,
  rowsRefused: 0,
  rowsCreated: 3,
  rowsChanged: 0,
  rowsUnchanged: 0,
};
const finished = { state: 'finished', ...outcome, refusedRows: [] } as const;

function open(run: RunImport) {
  return new Imports({
    run,
    folder,
    clock: manualClock(),
    randomness: seededRandomness('i'),
    log: silentLog,
  });
}
const upload = (text = 'a,b\r\n') => ({
  session: 's',
  staff: 'registrar',
  caseId: 'c',
  acceptGood: false,
  desk: {} as RegisterDesk,
  stream: Readable.from([Buffer.from(text)]),
});

describe('imports of the office', () => {
  it('answers at once, tells how far it is, and leaves nothing on disk', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const imports = open(async ({ source, onProgress }) => {
      onProgress({ phase: 'writing', rows: 2, rowsTotal: 3, bytes: 4, bytesTotal: source.size });
      await promise;
      return finished;
    });
    const { importId, state } = await imports.start(upload());
    expect(state).toBe('running');
    expect(imports.state(importId, 'registrar')).toMatchObject({
      state: 'running',
      phase: 'writing',
      rows: 2,
      bytesTotal: 5,
    });
    resolve();
    await imports.close();
    expect(imports.state(importId, 'registrar')).toMatchObject({ state: 'finished', rowsCreated: 3 });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('a failure is told by its kind alone', async () => {
    const imports = open(() => Promise.reject(new SekishoError('session-invalid', { reason: 'idle' })));
    const { importId } = await imports.start(upload());
    await imports.close();
    expect(imports.state(importId, 'registrar')).toMatchObject({ state: 'failed', kind: 'session-invalid' });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is nobody else’s business', async () => {
    const imports = open(async () => finished);
    const { importId } = await imports.start(upload());
    await imports.close();
    expect(() => imports.state(importId, 'clerk')).toThrow(expect.objectContaining({ kind: 'not-found' }));
    expect(() => imports.refused(importId, 'clerk', 0, 10)).toThrow(
      expect.objectContaining({ kind: 'not-found' }),
    );
    expect(() => imports.state('another', 'registrar')).toThrow(
      expect.objectContaining({ kind: 'not-found' }),
    );
  });

  it('gives refused rows by pages', async () => {
    const refusedRows = Array.from({ length: 5 }, (_, i) => ({
      line: i + 2,
      column: 'sex',
      reason: 'sex-unknown',
      kind: null,
      words: { ja: 'あ', en: 'a' },
    }));
    const imports = open(async () => ({ ...finished, state: 'refused', rowsRefused: 9, refusedRows }));
    const { importId } = await imports.start(upload());
    await imports.close();
    const page = imports.refused(importId, 'registrar', 3, 10);
    expect(page.rows.map(({ line }) => line)).toEqual([5, 6]);
    expect(page.total).toBe(9);
  });

  it('forgets the oldest finished ones, so that memory does not grow', async () => {
    const imports = open(async () => finished);
    const first = await imports.start(upload());
    for (let i = 0; i < 60; i++) await imports.start(upload());
    await imports.close();
    await imports.start(upload());
    expect(() => imports.state(first.importId, 'registrar')).toThrow(
      expect.objectContaining({ kind: 'not-found' }),
    );
    await imports.close();
  });
});
