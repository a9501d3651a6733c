import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSekishoError } from '../src/ground/errors.ts';

/** A parser of the house with something it takes: what is mutated into things it must refuse in its own words. */
export interface Parser<Given> {
  name: string;
  specimen: Given;
  parse(given: Given): unknown;
  /** Classes of refusal other than the house's error; the command line has one. */
  refuses?: new (
    ...args: never[]
  ) => Error;
}

/** A TypeError, a RangeError or an `internal` is a fault. */
function refusesInItsOwnWords<Given>({ parse, refuses }: Parser<Given>, given: Given): void {
  try {
    parse(given);
  } catch (error) {
    if (refuses !== undefined && error instanceof refuses) return;
    if (!isSekishoError(error) || error.kind === 'internal') throw error;
  }
}

/** A specimen with up to four places cut out, doubled or written over. */
function mutated<T>(specimen: readonly T[], piece: fc.Arbitrary<readonly T[]>): fc.Arbitrary<T[]> {
  const edit = fc.record({
    at: fc.nat({ max: Math.max(0, specimen.length - 1) }),
    take: fc.nat({ max: 6 }),
    put: fc.oneof(piece, fc.constant<readonly T[]>([])),
    twice: fc.boolean(),
  });
  return fc.array(edit, { minLength: 1, maxLength: 4 }).map((edits) => {
    const result = [...specimen];
    for (const { at, take, put, twice } of edits)
      result.splice(at, take, ...put, ...(twice ? specimen.slice(at, at + 8) : []));
    return result;
  });
}

const nasty = [
  '\0',
  '\n',
  '\r\n',
  '%',
  '%zz',
  '\ud800',
  '"',
  '\\',
  '—',
  '９',
  '-',
  '0',
  '[',
  '{',
  '=',
  '\u202e',
];
const piece = fc
  .oneof(fc.constantFrom(...nasty), fc.string({ unit: 'binary', maxLength: 5 }))
  .map((text) => [...text]);
const anyText = fc.string({ unit: 'binary', maxLength: 60 });
const anyBytes = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
const fewBytes = fc.uint8Array({ maxLength: 6 }).map((bytes) => [...bytes]);

function withstand<Given>(parser: Parser<Given>, given: fc.Arbitrary<Given>): void {
  describe(parser.name, () => {
    it('takes its specimen', () => {
      expect(parser.parse(parser.specimen)).not.toBeUndefined();
    });
    it('answers or refuses whatever comes', () => {
      fc.assert(
        fc.property(given, (one) => refusesInItsOwnWords(parser, one)),
        { numRuns: 1_000 },
      );
    });
  });
}

/** Declares the tests of parsers of text: garbage, and specimens with a few places changed. */
export function textParsersWithstandGarbage(parsers: readonly Parser<string>[]): void {
  for (const parser of parsers) {
    const slips = mutated([...parser.specimen], piece).map((text) => text.join(''));
    withstand(parser, fc.oneof(anyText, slips));
  }
}

/** The same for parsers of bytes. */
export function bytesParsersWithstandGarbage(parsers: readonly Parser<Buffer>[]): void {
  for (const parser of parsers) {
    const slips = mutated([...parser.specimen], fewBytes).map((bytes) => Buffer.from(bytes));
    withstand(parser, fc.oneof(anyBytes, slips));
  }
}

/** JSON as a parser of values is given it: what is no JSON never gets as far. */
export function fromJson(text: string, parse: (value: unknown) => unknown): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return parse(value);
}
