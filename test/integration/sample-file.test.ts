import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { seededRandomness } from '../../src/ground/randomness.ts';
import {
  bufferSource,
  checkFile,
  type Encoding,
  headerNames,
  type PlainResident,
  parseDate,
  RefusalReport,
  readResidentFile,
  readRow,
} from '../../src/records/register/index.ts';
import { faultyFile, population, SAMPLE_DAY, sampleTown, writeResidentFile } from '../../src/sample/index.ts';

const rules = { today: SAMPLE_DAY };

async function check(bytes: Uint8Array) {
  const folder = await mkdtemp(join(tmpdir(), 'sekisho-sample-file-'));
  const report = new RefusalReport();
  try {
    const checked = await checkFile({
      source: bufferSource(bytes, 7_000),
      rules,
      report,
      temporaryFolder: folder,
      randomness: seededRandomness('check'),
      onProgress: () => undefined,
    });
    return { checked, report };
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function residentsOf(bytes: Uint8Array): Promise<PlainResident[]> {
  const residents = [];
  const pass = { encoding: undefined, bytes: 0, digest: '' };
  for await (const { header, records } of readResidentFile(bufferSource(bytes), pass)) {
    for (const record of records) {
      const read = readRow(record, header, rules);
      expect(read).toMatchObject({ ok: true });
      if (read.ok) residents.push(read.resident);
    }
  }
  return residents;
}

async function written(encoding: Encoding, seed: string): Promise<Buffer> {
  const parts: Buffer[] = [];
  const destination = new Writable({
    write(chunk: Buffer, _, done) {
      parts.push(chunk);
      done();
    },
  });
  await writeResidentFile({
    population: population({ ...sampleTown, seed, residents: 3_000 }),
    encoding,
    destination,
  });
  return Buffer.concat(parts);
}

describe('the sample writer and the importer keep one contract', () => {
  it.each(['cp932', 'utf-8'] as const)(
    'every fault of a faulty %s file is refused at its line, column and reason, nothing else',
    async (encoding) => {
      const { bytes, refusals, sound } = faultyFile('contract', encoding);
      const { checked, report } = await check(bytes);
      const found = report.refusals.map(({ line, column, reason }) => ({
        line,
        column: column === null ? null : headerNames[column],
        reason,
      }));
      expect(found).toEqual(refusals.toSorted((a, b) => a.line - b.line));
      expect(checked.rows - checked.refusedRows).toBe(sound);
      expect(checked.pass.encoding).toBe(encoding);
    },
  );

  it.each(['cp932', 'utf-8'] as const)('every resident of a %s town is read as he is', async (encoding) => {
    const residents = await residentsOf(await written(encoding, 'town'));
    expect(residents).toHaveLength(3_000);
    const truths = [...population({ ...sampleTown, seed: 'town', residents: 3_000 })];
    for (const [at, { truth, ...stated }] of truths.entries()) {
      const read = residents[at]!;
      expect(read.birthDate).toBe(truth.birthDate);
      expect(read.sex).toBe(truth.sex);
      expect(read.eventDate).toBe(truth.eventDate);
      if (encoding === 'utf-8') expect(read.name).toBe(stated.name);
      expect(read.residentCode).toBe(stated.residentRecordCode.reveal());
      expect(parseDate(stated.birthDate)).toMatchObject({ ok: true });
    }
  });
});
