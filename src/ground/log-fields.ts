import { constants } from 'node:os';
import { errorKinds } from './errors.ts';
import { isUuid } from './ids.ts';

export const masked = '‹masked›';
export type LogFields = Readonly<Record<string, unknown>>;
export type LogValue = string | number | boolean | null;

/** A rule gives the value to print, or undefined when it must not be printed. */
type Rule = (value: unknown) => LogValue | undefined;

const text =
  (pattern: RegExp): Rule =>
  (value) =>
    typeof value === 'string' && pattern.test(value) && !manyDigits.test(value) ? value : undefined;

/** Five digits in a row, however they are set apart, are no longer a word: an individual number has twelve. */
const manyDigits = /\d(?:[-_./]?\d){4}/;

/**
 * A word of our own sources: lower-case ASCII, joined by hyphens. A romanised name of one word looks the same to any rule, so
 * token fields are for literals only; a person's name has blanks, capitals or Japanese and fails here.
 */
const word = text(/^[a-z][a-z0-9]{0,30}(?:[-_./][a-z0-9]{1,30}){0,7}$/);

/** Nine digits and more could be a number of a person (10: pension, 11: resident record, 12: individual): rounded to 3 digits. */
const quantity: Rule = (value) => {
  if (typeof value !== 'number' || !Number.isFinite(value)) return undefined;
  return Math.abs(value) < 1e9 ? Number(value.toFixed(3)) : Number(value.toPrecision(3));
};
const flag: Rule = (value) => (typeof value === 'boolean' ? value : undefined);
const uuid: Rule = (value) => (typeof value === 'string' && isUuid(value) ? value : undefined);
const oneOf =
  (list: readonly string[]): Rule =>
  (value) =>
    typeof value === 'string' && list.includes(value) ? value : undefined;
/** Node's own codes: the errno list, and ERR_… without digits. */
const systemCode: Rule = (value) =>
  typeof value === 'string' &&
  (Object.hasOwn(constants.errno, value) || /^(?:ERR|UND_ERR)_[A-Z_]{2,50}$/.test(value))
    ? value
    : undefined;

/** Five digits and capitals, at least one of them a digit (PostgreSQL manual, appendix A). */
const sqlstate: Rule = (value) =>
  typeof value === 'string' && /^(?=.*\d)[0-9A-Z]{5}$/.test(value) ? value : undefined;

const groups: readonly [Rule, string][] = [
  [
    word,
    'what reason action at room process caller peer table column schema purpose basis operation outcome step state ' +
      'phase rule algorithm key option command role package place field group policy mode label scope index_kind missing',
  ],
  [
    quantity,
    'duration_ms waited_ms overdue_ms age_ms timeout_ms count lines rows records batches attempts attempt retry_ms ' +
      'size bytes index from to line witnessed_size port process_id exit status max min threshold shares share shard ' +
      'shards connections queue version seconds offset masked_fields length number_of_keys limit left have needed earlier minimum',
  ],
  [flag, 'reused demo fresh ready durable enabled tls read_only complete forced'],
  [uuid, 'request_id case_id import_id grant_id run_id'],
  [oneOf(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']), 'method'],
  [oneOf(Object.keys(errorKinds)), 'kind'],
  [oneOf(Object.keys(constants.signals)), 'signal'],
  [systemCode, 'code'],
  [sqlstate, 'sqlstate'],
  [text(/^(?:\d{3}-)?[a-z][a-z0-9]*(?:-[a-z0-9]+)*\.(?:sql|json|ts|pem)$/), 'file'],
  // The pattern that was matched, never the address that was asked for.
  [text(/^\/(?:[a-z0-9.*:_-]+\/?)*$/i), 'route'],
  [(value) => (typeof value === 'string' && /^\d{6}$/.test(value) ? value : undefined), 'municipality'],
  [text(/^\d{1,3}\.\d{1,3}\.\d{1,3}(?:-[a-z]+(?:\.\d{1,3})?)?$/), 'release'],
];

/** Every field name that may appear in a log, with its rule. */
export const fieldRules: ReadonlyMap<string, Rule> = new Map(
  groups.flatMap(([rule, names]) => names.split(' ').map((name) => [name, rule] as const)),
);

/** The word itself, or ‹masked›. */
export function token(value: unknown): string {
  return (word(value) as string | undefined) ?? masked;
}

/** Names in code are camelCase, in data snake_case. */
function fieldName(key: string): string {
  return key.replace(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`);
}

/**
 * The fields as they may be printed. A value that fails its rule prints as ‹masked›; a name that is not in the table is itself not
 * printed, for it may be somebody's, and is only counted (`masked_fields`).
 */
export function cleanFields(fields: unknown): Record<string, LogValue> {
  const clean: Record<string, LogValue> = {};
  if (typeof fields !== 'object' || fields === null) return clean;
  let unknown = 0;
  for (const [key, value] of entriesOf(fields)) {
    const name = fieldName(key);
    const rule = fieldRules.get(name);
    if (rule === undefined) unknown++;
    else clean[name] = value === null ? null : (rule(value) ?? masked);
  }
  if (unknown > 0) clean['masked_fields'] = unknown;
  return clean;
}

/** A getter or a proxy may throw: a log call never does. */
function entriesOf(object: object): [string, unknown][] {
  try {
    return Object.entries(object);
  } catch {
    return [['', undefined]];
  }
}
