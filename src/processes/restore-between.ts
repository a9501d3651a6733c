import { decodeLine, type Journal, type LineKind } from '../core/journal/index.ts';
import type { PersonId } from '../ground/ids.ts';

/** A record that was written in between: what a clerk has to look at again. Ids and kinds, never a value. */
export interface RecordBetween {
  person: PersonId;
  /** In order, e.g. `record.created`, `record.changed`. */
  kinds: LineKind[];
  lines: number[];
}

/** What the lines say happened after the moment a house was taken back to. */
export interface Between {
  /** Lines [from, to). */
  from: number;
  to: number;
  kinds: Partial<Record<LineKind, number>>;
  records: RecordBetween[];
  erased: { person: PersonId; lineIndex: number }[];
  /** Rights that were taken away, or given to a new key, and not given back later. */
  staffSuspended: string[];
  terminalsSuspended: string[];
  /** Staff enrolled in between, with the key of the last enrolment (base64). */
  staffEnrolled: Map<string, string>;
  /** The last word of each resident who locked or unlocked look-ups: until when (0: lifted), and when he said so. */
  locks: Map<PersonId, { until: number; setAt: number }>;
  /** Whose passkeys were stopped in between. */
  passkeysStopped: { staff: string[]; persons: PersonId[] };
  /** Terminals that a browser became in between: the one of before is none any more. */
  terminalsBound: string[];
  numbersDrawn: number;
  /** Lines whose payload has been erased: that they were written is all that is known. */
  unreadable: number;
}

/** Reads the lines [from, to) once, streaming. */
export async function readBetween(
  journal: Pick<Journal, 'read'>,
  from: number,
  to: number,
  table: string,
): Promise<Between> {
  const records = new Map<PersonId, RecordBetween>();
  const staff = new Set<string>();
  const terminals = new Set<string>();
  const between: Between = {
    ...{ from, to, kinds: {}, records: [], erased: [], numbersDrawn: 0, unreadable: 0 },
    ...{ staffSuspended: [], terminalsSuspended: [], staffEnrolled: new Map(), locks: new Map() },
    ...{ passkeysStopped: { staff: [], persons: [] }, terminalsBound: [] },
  };
  for await (const line of journal.read(from, to)) {
    if (line.erased) {
      between.unreadable++;
      continue;
    }
    const { at, kind, person, body } = decodeLine(line.payload);
    between.kinds[kind] = (between.kinds[kind] ?? 0) + 1;
    if (person !== undefined && body['table'] === table && typeof body['after'] === 'string') {
      const record = records.get(person) ?? { person, kinds: [], lines: [] };
      record.kinds.push(kind);
      record.lines.push(line.index);
      records.set(person, record);
      if (body['number'] === 'drawn') between.numbersDrawn++;
    }
    if (kind === 'person.erased' && person !== undefined)
      between.erased.push({ person, lineIndex: line.index });
    if (person !== undefined && (kind === 'lock.set' || kind === 'lock.lifted'))
      between.locks.set(person, { until: Number(body['until'] ?? 0), setAt: at });
    noteRights(kind, body, staff, terminals, between.staffEnrolled);
    noteWaysIn(kind, person, body, between);
  }
  between.records = [...records.values()];
  between.staffSuspended = [...staff];
  between.terminalsSuspended = [...terminals];
  return between;
}

/** Ways in that were taken away; what was given in between is gone with the restore. */
function noteWaysIn(
  kind: LineKind,
  person: PersonId | undefined,
  body: Record<string, unknown>,
  between: Between,
): void {
  if (kind === 'terminal.bound' && typeof body['bound'] === 'string')
    between.terminalsBound.push(body['bound']);
  if (kind !== 'passkey.stopped') return;
  if (person !== undefined) between.passkeysStopped.persons.push(person);
  else if (typeof body['staff'] === 'string') between.passkeysStopped.staff.push(body['staff']);
}

/** The last word on each member and terminal counts. */
function noteRights(
  kind: LineKind,
  body: Record<string, unknown>,
  staff: Set<string>,
  terminals: Set<string>,
  enrolled: Map<string, string>,
): void {
  const named = (field: string) => (typeof body[field] === 'string' ? body[field] : '');
  if (kind === 'staff.suspended') staff.add(named('staff'));
  else if (kind === 'staff.reinstated') staff.delete(named('staff'));
  else if (kind === 'terminal.suspended') terminals.add(named('suspended'));
  else if (kind === 'terminal.enrolled') terminals.delete(named('enrolled'));
  else if (kind === 'staff.enrolled') enrolled.set(named('staff'), named('publicKey'));
}
