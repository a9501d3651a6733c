import { type Clock, japanDate } from '../../ground/clock.ts';
import { type ErrorKind, SekishoError } from '../../ground/errors.ts';
import { isUuid, type MunicipalityCode, type PersonId } from '../../ground/ids.ts';
import { parseDate } from './era-date.ts';
import { mayUndergo, type ResidentEvent } from './event.ts';
import type { RegisterGate, SearchBy, WriteOp, WriteResult } from './gate-port.ts';
import type { RecordNotice } from './life-event.ts';
import { residentGroups } from './resident.ts';
import type { RegisterStore } from './store.ts';

/** Who asks, and under which case: goes to the gate with every call. */
export interface Desk {
  session: string;
  caseId: string;
}

/** How a resident is looked for at the desk, as it is spoken or written: any spelling of number, reading, date, address. */
export type Find =
  | { number: string }
  | { residentCode: string }
  | { reading: string; birthDate?: string | undefined }
  | { address: string }
  | { addressNumber: string };

/** The register as desk and command line use it: every field comes through the gate, every change becomes ops for it. */
export class RegisterService {
  readonly #gate: RegisterGate;
  readonly #store: RegisterStore;
  readonly #clock: Clock;
  readonly municipality: MunicipalityCode;

  constructor(o: { gate: RegisterGate; store: RegisterStore; clock: Clock; municipality: MunicipalityCode }) {
    this.#gate = o.gate;
    this.#store = o.store;
    this.#clock = o.clock;
    this.municipality = o.municipality;
  }

  /**
   * Masked hits, journalled and counted. A birth date may be in any form that `parseDate` reads.
   * @throws bad-input {what: birth-date | reading | address | address-number | individual-number, reason}
   */
  find(desk: Desk, by: Find, limit?: number): ReturnType<RegisterGate['search']> {
    return this.#gate.search({ ...desk, by: searchOf(by), ...(limit === undefined ? {} : { limit }) });
  }

  /**
   * Opens groups of one resident: the line first, then the fields, with a receipt.
   * @throws bad-input {what: group} for a group that does not exist, and what the gate refuses
   */
  show(
    desk: Desk,
    person: PersonId,
    groups: readonly string[],
    grant?: string,
  ): ReturnType<RegisterGate['open']> {
    for (const group of groups) {
      if (!Object.hasOwn(residentGroups, group)) throw new SekishoError('bad-input', { what: 'group' });
    }
    if (groups.length === 0) throw new SekishoError('bad-input', { what: 'group', reason: 'none' });
    return this.#gate.open({
      ...desk,
      person: personId(person),
      groups: [...groups],
      ...(grant === undefined ? {} : { grant }),
    });
  }

  /** The lines about one resident, newest first, each with its proof. */
  history(
    desk: Desk,
    person: PersonId,
    page: { limit?: number; before?: number } = {},
  ): ReturnType<RegisterGate['history']> {
    return this.#gate.history({ ...desk, person: personId(person), ...page });
  }

  /**
   * What a life event's function needs to know of the record. The status is read fresh; the gate holds `expect` against
   * the row, so a change in between is not overwritten.
   * @throws not-found, conflict {what: resident-status, event, status}, bad-input {what: event-date}
   */
  async notice(i: {
    person: PersonId;
    event: ResidentEvent;
    requestId: string;
    eventDate: string;
    expect?: string;
  }): Promise<RecordNotice> {
    const status = await this.#store.statusOf(this.municipality, personId(i.person));
    if (status === 'none') throw new SekishoError('not-found', { what: 'resident' });
    if (!mayUndergo(i.event, status)) {
      throw new SekishoError('conflict', { what: 'resident-status', event: i.event, status });
    }
    return {
      requestId: i.requestId,
      municipality: this.municipality,
      eventDate: this.date(i.eventDate),
      today: this.today(),
      person: i.person,
      status,
      ...(i.expect === undefined ? {} : { expect: i.expect }),
    };
  }

  /**
   * Sends the ops of one event. One op of several may be refused while the others are written: the results tell, in order,
   * and the same ops may be sent again.
   */
  apply(desk: Desk, ops: readonly WriteOp[]): Promise<WriteResult[]> {
    return this.#gate.write({ ...desk, ops: [...ops] });
  }

  /** As `apply` for one op. @throws the gate's refusal */
  async applyOne(desk: Desk, op: WriteOp): Promise<WriteResult> {
    const [result] = await this.apply(desk, [op]);
    if (result === undefined) throw new SekishoError('internal', { what: 'write-result' });
    if (result.outcome === 'refused')
      throw new SekishoError((result.kind ?? 'internal') as ErrorKind, result.facts);
    return result;
  }

  /** Everybody in the household of this person, himself included, by id only. */
  householdOf(person: PersonId): Promise<PersonId[]> {
    return this.#store.householdOf(this.municipality, personId(person));
  }

  /** Recomputes every record's present state from the lines and names what was changed, inserted or removed past the gate. */
  verify(session: string): ReturnType<RegisterGate['verifyRecords']> {
    return this.#gate.verifyRecords({ session });
  }

  counts(): ReturnType<RegisterStore['counts']> {
    return this.#store.counts(this.municipality);
  }

  imports(limit?: number): ReturnType<RegisterStore['imports']> {
    return this.#store.imports(this.municipality, limit);
  }

  /** ISO date in Japan. */
  today(): string {
    return japanDate(this.#clock.now());
  }

  /** A date as typed at the desk, in any form, as ISO. @throws bad-input {what: event-date, reason} */
  date(text: string): string {
    const read = parseDate(text, { today: this.today() });
    if (!read.ok) throw new SekishoError('bad-input', { what: 'event-date', reason: read.reason });
    return read.value.date;
  }
}

function searchOf(by: Find): SearchBy {
  if ('number' in by) return { number: by.number };
  if ('residentCode' in by) return { residentCode: by.residentCode };
  if ('addressNumber' in by)
    return { addressNumber: required(by.addressNumber.normalize('NFKC').trim(), 'address-number') };
  if ('address' in by) return { address: required(by.address.trim(), 'address') };
  const reading = required(by.reading.trim(), 'reading');
  if (by.birthDate === undefined) return { reading };
  // Unknown parts are kept: a resident whose day of birth is unknown is found by the same words.
  const birth = parseDate(by.birthDate, { unknown: 'keep' });
  if (!birth.ok) throw new SekishoError('bad-input', { what: 'birth-date', reason: birth.reason });
  return { reading, birthDate: birth.value.date };
}

function required(text: string, what: string): string {
  if (text === '') throw new SekishoError('bad-input', { what, reason: 'empty' });
  return text;
}

function personId(person: string): PersonId {
  if (!isUuid(person)) throw new SekishoError('bad-input', { what: 'person' });
  return person as PersonId;
}
