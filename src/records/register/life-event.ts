import { findNumbers } from '../../core/numbers/index.ts';
import { SekishoError } from '../../ground/errors.ts';
import type { MunicipalityCode, PersonId } from '../../ground/ids.ts';
import { isCalendarDate } from './era-date.ts';
import { mayUndergo, type ResidentEvent, statusAfter } from './event.ts';
import type { WriteOp } from './gate-port.ts';
import { clearOf, fieldsOf, type PlainResident, type ResidentStatus } from './resident.ts';

/** What every notice (届出) or ex officio act states. `requestId`: sent again, the gate gives the first answer again. */
export interface Notice {
  requestId: string;
  municipality: MunicipalityCode;
  /** ISO date the event took place; not after `today`. */
  eventDate: string;
  /** ISO date in Japan. */
  today: string;
}

/** A notice about somebody who is on the register. `expect`: the state digest the desk saw, so that no other change is overwritten. */
export interface RecordNotice extends Notice {
  person: PersonId;
  status: ResidentStatus;
  expect?: string;
}

export interface NewAddress {
  postcode: string;
  address: string;
}

export interface NewName {
  name: string;
  reading: string;
  formerName: string;
  alias: string;
}

/** Somebody new here: all that art. 7 asks for, without status and event. */
export type Newcomer = Omit<PlainResident, 'status' | 'event' | 'eventDate'>;

/** 転入: from another municipality (found by his resident code, keeping his number) or from abroad (住基法 art. 22). */
export function moveIn(notice: Notice, newcomer: Newcomer): WriteOp {
  return entry(notice, 'move-in', newcomer);
}

/** 出生: entered ex officio on the birth notice, with a resident code of his own; the number is drawn (番号法 art. 7(1)). */
export function birth(notice: Notice, child: Newcomer): WriteOp {
  if (child.birthDate !== notice.eventDate) refuse('birth', 'event-date');
  return entry(notice, 'birth', child);
}

function entry(notice: Notice, event: ResidentEvent, newcomer: Newcomer): WriteOp {
  checkDate(notice, event);
  const resident: PlainResident = {
    ...newcomer,
    status: statusAfter(event),
    event,
    eventDate: notice.eventDate,
  };
  for (const [field, text] of Object.entries({
    name: resident.name,
    address: resident.address,
    residentCode: resident.residentCode,
    addressNumber: resident.addressNumber,
    householdNumber: resident.householdNumber,
    relation: resident.relation,
  })) {
    if (text === '') refuse(event, `required-${field}`);
  }
  return {
    requestId: notice.requestId,
    table: 'resident',
    kind: 'record.created',
    municipality: notice.municipality,
    findBy: 'resident_code',
    fields: fieldsOf(resident),
    clear: clearOf(resident),
    draw: 'number',
  };
}

/** 転出 (住基法 art. 24). The record is closed and kept. */
export function moveOut(notice: RecordNotice): WriteOp {
  return change(notice, 'move-out', {});
}

/** 転居: another address in the same municipality (住基法 art. 23), often with another household. */
export function moveWithin(
  notice: RecordNotice,
  to: NewAddress,
  household?: { householdNumber: string; relation: string },
): WriteOp {
  if (to.address === '') refuse('move-within', 'required-address');
  const fields: WriteOp['fields'] = { address: { postcode: to.postcode, address: to.address } };
  if (household) {
    fields['household'] = { household_number: household.householdNumber, relation: household.relation };
  }
  return change(notice, 'move-within', fields);
}

/** 死亡 (戸籍法 art. 86; 住基法施行令 art. 8). The number stays his for ever and is given to nobody else. */
export function death(notice: RecordNotice): WriteOp {
  return change(notice, 'death', {});
}

/** 氏名変更: the whole name group as it is from now on. */
export function nameChange(notice: RecordNotice, name: NewName): WriteOp {
  if (name.name === '') refuse('name-change', 'required-name');
  return change(notice, 'name-change', {
    name: { name: name.name, reading: name.reading, former_name: name.formerName, alias: name.alias },
  });
}

/** 職権訂正 with its reason (住基法 art. 14, 施行令 art. 12). The number is never corrected: it is changed, for cause. */
export function correction(notice: RecordNotice, fields: WriteOp['fields'], reason: string): WriteOp {
  if (fields['number']) refuse('correction', 'number');
  if (Object.values(fields).every((group) => Object.keys(group).length === 0))
    refuse('correction', 'nothing');
  return {
    ...change(notice, 'correction', fields),
    kind: 'record.corrected',
    reason: checkReason('correction', reason),
  };
}

/** 職権消除: the record is closed because the resident is found not to live here (施行令 art. 12(3)). */
export function removal(notice: RecordNotice, reason: string): WriteOp {
  return {
    ...change(notice, 'removal', {}),
    kind: 'record.corrected',
    reason: checkReason('removal', reason),
  };
}

/** One member's new place in a household; see household.ts for whole splits and merges. */
export function householdChange(
  notice: RecordNotice,
  household: { householdNumber: string; relation: string },
): WriteOp {
  return change(notice, 'household-change', {
    household: { household_number: household.householdNumber, relation: household.relation },
  });
}

/** The facts that 番号法 art. 7(2) requires before a number may be replaced. */
export interface NumberChangeCause {
  /** On the holder's request (請求), or by the mayor (職権). */
  by: 'request' | 'ex-officio';
  circumstance: 'leak' | 'theft' | 'loss' | 'seen-by-others';
  /** The number has become known to others. */
  leaked: boolean;
  /** It may be put to improper use. */
  misuseFeared: boolean;
  /** Police report or other evidence seen at the desk; required on request. */
  evidenceSeen: boolean;
}

/** 番号変更: a new number is drawn, the old one retired and never given again (番号法 art. 7(2)). */
export function numberChange(notice: RecordNotice, cause: NumberChangeCause): WriteOp {
  if (!cause.leaked || !cause.misuseFeared) refuse('number-change', 'cause');
  if (cause.by === 'request' && !cause.evidenceSeen) refuse('number-change', 'evidence');
  return {
    ...change(notice, 'number-change', {}),
    kind: 'number.changed',
    draw: 'number',
    reason: `${cause.by}:${cause.circumstance}`,
  };
}

function change(notice: RecordNotice, event: ResidentEvent, fields: WriteOp['fields']): WriteOp {
  checkDate(notice, event);
  if (!mayUndergo(event, notice.status)) {
    throw new SekishoError('conflict', { what: 'resident-status', event, status: notice.status });
  }
  return {
    requestId: notice.requestId,
    table: 'resident',
    kind: 'record.changed',
    municipality: notice.municipality,
    person: notice.person,
    ...(notice.expect === undefined ? {} : { expect: notice.expect }),
    fields,
    clear: { status: statusAfter(event, notice.status), event, event_date: notice.eventDate },
  };
}

function checkDate(notice: Notice, event: ResidentEvent): void {
  if (!isCalendarDate(notice.eventDate)) refuse(event, 'event-date');
  if (notice.eventDate > notice.today) refuse(event, 'event-date-future');
}

/** A reason goes into the journal line: it must be there, be short, and hold no number of anybody. */
function checkReason(event: ResidentEvent, reason: string): string {
  const text = reason.trim();
  if (text === '') refuse(event, 'reason-required');
  if (text.length > 200) refuse(event, 'reason-too-long');
  if (findNumbers(text).length > 0) refuse(event, 'reason-holds-number');
  return text;
}

function refuse(event: ResidentEvent, reason: string): never {
  throw new SekishoError('bad-input', { what: event, reason });
}
