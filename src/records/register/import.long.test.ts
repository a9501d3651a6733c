import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { residentRecordCodeCheckDigits } from '../../core/numbers/index.ts';
import { manualClock } from '../../ground/clock.ts';
import type { MunicipalityCode } from '../../ground/ids.ts';
import { seededRandomness } from '../../ground/randomness.ts';
import { importResidents } from './import.ts';
import { cellsWith, csvLine, headerCells } from './resident-file/sample-rows.fixture.ts';
import type { RegisterStore } from './store.ts';

/** A file that exists only while it is read. */
async function* residents(count: number) {
  yield Buffer.from(`${csvLine(headerCells)}\r\n`);
  for (let at = 0; at < count; at += 1_000) {
    const rows = Array.from({ length: Math.min(1_000, count - at) }, (_, n) => {
      const body = String(at + n).padStart(10, '0');
      const code = `${body}${residentRecordCodeCheckDigits(body)[0]}`;
      return `${csvLine(cellsWith({ address_number: String(at + n + 1), resident_code: code }))}\r\n`;
    });
    yield Buffer.from(rows.join(''));
  }
}

/** Most bytes of heap and buffers seen while a file of `count` rows was imported through a gate that keeps nothing. */
async function mostBytes(count: number): Promise<number> {
  let most = 0;
  const result = await importResidents({
    gate: {
      noteImport: async () => ({ line: 0 }),
      write: async ({ ops }) => {
        const { heapUsed, arrayBuffers } = process.memoryUsage();
        most = Math.max(most, heapUsed + arrayBuffers);
        await new Promise((resolve) => setImmediate(resolve));
        return ops.map(({ requestId }) => ({ requestId, outcome: 'created' as const }));
      },
    },
    store: { saveImport: async () => undefined } as unknown as RegisterStore,
    session: 's',
    caseId: 'c',
    staff: 'registrar',
    municipality: '131016' as MunicipalityCode,
    source: { size: 0, open: () => residents(count) },
    clock: manualClock(),
    randomness: seededRandomness('long'),
    temporaryFolder: tmpdir(),
  });
  expect(result.rowsCreated).toBe(count);
  return most;
}

describe('import of a large file', () => {
  it('needs no more memory for 600,000 rows than for 100,000, give or take garbage', async () => {
    await mostBytes(20_000);
    const small = await mostBytes(100_000);
    const large = await mostBytes(600_000);
    expect(large - small).toBeLessThan(64 * 2 ** 20);
  });
});
