import { createHash } from 'node:crypto';
import { SekishoError } from '../../../ground/errors.ts';
import type { Randomness } from '../../../ground/randomness.ts';
import { type Header, type HeaderFaults, readHeader } from './columns.ts';
import { type CsvRecord, readCsv } from './csv.ts';
import { DuplicateFinder } from './duplicates.ts';
import type { Encoding } from './encoding.ts';
import type { RefusalReport } from './report.ts';
import { type RowRules, readRow } from './row.ts';
import type { ResidentSource } from './source.ts';

/** What a pass over the file gives besides its rows. */
export interface FilePass {
  encoding: Encoding | undefined;
  bytes: number;
  digest: string;
}

/**
 * Reads header and records of a file, counting bytes and taking its digest on the way, so that two passes can be
 * held against each other.
 * @throws bad-input {what: resident-file-header, missing, unknown, duplicate} or {what: resident-file, reason: empty | header}
 */
export async function* readResidentFile(
  source: ResidentSource,
  pass: FilePass,
  encoding?: Encoding,
): AsyncGenerator<{ header: Header; records: CsvRecord[] }> {
  const hash = createHash('sha256');
  async function* counted() {
    for await (const chunk of source.open()) {
      hash.update(chunk);
      pass.bytes += chunk.length;
      yield chunk;
    }
  }
  let header: Header | undefined;
  const options = {
    ...(encoding ? { encoding } : {}),
    onEncoding: (found: Encoding) => {
      pass.encoding = found;
    },
  };
  for await (const records of readCsv(counted(), options)) {
    const rest = header || records.length === 0 ? records : records.slice(1);
    if (!header && records.length > 0) header = headerOf(records[0]!);
    if (header && rest.length > 0) yield { header, records: rest };
  }
  if (!header) throw new SekishoError('bad-input', { what: 'resident-file', reason: 'empty' });
  pass.digest = hash.digest('hex');
}

function headerOf(record: CsvRecord): Header {
  if (record.fault) throw new SekishoError('bad-input', { what: 'resident-file', reason: record.fault });
  const read = readHeader(record.cells);
  if (read.ok) return read.header;
  throw new SekishoError('bad-input', { what: 'resident-file-header', ...joined(read.faults) });
}

function joined(faults: HeaderFaults): Record<keyof HeaderFaults, string> {
  const list = (names: string[]) => names.slice(0, 20).join(' ');
  return { missing: list(faults.missing), unknown: list(faults.unknown), duplicate: list(faults.duplicate) };
}

/** What the first pass found. */
export interface CheckedFile {
  pass: FilePass;
  rows: number;
  /** Rows with at least one refusal. */
  refusedRows: number;
  /** Lines refused because another line claims the same number: the second pass cannot see that by itself. */
  duplicateLines: ReadonlySet<number>;
}

/** Duplicates are remembered by line; a file with more of them is no resident file. */
export const duplicatesMax = 100_000;

/**
 * The first pass: every row is checked, and every address number and resident code is looked for a second time in the file. Writes nothing.
 * @throws bad-input for the header, too-large {what: duplicates}
 */
export async function checkFile(o: {
  source: ResidentSource;
  rules: RowRules;
  report: RefusalReport;
  temporaryFolder: string;
  randomness: Randomness;
  encoding?: Encoding | undefined;
  onProgress: (rows: number, bytes: number) => void;
}): Promise<CheckedFile> {
  const pass: FilePass = { encoding: undefined, bytes: 0, digest: '' };
  const finder = await DuplicateFinder.create(o.temporaryFolder, o.randomness);
  let rows = 0;
  let refusedRows = 0;
  try {
    for await (const { header, records } of readResidentFile(o.source, pass, o.encoding)) {
      for (const record of records) {
        rows++;
        const read = readRow(record, header, o.rules);
        if (!read.ok) {
          refusedRows++;
          for (const refusal of read.refusals) o.report.add(refusal);
          continue;
        }
        finder.add(`a${read.resident.addressNumber}`, record.line * 2);
        finder.add(`c${read.resident.residentCode}`, record.line * 2 + 1);
      }
      o.onProgress(rows, pass.bytes);
    }
    const duplicateLines = await reportDuplicates(finder, o.report);
    return { pass, rows, refusedRows: refusedRows + duplicateLines.size, duplicateLines };
  } finally {
    await finder.close();
  }
}

/** The low bit of a noted line tells which of the two numbers it was. */
async function reportDuplicates(finder: DuplicateFinder, report: RefusalReport): Promise<Set<number>> {
  const lines = new Set<number>();
  for await (const { line, otherLine } of finder.duplicates()) {
    const code = line % 2 === 1;
    lines.add(Math.floor(line / 2));
    if (lines.size > duplicatesMax)
      throw new SekishoError('too-large', { what: 'duplicates', max: duplicatesMax });
    report.add({
      line: Math.floor(line / 2),
      column: code ? 'resident_code' : 'address_number',
      reason: code ? 'duplicate-resident-code' : 'duplicate-address-number',
      otherLine: Math.floor(otherLine / 2),
    });
  }
  return lines;
}
