import { ResidentRecordCode } from '../../../core/numbers/index.ts';
import { isSekishoError } from '../../../ground/errors.ts';
import { foldPostcode } from '../address-folding.ts';
import { type DateReason, parseDate } from '../era-date.ts';
import { eventOfWord, statusAfter } from '../event.ts';
import { stored, toKatakana } from '../folding.ts';
import type { PlainResident, Sex } from '../resident.ts';
import { type Header, type ResidentColumn, residentColumns } from './columns.ts';
import type { CsvRecord } from './csv.ts';
import type { Refusal, RefusalReason } from './refusal.ts';

export interface RowRules {
  /** ISO date in Japan; nothing may lie after it. */
  today: string;
  /** 外字 (private-use signs) mean nothing outside the system that wrote them. Default `refuse`. */
  privateUse?: 'refuse' | 'keep';
}

export type RowResult = { ok: true; resident: PlainResident } | { ok: false; refusals: Refusal[] };

const required: readonly ResidentColumn[] = [
  'address_number',
  'household_number',
  'name',
  'birth_date',
  'sex',
  'relation',
  'address',
  'resident_code',
];
/** Characters. The standard specification allows names of 100 and addresses of 300. */
const longest: Record<ResidentColumn, number> = {
  address_number: 32,
  household_number: 32,
  name: 100,
  reading: 200,
  former_name: 100,
  alias: 100,
  birth_date: 40,
  sex: 8,
  relation: 40,
  postcode: 16,
  address: 300,
  resident_code: 32,
  event: 40,
  event_date: 40,
};

const numberPattern = /^\d{1,15}$/;
/** Katakana, long mark and dot; residents from abroad may have Latin letters where no reading is registered. */
const readingPattern = /^[ァ-ヺー・\s'.,\-A-Z]+$/iu;
const relationPattern = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー・()（）\s]+$/u;
const latinPattern = /^[\p{Script=Latin}\s'.,-]+$/u;
const privateUse = /\p{Co}/u;
/** Control and format signs hide or reorder text; variation selectors are marks (Mn), not among them. */
const control = /[\p{Cc}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF\p{Cs}]/u;
/** One test for the rare signs; most cells hold none of them. */
const suspicious = /[\p{Cc}\p{Co}\p{Cs}\uFFFD\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF]/u;
const sexWords = new Map<string, Sex>(
  Object.entries({
    male: ['男', '男性', '1', 'M'],
    female: ['女', '女性', '2', 'F'],
    unknown: ['不明', '不詳', '3', '9'],
  }).flatMap(([sex, words]) => words.map((word): [string, Sex] => [word, sex as Sex])),
);
const dateReason: Record<DateReason, RefusalReason> = {
  empty: 'required',
  format: 'date-format',
  era: 'date-era',
  'era-range': 'date-era-range',
  month: 'date-impossible',
  day: 'date-impossible',
  'unknown-part': 'date-unknown-part',
  'too-early': 'date-too-early',
  future: 'date-future',
};

/**
 * Checks one record and gives the resident it states, or every fault it has. Pure; the same record gives the same
 * answer on both passes of an import. Text is kept as it came (see `stored`), with only the blanks around it dropped;
 * numbers, dates, sex and event become their canonical forms.
 */
export function readRow(record: CsvRecord, header: Header, rules: RowRules): RowResult {
  const { line } = record;
  if (record.fault) return { ok: false, refusals: [{ line, column: null, reason: record.fault }] };
  if (record.cells.length !== header.width) {
    return { ok: false, refusals: [{ line, column: null, reason: 'column-count' }] };
  }
  const row = new Row(record, header, rules);
  const resident = row.read();
  return row.refusals.length === 0 ? { ok: true, resident } : { ok: false, refusals: row.refusals };
}

/** One row under way: its cells and the faults found so far. */
class Row {
  readonly refusals: Refusal[] = [];
  readonly #line: number;
  readonly #rules: RowRules;
  readonly #cells: Record<ResidentColumn, string>;

  constructor(record: CsvRecord, header: Header, rules: RowRules) {
    this.#line = record.line;
    this.#rules = rules;
    this.#cells = {} as Record<ResidentColumn, string>;
    for (const column of residentColumns) {
      const at = header.position[column];
      this.#cells[column] = this.#sound(column, at === undefined ? '' : record.cells[at]!.trim());
    }
  }

  read(): PlainResident {
    const birth = this.#date('birth_date', 'keep');
    const event = this.#event();
    const eventDate = this.#eventDate(event, birth.date);
    return {
      addressNumber: this.#number('address_number'),
      householdNumber: this.#number('household_number'),
      relation: this.#relation(),
      name: stored(this.#cells.name),
      reading: this.#reading(),
      formerName: stored(this.#cells.former_name),
      alias: stored(this.#cells.alias),
      birthDate: birth.date,
      birthDateStated: birth.stated,
      sex: this.#sex(),
      postcode: this.#postcode(),
      address: stored(this.#cells.address),
      residentCode: this.#residentCode(),
      status: event === '' ? 'resident' : statusAfter(event),
      event,
      eventDate,
    };
  }

  #refuse(column: ResidentColumn, reason: RefusalReason): '' {
    this.refusals.push({ line: this.#line, column, reason });
    return '';
  }

  /** The cell, or '' once it has been refused: no second reason for the same cell. */
  #sound(column: ResidentColumn, cell: string): string {
    if (cell === '') {
      if (required.includes(column)) this.#refuse(column, 'required');
      return '';
    }
    if (cell.length > longest[column]) return this.#refuse(column, 'too-long');
    if (!suspicious.test(cell)) return cell;
    if (cell.includes('\uFFFD')) return this.#refuse(column, 'encoding');
    if (control.test(cell)) return this.#refuse(column, 'control-character');
    if (privateUse.test(cell) && this.#rules.privateUse !== 'keep') {
      return this.#refuse(column, 'private-use-character');
    }
    return cell;
  }

  #number(column: 'address_number' | 'household_number'): string {
    const digits = this.#cells[column].normalize('NFKC');
    if (digits === '') return '';
    return numberPattern.test(digits) ? digits : this.#refuse(column, 'number-format');
  }

  #reading(): string {
    const { reading, name } = this.#cells;
    if (reading !== '') {
      return readingPattern.test(toKatakana(reading))
        ? stored(reading)
        : this.#refuse('reading', 'reading-not-kana');
    }
    // A resident whose name is registered in Latin letters may have no reading; everybody else has one.
    const latin = name === '' || latinPattern.test(name.normalize('NFKC'));
    return latin || this.#wasRefused('reading') ? '' : this.#refuse('reading', 'required');
  }

  #date(column: 'birth_date' | 'event_date', unknown: 'keep' | 'refuse'): { date: string; stated: string } {
    const cell = this.#cells[column];
    if (cell === '') return { date: '', stated: '' };
    const read = parseDate(cell, { today: this.#rules.today, unknown });
    if (read.ok)
      return { date: read.value.date, stated: read.value.complete ? '' : stored(read.value.stated) };
    this.#refuse(column, dateReason[read.reason]);
    return { date: '', stated: '' };
  }

  #sex(): Sex {
    const cell = this.#cells.sex.normalize('NFKC').toUpperCase();
    const sex = sexWords.get(cell);
    if (sex === undefined && cell !== '') this.#refuse('sex', 'sex-unknown');
    return sex ?? 'unknown';
  }

  #relation(): string {
    const { relation } = this.#cells;
    if (relation === '') return '';
    return relationPattern.test(relation) ? stored(relation) : this.#refuse('relation', 'relation-format');
  }

  #postcode(): string {
    const { postcode } = this.#cells;
    if (postcode === '') return '';
    return foldPostcode(postcode) ?? this.#refuse('postcode', 'postcode-format');
  }

  #residentCode(): string {
    const cell = this.#cells.resident_code;
    if (cell === '') return '';
    try {
      return ResidentRecordCode.parse(cell).reveal();
    } catch (error) {
      const digit = isSekishoError(error, 'bad-input') && error.facts['reason'] === 'check-digit';
      return this.#refuse('resident_code', digit ? 'resident-code-check-digit' : 'resident-code-format');
    }
  }

  #event() {
    const word = this.#cells.event;
    return word === '' ? '' : (eventOfWord(word) ?? this.#refuse('event', 'event-unknown'));
  }

  #eventDate(event: string, birthDate: string): string {
    if (this.#cells.event_date === '') {
      return event === '' || this.#wasRefused('event_date') ? '' : this.#refuse('event_date', 'required');
    }
    if (this.#cells.event === '' && !this.#wasRefused('event')) {
      return this.#refuse('event_date', 'event-date-without-event');
    }
    const { date } = this.#date('event_date', 'refuse');
    if (date !== '' && date < birthDate) return this.#refuse('event_date', 'event-before-birth');
    return date;
  }

  #wasRefused(column: ResidentColumn): boolean {
    return this.refusals.some((refusal) => refusal.column === column);
  }
}
