import { SekishoError } from '../ground/errors.ts';
import type { MunicipalityCode } from '../ground/ids.ts';
import faultTable from './data/faults.json' with { type: 'json' };
import { withoutSelectors } from './name-shape.ts';
import { population, sampleTown } from './population.ts';
import {
  type ResidentFileColumn,
  residentCells,
  residentFileColumns,
  type SampleResident,
} from './resident.ts';
import { csvRow, encodeText, type ResidentFileEncoding } from './resident-file.ts';

/** What the importer must answer to one record: `column` null where the record as a whole is wrong. */
export interface ExpectedRefusal {
  /** Place among this item's records, from 0. */
  readonly record: number;
  /** Physical line within this item's bytes, from 0. */
  readonly line: number;
  readonly column: ResidentFileColumn | null;
  /** A word of the importer's closed list (records/register). */
  readonly reason: string;
}

/** Bytes with one known fault (or an unusual but sound shape) in the file's encoding, line ends included. */
export interface FaultyRow {
  readonly fault: string;
  readonly bytes: Buffer;
  readonly records: number;
  readonly lines: number;
  /** Empty: every record must be taken. */
  readonly refusals: readonly ExpectedRefusal[];
}

interface Fault {
  readonly fault: string;
  readonly set?: Partial<Record<ResidentFileColumn, string>>;
  readonly raw?: Partial<Record<ResidentFileColumn, string>>;
  readonly repeat?: Partial<Record<ResidentFileColumn, readonly [string, number]>>;
  /** Puts bytes, in hex, that the encoder would not write. */
  readonly bytes?: { readonly column: ResidentFileColumn } & Record<ResidentFileEncoding, string>;
  readonly cells?: number;
  readonly blanks?: boolean;
  readonly quoted?: boolean;
  readonly encodings?: readonly string[];
  readonly column?: ResidentFileColumn | null;
  readonly reason?: string;
}
const faults = faultTable.faults as unknown as readonly Fault[];

/** Stands where bytes without a character will be put. */
const PLACEHOLDER = '\u0001';

/** Sound residents to spoil, Japanese and with a date of event that no changed birth date can overtake. */
function* soundResidents(seed: string): Generator<SampleResident> {
  for (const resident of population({ ...sampleTown, seed: `faults ${seed}`, residents: 4000 })) {
    const { truth } = resident;
    if (
      truth.nationality === 'JP' &&
      truth.shape === 'base' &&
      truth.birthDate < '1985' &&
      resident.event !== ''
    ) {
      yield resident;
    }
  }
}

/**
 * Rows with known faults, each with the refusal that the importer owes it: closed faults of `data/faults.json`, wrong
 * check digit, duplicates (two or three records in one item: each line of them is refused), and a quotation that is never
 * closed, which comes last because it swallows what follows. Seeded: the same seed gives the same bytes.
 */
export function* faultyRows(seed: string, encoding: ResidentFileEncoding = 'cp932'): Generator<FaultyRow> {
  const sound = soundResidents(seed);
  const next = () => {
    const { value, done } = sound.next();
    if (done) throw new SekishoError('internal', { what: 'sample', reason: 'too few sound residents' });
    return value;
  };
  yield wrongCheckDigit(next(), encoding);
  for (const fault of faults) {
    if (!fault.encodings || fault.encodings.includes(encoding)) yield spoil(fault, next(), encoding);
  }
  yield duplicate('宛名番号', 'duplicate-address-number', [next(), next(), next()], encoding);
  yield duplicate('住民票コード', 'duplicate-resident-code', [next(), next()], encoding);
  const [open, ...rest] = residentCells(next());
  yield {
    fault: 'row: quotation never closed',
    bytes: encodeText(`"${open},${rest.join(',')}\r\n`, encoding),
    records: 1,
    lines: 1,
    refusals: [{ record: 0, line: 0, column: null, reason: 'unterminated-quote' }],
  };
}

function wrongCheckDigit(resident: SampleResident, encoding: ResidentFileEncoding): FaultyRow {
  const code = resident.residentRecordCode.reveal();
  // Drawn codes have r ≥ 2 and so a single right check digit, 1–9: 0 is always wrong.
  const set = { 住民票コード: `${code.slice(0, 10)}0` };
  const fault = 'resident record code: wrong check digit';
  return spoil(
    { fault, set, column: '住民票コード', reason: 'resident-code-check-digit' },
    resident,
    encoding,
  );
}

function spoil(fault: Fault, resident: SampleResident, encoding: ResidentFileEncoding): FaultyRow {
  const cells = residentCells(resident);
  const put = (column: string, cell: string) => {
    cells[residentFileColumns.indexOf(column as ResidentFileColumn)] = cell;
  };
  for (const [column, cell] of Object.entries(fault.set ?? {})) put(column, cell);
  for (const [column, [sign, times]] of Object.entries(fault.repeat ?? {})) put(column, sign.repeat(times));
  if (fault.bytes) put(fault.bytes.column, `山田${PLACEHOLDER}　太郎`);
  if (fault.blanks) for (const [at, cell] of cells.entries()) cells[at] = cell === '' ? cell : ` ${cell}　`;
  if (fault.cells === -1) cells.pop();
  if (fault.cells === 1) cells.push('');
  let text = fault.quoted ? `"${cells.join('","')}"\r\n` : csvRow(cells);
  for (const [column, raw] of Object.entries(fault.raw ?? {})) {
    put(column, raw);
    text = `${cells.join(',')}\r\n`;
  }
  const [before, after] = text.split(PLACEHOLDER) as [string, string | undefined];
  const strange = Buffer.from(fault.bytes?.[encoding] ?? '', 'hex');
  const bytes =
    after === undefined
      ? encodeText(text, encoding)
      : Buffer.concat([encodeText(before, encoding), strange, encodeText(after, encoding)]);
  const { column = null, reason } = fault;
  const refusals = reason === undefined ? [] : [{ record: 0, line: 0, column, reason }];
  return { fault: fault.fault, bytes, records: 1, lines: text.split('\n').length - 1, refusals };
}

function duplicate(
  column: ResidentFileColumn,
  reason: string,
  residents: readonly SampleResident[],
  encoding: ResidentFileEncoding,
): FaultyRow {
  const at = residentFileColumns.indexOf(column);
  const rows = residents.map((resident) => residentCells(resident));
  for (const row of rows) row[at] = rows[0]![at]!;
  return {
    fault: `${column}: the same in ${rows.length} rows`,
    bytes: encodeText(rows.map(csvRow).join(''), encoding),
    records: rows.length,
    lines: rows.length,
    refusals: rows.map((_, record) => ({ record, line: record, column, reason })),
  };
}

/** A whole file of sound and faulty rows in turn, with the refusals by physical line (the header is line 1). */
export function faultyFile(
  seed: string,
  encoding: ResidentFileEncoding = 'cp932',
): {
  bytes: Buffer;
  municipality: MunicipalityCode;
  sound: number;
  refusals: { line: number; column: ResidentFileColumn | null; reason: string }[];
} {
  const parts = [encodeText(csvRow(residentFileColumns), encoding)];
  const refusals: { line: number; column: ResidentFileColumn | null; reason: string }[] = [];
  let line = 2;
  let sound = 0;
  const town = population({ ...sampleTown, seed: `sound ${seed}`, residents: 400 });
  const residents = town[Symbol.iterator]();
  for (const item of faultyRows(seed, encoding)) {
    const { value } = residents.next() as { value: SampleResident };
    const cells = residentCells(value);
    // A number range of its own: the two towns count from the same beginning.
    cells[0] = `97${cells[0]!.slice(2)}`;
    const row = csvRow(cells);
    parts.push(encodeText(encoding === 'cp932' ? withoutSelectors(row) : row, encoding), item.bytes);
    for (const refusal of item.refusals) {
      refusals.push({ line: line + 1 + refusal.line, column: refusal.column, reason: refusal.reason });
    }
    sound += 1 + item.records - item.refusals.length;
    line += 1 + item.lines;
  }
  return { bytes: Buffer.concat(parts), municipality: sampleMunicipalityCode, sound, refusals };
}

const sampleMunicipalityCode = sampleTown.municipality as MunicipalityCode;
