import type pg from 'pg';
import type { MunicipalityCode, PersonId } from '../../ground/ids.ts';
import type { Log } from '../../ground/log.ts';
import { decodeLine, type Journal, type LogReader, type NewLine } from '../journal/index.ts';
import type { PersonKeys } from '../seal/index.ts';
import { erasedPerLine, statesPerLine, writtenState } from './carried-line.ts';
import { settleErasures } from './erase.ts';
import { placeNumber } from './line-place.ts';
import { RecordStore, type WholeRow } from './record-store.ts';
import { stateDigest } from './row-digest.ts';
import type { SealedTable } from './sealed-table.ts';
import { type Finding, RecordCheck } from './verify-records.ts';

export interface CarryOptions {
  municipality: MunicipalityCode;
  journal: Pick<Journal, 'number' | 'earlier' | 'read' | 'append'>;
  pool: pg.Pool;
  table: SealedTable;
  keys: PersonKeys;
  /** Persons known to be erased, whatever the lines that are left say. */
  erased: readonly PersonId[];
  log: Log;
}

export interface Carried {
  /** States the log vouches for from now on, present and replaced ones. */
  states: number;
  /** Rows that the earlier log did not vouch for: they are named by every verification from now on. */
  findings: Finding[];
}

/** Lines that are appended at once. */
const linesPerUnit = 10;

/**
 * After a succession, with nobody else writing: holds every row of the earlier logs against their lines as far as the
 * database still has them, and puts the states that are sound down in lines of the new log. From then on a row of an
 * earlier log counts as that state and as nothing else.
 */
export async function carryRecords(o: CarryOptions): Promise<Carried> {
  const earlier = await o.journal.earlier();
  const lines = new CarriedLines(o);
  if (!earlier) {
    await lines.end(0);
    return { states: 0, findings: [] };
  }
  // Ordered and durable in the old log, not done: nobody would find the order's line again.
  await settleErasures(o, o.municipality, earlier);
  const records = new RecordStore(o.pool, o.table);
  const { findings, erased } = await checked(o, earlier, records);
  const named = new Set(findings.flatMap(keyOfFinding));
  const gone = new Set<PersonId>();
  for (const place of ['table', 'history'] as const)
    for await (const row of records.allRows(o.municipality, place)) {
      if (erased.has(row.person)) gone.add(row.person);
      if (!named.has(keyOf(row.person, placeNumber(row), place === 'history')))
        await lines.add(row, place === 'history');
    }
  await lines.addErased([...gone]);
  await lines.end(findings.length);
  return { states: lines.states, findings };
}

/** True where lines [0, to) hold all that a log vouches for of the logs before it: the rows need not be carried again. */
export async function hasCarried(journal: Pick<LogReader, 'number' | 'read'>, to: number): Promise<boolean> {
  if (journal.number === 1) return true;
  for await (const line of journal.read(0, to)) {
    if (line.erased) continue;
    const { kind, body } = decodeLine(line.payload);
    if (kind === 'records.carried' && body['last'] === true) return true;
  }
  return false;
}

async function checked(
  o: CarryOptions,
  earlier: LogReader,
  records: RecordStore,
): Promise<{ findings: Finding[]; erased: ReadonlySet<PersonId> }> {
  const check = new RecordCheck(o.municipality, earlier, records, o.erased);
  await check.readLines();
  const findings: Finding[] = [];
  // The log number is put down: seen from the log that names them later it is not the present one.
  for await (const finding of check.findings()) findings.push({ log: earlier.number, ...finding });
  return { findings, erased: check.erased };
}

const keyOf = (person: PersonId, place: number, isPast: boolean) => `${person}/${place}/${isPast}`;

/** Of a state that is missing there is no row to be kept back. */
const keyOfFinding = ({ finding, person, log, line, history }: Finding): string[] =>
  finding === 'removed' || person === null
    ? []
    : [keyOf(person, placeNumber({ log: log!, lineIndex: line }), history === true)];

/** Collects states into lines and lines into units. */
class CarriedLines {
  readonly #o: CarryOptions;
  #rows: { row: WholeRow; isPast: boolean }[] = [];
  #lines: NewLine[] = [];
  states = 0;

  constructor(o: CarryOptions) {
    this.#o = o;
  }

  async add(row: WholeRow, isPast: boolean): Promise<void> {
    this.#rows.push({ row, isPast });
    this.states++;
    if (this.#rows.length >= statesPerLine) await this.#flushRows();
  }

  async addErased(persons: readonly PersonId[]): Promise<void> {
    await this.#flushRows();
    for (let i = 0; i < persons.length; i += erasedPerLine)
      await this.#put({ erased: persons.slice(i, i + erasedPerLine) });
  }

  /** The last line says that nothing follows: without it what was carried is not whole. */
  async end(named: number): Promise<void> {
    await this.#put({ last: true, named });
    await this.#append();
  }

  async #flushRows(): Promise<void> {
    if (this.#rows.length === 0) return;
    const { table, municipality } = this.#o;
    const states = this.#rows.map(({ row, isPast }) => {
      const after = stateDigest(table, municipality, row.person, row.values);
      return writtenState({ person: row.person, log: row.log, lineIndex: row.lineIndex, after, isPast });
    });
    this.#rows = [];
    await this.#put({ states });
  }

  async #put(more: Record<string, unknown>): Promise<void> {
    const body = { actor: 'gate', table: this.#o.table.name, ...more };
    this.#lines.push({ kind: 'records.carried', body });
    if (this.#lines.length >= linesPerUnit) await this.#append();
  }

  async #append(): Promise<void> {
    if (this.#lines.length > 0) await this.#o.journal.append({ lines: this.#lines });
    this.#lines = [];
  }
}
