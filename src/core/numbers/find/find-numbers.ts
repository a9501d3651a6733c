import { ContextCursor, type ContextWords, contextWords } from './context-words.ts';
import { type DigitRun, eachDigitRun } from './digit-runs.ts';
import { type Grouping, type KindRule, kindRules, type NumberKind } from './kinds.ts';
import { type Candidate, signsOf } from './signs.ts';

/** One place in a text that looks like a number. The digits themselves are not part of it. */
export interface FoundNumber {
  readonly kind: NumberKind;
  /** Half-open offsets in UTF-16 code units, from the first digit to behind the last. */
  readonly start: number;
  readonly end: number;
  /** 0..1, two decimals: an ordering for a reader or a threshold, not a probability. */
  readonly confidence: number;
  /** Signs for and against, e.g. `customary`, `check-digit`, `word-near`, `phone`, `also:corporate-number`. */
  readonly reasons: readonly string[];
}

export interface FindOptions {
  /** Words that stand over the text but not in it, such as a column's heading or a field's name. */
  readonly context?: string;
  /** Leaves out what is below it; default 0.2. */
  readonly minimumConfidence?: number;
}

const DEFAULT_MINIMUM = 0.2;

/** No run with more digits than this is looked into as a whole (19 = longest card number). */
const LONGEST_RUN = 19;

/**
 * Finds individual numbers, resident record codes, corporate, basic pension and insurer numbers in a text:
 * ASCII and full-width digits, plain, in customary groups, one digit a box, irregular groups, and 11 digits whose
 * leading zero a spreadsheet dropped. Places never overlap; where one place can be several kinds, the likeliest is
 * told and the others are in its reasons. Pure, never throws, time linear in the length whatever the text.
 */
export function findNumbers(text: string, options: FindOptions = {}): FoundNumber[] {
  return search(text, options).found;
}

/** `findNumbers` with the count of elementary steps, so that a test can hold it to linear time without a clock. */
export function search(text: string, options: FindOptions = {}): { found: FoundNumber[]; steps: number } {
  const minimum = options.minimumConfidence ?? DEFAULT_MINIMUM;
  const folded = foldWidth(text);
  const cursor = new ContextCursor(contextWords(folded));
  const heading = contextWords(foldWidth(options.context ?? ''));
  const found: FoundNumber[] = [];
  let steps = 0;
  steps += eachDigitRun(folded, (run) => {
    for (const candidate of candidatesOf(run, folded)) {
      steps += candidate.digits.length;
      const next = weigh(candidate, folded, cursor, heading);
      if (next.confidence >= minimum) keep(found, next);
    }
  });
  return { found, steps };
}

/** Full-width ASCII to ASCII, ideographic space to space; every code unit keeps its offset. */
function foldWidth(text: string): string {
  return text.replace(/[\uff01-\uff5e\u3000]/g, (c) =>
    c === '\u3000' ? ' ' : c === '－' ? c : String.fromCharCode(c.charCodeAt(0) - 0xfee0),
  );
}

interface RuledCandidate extends Candidate {
  readonly rule: KindRule;
}

/** The candidates of a run, by rising start. At most a handful for each group, whatever the run's length. */
function* candidatesOf(run: DigitRun, text: string): Generator<RuledCandidate> {
  const { groups } = run;
  const lengths = groups.map((group) => group.end - group.start);
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const runDigits = total <= LONGEST_RUN ? digitsOf(run, 0, groups.length, text) : '';
  for (let at = 0; at < groups.length; at++) {
    for (const rule of kindRules) {
      const { kind } = rule;
      for (const [grouping, count] of spans(rule, lengths, at, total)) {
        const digits = digitsOf(run, at, at + count, text);
        const full = grouping === 'zero-stripped' ? `0${digits}` : digits;
        if (!rule.valid(full)) continue;
        const joined = joint(run, at, at + count);
        const start = groups[at]!.start;
        const end = groups[at + count - 1]!.end;
        yield { rule, kind, grouping, digits: full, start, end, runDigits, joined };
      }
    }
  }
}

/** The ways in which the groups from `at` on can be this kind: the grouping, and how many groups it takes. */
function spans(rule: KindRule, lengths: readonly number[], at: number, total: number): [Grouping, number][] {
  const { base, length, groups } = rule;
  const ways: [Grouping, number][] = [];
  const first = lengths[at]!;
  if (first === length && base.plain !== undefined) ways.push(['plain', 1]);
  if (first === length - 1 && base['zero-stripped'] !== undefined) ways.push(['zero-stripped', 1]);
  const customary = groups?.every((size, i) => lengths[at + i] === size) ?? false;
  if (groups && customary && base.customary !== undefined) ways.push(['customary', groups.length]);
  if (at === 0 && lengths.length > 1 && total === length && !customary) {
    // Only a run that is nothing but this number: any part of a longer one would be a guess.
    if (lengths.length === length) {
      if (base.boxes !== undefined) ways.push(['boxes', length]);
    } else if (base.irregular !== undefined) ways.push(['irregular', lengths.length]);
  }
  return ways;
}

function digitsOf(run: DigitRun, from: number, to: number, text: string): string {
  let digits = '';
  for (let i = from; i < to; i++) digits += text.slice(run.groups[i]!.start, run.groups[i]!.end);
  return digits;
}

function joint(run: DigitRun, from: number, to: number): Candidate['joined'] {
  const sides = [run.separators[from - 1], run.separators[to - 1]];
  return sides.includes('hyphen') ? 'hyphen' : sides.includes('space') ? 'space' : 'no';
}

function weigh(
  candidate: RuledCandidate,
  text: string,
  cursor: ContextCursor,
  heading: ContextWords,
): FoundNumber {
  const { rule, grouping, kind, start, end } = candidate;
  let confidence = rule.base[grouping] ?? 0;
  const reasons: string[] = [grouping];
  if (kind !== 'basic-pension-number') reasons.push('check-digit');
  for (const sign of signsOf(candidate, text)) {
    confidence += sign.weight;
    reasons.push(sign.reason);
  }
  const context = heading.has(kind) ? 'near' : cursor.look(kind, start, end);
  if (context === 'near') {
    confidence += rule.near;
    reasons.push('word-near');
  } else if (heading.size > 0 || cursor.nearAny(start, end)) {
    confidence -= 0.25;
    reasons.push('word-of-other-number');
  } else if (context === 'earlier') {
    confidence += rule.earlier;
    reasons.push('word-earlier');
  }
  const clamped = Math.round(Math.min(1, Math.max(0, confidence)) * 100) / 100;
  return { kind, start, end, confidence: clamped, reasons };
}

/** Keeps places apart: of two that overlap the more confident stays and names the other. */
function keep(found: FoundNumber[], next: FoundNumber): void {
  const last = found.at(-1);
  if (!last || last.end <= next.start) {
    found.push(next);
    return;
  }
  const [winner, loser] = next.confidence > last.confidence ? [next, last] : [last, next];
  const also = `also:${loser.kind}`;
  const named = loser.kind === winner.kind || winner.reasons.includes(also);
  found[found.length - 1] = named ? winner : { ...winner, reasons: [...winner.reasons, also] };
}
