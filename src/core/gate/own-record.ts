import { SekishoError } from '../../ground/errors.ts';
import type { PersonId } from '../../ground/ids.ts';
import type { Receipt } from '../journal/index.ts';
import type { KeyStore } from '../seal/index.ts';
import type { Authority, Decision } from './authority.ts';
import type { GateJournal } from './journal-port.ts';
import { basisOf } from './lines.ts';
import type { PageInput, PersonalAnswer, PersonalHistory } from './personal-history.ts';
import type { RecordStore } from './record-store.ts';
import { type OwnInput, type ResidentActs, residentActor } from './resident-acts.ts';
import type { Resident } from './resident-sessions.ts';
import type { Rows } from './rows.ts';
import { computeIndex, type Fields, type IndexCall, type SealedTable } from './sealed-table.ts';
import { withinLimit } from './time-limit.ts';

export interface OwnRecordParts {
  acts: ResidentActs;
  authority: Authority;
  table: SealedTable;
  rows: Rows;
  records: RecordStore;
  store: KeyStore;
  personal: PersonalHistory;
  hashes: { statutes: string; policies: string };
  limitMs: number;
}

/** More than these under one household number is no household. */
const membersMax = 100;
/** What the statute row opens of a household; what is opened to compare stays inside. */
const householdGroups = ['name', 'household'];

/** A resident's own record, household and history. What he asks with names nobody: his session does. */
export class OwnRecord {
  readonly #parts: OwnRecordParts;

  constructor(parts: OwnRecordParts) {
    this.#parts = parts;
  }

  /** Opens groups of his own record; the line is durable first. No budget: his session reaches nobody else. */
  async open(
    input: OwnInput & { groups: string[] },
    caller: string,
  ): Promise<{ fields: Fields; receipt: Receipt }> {
    const { acts, authority, rows, table, limitMs } = this.#parts;
    const groups = [...new Set(input.groups)];
    const known = groups.filter((group) => Object.hasOwn(table.groups, group));
    const work = async (resident: Resident, journal: GateJournal) => {
      if (known.length === 0 || known.length < groups.length)
        throw new SekishoError('bad-input', { at: 'groups' });
      const asks = groups.map((group) => `open:${group}` as const);
      const decision = authority.decideOwn('open', 'own-record', asks);
      journal.assertFresh();
      const { municipality, person } = resident;
      const fetched = await withinLimit(rows.get(table, municipality, person, groups), limitMs, 'records');
      const line = this.#lineOf(resident, caller, person, decision, groups);
      const appending = journal.append({ lines: [line] });
      const [written] = await withinLimit(appending, limitMs, 'journal', 'unknown');
      if (!written) throw new SekishoError('journal-unavailable');
      const fields = await withinLimit(rows.open(table, fetched, groups), limitMs, 'keys');
      return { fields, receipt: written.receipt };
    };
    return await acts.act('open-own', input, caller, work, {
      kind: 'field.refused',
      body: { fields: known, purpose: 'own-record' },
    });
  }

  /** Names and relations of those in his household, himself first; a line about each of them. */
  async household(input: OwnInput, caller: string): Promise<{ members: Record<string, string>[] }> {
    const { acts, authority, table, limitMs } = this.#parts;
    return await acts.act('household', input, caller, async (resident, journal) => {
      const declared = table.household;
      if (declared === undefined) throw new SekishoError('unsupported', { what: 'household' });
      const decision = authority.decideOwn('open', 'own-household', ['open:name', 'open:household']);
      journal.assertFresh();
      const members = await withinLimit(this.#membersOf(resident, declared), limitMs, 'records');
      if (members.length === 0) return { members: [] };
      const appending = journal.append({
        lines: members.map(({ person }) => this.#lineOf(resident, caller, person, decision, householdGroups)),
      });
      await withinLimit(appending, limitMs, 'journal', 'unknown');
      return { members: members.map(({ fields }) => declared.member(fields)) };
    });
  }

  /** Lines about himself, wherever he is or was registered. Looking at them leaves none. */
  async history(input: OwnInput & PageInput, caller: string): Promise<PersonalAnswer> {
    const { acts, authority, personal } = this.#parts;
    return await acts.act('own-history', input, caller, async ({ person }) => {
      authority.decideOwn('history', 'own-record', ['history']);
      return await personal.read(person, await personal.places(person), input);
    });
  }

  /** Opened inside the gate, to compare: an index is shortened and brings strangers along. Nobody where he is no resident here. */
  async #membersOf(
    { municipality, person }: Resident,
    { index: name, groups }: NonNullable<SealedTable['household']>,
  ): Promise<{ person: PersonId; fields: Fields }[]> {
    const { rows, table, records, store } = this.#parts;
    const own = await rows.get(table, municipality, person, groups);
    if (own.row.status !== 'resident') return [];
    const { column, of } = table.indexes[name]!;
    const mine = await rows.open(table, own, groups);
    const call = of(mine, municipality);
    const members = [{ person, fields: mine }];
    const index = await computeIndex(store, call);
    if (call === null || index === null) return members;
    const found = await records.personsBy(municipality, column, [index], membersMax + 1);
    const others = [...found.values()].flat().filter((each) => each !== person);
    if (others.length > membersMax) throw new SekishoError('too-large', { what: 'household' });
    const fetched = await rows.fetch(table, municipality, others, groups);
    for (const other of others.sort()) {
      const candidate = fetched.get(other);
      if (candidate?.wrapped === undefined || candidate.row.status !== 'resident') continue;
      const { row, wrapped } = candidate;
      const fields = await rows.open(table, { row, wrapped }, groups);
      if (isSame(of(fields, municipality), call)) members.push({ person: other, fields });
    }
    return members;
  }

  #lineOf(
    resident: Resident,
    caller: string,
    person: PersonId,
    decision: Decision,
    fields: readonly string[],
  ) {
    const actor = person === resident.person ? 'self' : 'household';
    const body = {
      ...residentActor(resident, caller, actor),
      ...basisOf(decision, this.#parts.hashes),
      fields,
      outcome: 'opened',
    };
    return { kind: 'field.opened' as const, person, body };
  }
}

const isSame = (a: IndexCall | null, b: IndexCall): boolean => JSON.stringify(a) === JSON.stringify(b);
