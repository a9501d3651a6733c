import { SekishoError } from '../../ground/errors.ts';
import { isUuid, type PersonId } from '../../ground/ids.ts';

/** Fields any line may carry: who, from where, in which case, under which rule, and what came of it. */
const common = [
  'actor',
  'role',
  'office',
  'terminal',
  'session',
  'caller',
  'request',
  'case',
  'purpose',
  'basis',
  'statutes',
  'policies',
  'grant',
  'import',
  'outcome',
  'reason',
  'facts',
  'note',
  'municipality',
  'count',
  'budget',
  'table',
  'fields',
  'groups',
] as const;

/**
 * Every kind of line there is, with the fields it may carry beside the common ones. Closed: a kind or a field that
 * is not here is refused, so that nothing slips into the journal that nobody has thought about.
 * A field holds ids, names of fields, codes, digests, counts and times; never the value of a personal field.
 */
export const lineKinds = {
  'log.started': ['origin'],
  'log.resumed': ['origin', 'from', 'to'],
  'log.succeeded': ['origin', 'oldOrigin', 'oldSize', 'oldRoot'],
  'session.opened': ['expiresAt', 'factors', 'by'],
  'session.refused': [],
  'session.closed': [],
  'session.stepped-up': [],
  'case.opened': [],
  'case.closed': [],
  'search.made': ['by', 'hits', 'limit', 'scope'],
  'search.refused': ['by'],
  'field.opened': ['honey'],
  'field.refused': ['honey'],
  'record.created': [...recordFields()],
  'record.changed': [...recordFields()],
  'record.corrected': [...recordFields()],
  'record.moved': [...recordFields(), 'from', 'to'],
  'number.changed': [...recordFields()],
  'records.carried': ['states', 'erased', 'last', 'named'],
  'person.erased': ['before', 'keys', 'event', 'eventDate'],
  'grant.asked': [...grantFields()],
  'grant.approved': [...grantFields()],
  'grant.revoked': [...grantFields()],
  'grant.refused': [...grantFields()],
  'staff.enrolment-asked': ['staff', 'publicKey', 'enrolment', 'expiresAt'],
  'staff.enrolled': ['staff', 'publicKey', 'asker', 'enrolment'],
  'staff.suspended': ['staff', 'epoch'],
  'staff.reinstated': ['staff', 'epoch'],
  'staff.pin-changed': ['staff'],
  'terminal.enrolled': ['enrolled', 'publicKey'],
  'terminal.suspended': ['suspended', 'epoch'],
  'terminal.bound': ['bound'],
  'invitation.issued': ['target', 'staff', 'invited', 'expiresAt'],
  'passkey.enrolled': ['site', 'staff', 'credential'],
  'passkey.stopped': ['site', 'staff'],
  'honey.marked': ['marked'],
  'import.begun': ['rows', 'encoding'],
  'import.finished': ['rows', 'encoding', 'created', 'changed', 'unchanged', 'refused'],
  'backup.made': ['backup', 'size', 'digest', 'to'],
  'restore.made': ['backup', 'from', 'to', 'lost'],
  'link.issued': ['agency', 'keyVersion'],
  'history.read': ['by', 'from', 'to', 'lines'],
  'lock.set': ['until'],
  'lock.lifted': [],
  'contest.opened': ['contest', 'about'],
  'contest.taken': ['contest'],
  'contest.read': ['contest'],
  'contest.answered': ['contest'],
  'journal.read': ['filter', 'from', 'to', 'lines'],
  'journal.verified': ['verdict', 'size'],
  'write.refused': ['event'],
  'request.refused': ['operation'],
} as const satisfies Record<string, readonly string[]>;

function recordFields() {
  return [
    'before',
    'after',
    'replaces',
    'replacesLog',
    'event',
    'eventDate',
    'household',
    'number',
    'contentDigest',
    'keyVersion',
    'status',
  ] as const;
}

function grantFields() {
  return ['expiresAt', 'approver', 'asker', 'left'] as const;
}

export type LineKind = keyof typeof lineKinds;

export interface NewLine {
  kind: LineKind;
  /** The person the line is about; one line per person. */
  person?: PersonId;
  body: Readonly<Record<string, unknown>>;
}

export function isLineKind(kind: string): kind is LineKind {
  return Object.hasOwn(lineKinds, kind);
}

const allowed = new Map<string, ReadonlySet<string>>(
  Object.entries(lineKinds).map(([kind, fields]) => [kind, new Set<string>([...common, ...fields])]),
);

/** Fields a kind may carry, the common ones included; for docs/audit-events.md and its check. */
export function fieldsOf(kind: LineKind): string[] {
  return [...allowed.get(kind)!];
}

/** A payload may be 48 kB: what a line says are ids and names, not data. */
export const MAX_PAYLOAD_BYTES = 48 * 1024;

/**
 * The payload of a line: JSON `{v, at, kind, person?, body}`, UTF-8. `at` in milliseconds since 1970.
 * Errors: `bad-input` (what line-kind | line-field | line-person), `too-large`.
 */
export function encodeLine(line: NewLine, at: number): Buffer {
  const fields = allowed.get(line.kind);
  if (fields === undefined) throw new SekishoError('bad-input', { what: 'line-kind' });
  for (const field in line.body) {
    if (!fields.has(field))
      throw new SekishoError('bad-input', { what: 'line-field', kind: line.kind, field });
  }
  if (line.person !== undefined && !isUuid(line.person))
    throw new SekishoError('bad-input', { what: 'line-person' });
  const payload = Buffer.from(
    JSON.stringify({ v: 1, at, kind: line.kind, person: line.person, body: line.body }),
  );
  if (payload.length > MAX_PAYLOAD_BYTES)
    throw new SekishoError('too-large', { what: 'line', max: MAX_PAYLOAD_BYTES });
  return payload;
}

export interface DecodedLine {
  at: number;
  kind: LineKind;
  person?: PersonId;
  body: Record<string, unknown>;
}

/** Reads a payload back; `bad-input` where it is none of ours. */
export function decodeLine(payload: Buffer): DecodedLine {
  let value: unknown;
  try {
    value = JSON.parse(payload.toString());
  } catch (cause) {
    throw new SekishoError('bad-input', { what: 'line' }, { cause });
  }
  const line = value as { v: unknown; at: unknown; kind: unknown; person?: PersonId; body: unknown } | null;
  if (line?.v !== 1 || typeof line.at !== 'number' || typeof line.kind !== 'string')
    throw new SekishoError('bad-input', { what: 'line' });
  if (!isLineKind(line.kind) || typeof line.body !== 'object' || line.body === null)
    throw new SekishoError('bad-input', { what: 'line' });
  const body = line.body as Record<string, unknown>;
  return {
    at: line.at,
    kind: line.kind,
    ...(line.person === undefined ? {} : { person: line.person }),
    body,
  };
}
