import { SekishoError } from '../../ground/errors.ts';
import { isUuid, type PersonId } from '../../ground/ids.ts';
import type { CarriedState } from './record-states.ts';

/** States in one line, and erased persons in one: far below a payload's limit. */
export const statesPerLine = 300;
export const erasedPerLine = 1_000;

/** A state as a `records.carried` line writes it: person, log, line, digest in hex, 1 where it stands replaced. */
export type WrittenState = [person: string, log: number, line: number, after: string, isPast: 0 | 1];

export const writtenState = (state: CarriedState): WrittenState => [
  state.person,
  state.log,
  state.lineIndex,
  state.after.toString('hex'),
  state.isPast ? 1 : 0,
];

/** What a `records.carried` line vouches for. @throws bad-input for a line that is none of ours */
export function carriedStates(body: Readonly<Record<string, unknown>>): {
  states: CarriedState[];
  erased: PersonId[];
} {
  const list = (value: unknown) => (Array.isArray(value) ? (value as unknown[]) : []);
  const states = list(body['states']).map((written): CarriedState => {
    const [person, log, lineIndex, after, isPast] = list(written);
    if (!isPlace(log) || !isPlace(lineIndex) || typeof after !== 'string' || !/^[0-9a-f]{64}$/.test(after))
      throw new SekishoError('bad-input', { what: 'line', kind: 'records.carried' });
    return {
      person: personOf(person),
      log,
      lineIndex,
      after: Buffer.from(after, 'hex'),
      isPast: isPast === 1,
    };
  });
  return { states, erased: list(body['erased']).map(personOf) };
}

const isPlace = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function personOf(value: unknown): PersonId {
  if (typeof value !== 'string' || !isUuid(value))
    throw new SekishoError('bad-input', { what: 'line', kind: 'records.carried' });
  return value as PersonId;
}
