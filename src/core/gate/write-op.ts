import { SekishoError } from '../../ground/errors.ts';
import type { MunicipalityCode, PersonId } from '../../ground/ids.ts';
import type { LineKind, Receipt } from '../journal/index.ts';
import { IndividualNumber, ResidentRecordCode } from '../numbers/index.ts';
import type { WholeRow } from './record-store.ts';
import { checkFields, type Fields, type SealedTable } from './sealed-table.ts';
import type { Ask } from './statute-table.ts';

/** What is to be written of one person. Fields not named stay as they are; an empty one is taken out. */
export interface WriteOp {
  /** Sent again, the same request gives the outcome it gave the first time. */
  requestId: string;
  table: string;
  /** Kind of the journal line, e.g. `record.changed`; what was found may make it a change or a move. */
  kind: LineKind;
  municipality: MunicipalityCode;
  person?: PersonId | undefined;
  findBy?: 'address_number' | 'resident_code' | 'number' | undefined;
  /** State digest, hex, that the caller saw: the write is refused when somebody wrote since. */
  expect?: string | undefined;
  fields: Fields;
  clear: Record<string, string | null>;
  /** Draw a number where there is none; with kind `number.changed`, a new one. */
  draw?: 'number' | undefined;
  reason?: string | undefined;
}

/** What became of one op; a refusal carries kind and facts of the error. */
export interface WriteResult {
  requestId: string;
  outcome: 'created' | 'changed' | 'unchanged' | 'refused';
  person?: PersonId;
  line?: number;
  /** State digest after the write, hex. */
  state?: string;
  receipt?: Receipt;
  kind?: string;
  facts?: Record<string, string | number | boolean | null>;
}

/** An op on its way through one call. */
export interface Work {
  readonly op: WriteOp;
  readonly position: number;
  /** The statuses its event starts from, `none` for no record here; any where left out. */
  readonly from?: readonly string[];
  /** Made once, however often the write is planned: a person's id and key. */
  fresh?: { person: PersonId; version: number; key: Buffer };
}

/** A row ready to be written. */
export interface Planned {
  work: Work;
  kind: LineKind;
  person: PersonId;
  outcome: 'created' | 'changed';
  /** The state it replaces in this municipality. */
  base: WholeRow | null;
  /** Where a mover comes from. */
  origin: { municipality: MunicipalityCode; row: WholeRow } | null;
  values: Record<string, Buffer | string | number | null>;
  before: Buffer | null;
  after: Buffer;
  groups: string[];
  /** Keyed digest of what was asked for. */
  request: Buffer;
  /** Hex of the number's index when it was drawn here. */
  drawnIndex: string | null;
}

/** @throws bad-input for what the table does not declare, for a number that is none, and for what is no write */
export function checkOp(table: SealedTable, op: WriteOp): void {
  // Its line orders the keys to go, here and in every restore: only `erase` may write it.
  if (op.kind === 'person.erased') throw new SekishoError('bad-input', { at: 'kind' });
  // 番号法 7条2項 lets the number be replaced, and nothing else of the record.
  if (op.kind === 'number.changed' && (op.draw === undefined || Object.keys(op.fields).length > 0)) {
    throw new SekishoError('bad-input', { at: 'fields', reason: 'number-change-only' });
  }
  if (op.table !== table.name) throw new SekishoError('bad-input', { at: 'table' });
  checkFields(table, op.fields);
  for (const column of Object.keys(op.clear)) {
    if (!table.clear.includes(column)) throw new SekishoError('bad-input', { at: 'clear' });
  }
  checkEvent(table, op);
  const number = op.fields['number']?.['number'];
  if (number) IndividualNumber.parse(number);
  const code = op.fields['resident_code']?.['code'];
  if (code) ResidentRecordCode.parse(code);
}

/** The event a write states; `none` where it states none. */
export const eventOf = (table: SealedTable, op: WriteOp): string => op.clear[table.events.column] ?? 'none';

/** Event and status come together, and the status is the one the event leads to: a death leaves nobody a resident. */
function checkEvent(table: SealedTable, op: WriteOp): void {
  const { column, rules } = table.events;
  const stated = Object.keys(op.clear);
  if (stated.length > 0 && !(stated.includes('status') && stated.includes(column))) {
    throw new SekishoError('bad-input', { at: 'clear', reason: 'event-and-status' });
  }
  const event = eventOf(table, op);
  if (event === 'none') return;
  const rule = Object.hasOwn(rules, event) ? rules[event] : undefined;
  if (!rule) throw new SekishoError('bad-input', { at: 'clear', reason: 'event-unknown' });
  const { status } = op.clear;
  if (rule.to === 'same' ? !status : status !== rule.to) {
    throw new SekishoError('bad-input', { at: 'clear', reason: 'event-leads-elsewhere', event });
  }
}

/**
 * What an op asks of the statute table: its kind, its event, and every group it names or has drawn. What only finds a
 * person who is there is not changed by it: the index led to the value.
 */
export function asksOf(table: SealedTable, op: WriteOp, kind: string = op.kind): Ask[] {
  const event = eventOf(table, op);
  const key = op.findBy === 'address_number' || op.kind === 'record.created' ? undefined : op.findBy;
  const groups = new Set(Object.keys(op.fields).filter((group) => group !== key));
  if (op.draw !== undefined) groups.add(op.draw);
  return [`write:${kind}`, `event:${event}`, ...[...groups].map((group): Ask => `change:${event}:${group}`)];
}

/** Field by field, the new over the old. */
export function mergeFields(old: Fields, given: Fields): Fields {
  const merged: Fields = { ...old };
  for (const [group, values] of Object.entries(given)) merged[group] = { ...old[group], ...values };
  return merged;
}

/** What an op asks for, in one order of names; `expect` and `reason` may differ when it is sent again. */
export function askedFor(op: WriteOp): string {
  const sorted = <Value>(record: Record<string, Value>): [string, Value][] =>
    Object.keys(record)
      .sort()
      .map((name) => [name, record[name]!]);
  const fields = sorted(op.fields).map(([group, values]) => [group, sorted(values)]);
  const { table, kind, person = null, findBy = null, draw = null } = op;
  return JSON.stringify([table, kind, person, findBy, draw, fields, sorted(op.clear)]);
}

/** What an op aims at: two ops with the same aim cannot be planned side by side. */
export function aimOf(op: WriteOp): string {
  if (op.person !== undefined) return `person:${op.person}`;
  if (op.findBy === undefined) return `new:${op.requestId}`;
  return `${op.findBy}:${JSON.stringify(op.fields[op.findBy === 'address_number' ? 'household' : op.findBy] ?? {})}`;
}

export const refused = (op: WriteOp, error: SekishoError): WriteResult => ({
  requestId: op.requestId,
  outcome: 'refused',
  kind: error.kind,
  facts: { ...error.facts },
});
