import { digitValue, hyphenPattern, spacePattern } from '../digits.ts';

/** A group of adjacent digits; `end` is exclusive. Offsets are UTF-16 code units of the text. */
export interface DigitGroup {
  readonly start: number;
  readonly end: number;
}

/** Groups that stand next to each other with one separator between (`1234-5678-9018`), or a single group. */
export interface DigitRun {
  readonly groups: readonly DigitGroup[];
  /** `separators[i]` stands between groups i and i+1. */
  readonly separators: readonly ('hyphen' | 'space')[];
}

const hyphens = separatorSet(hyphenPattern);
const spaces = separatorSet(spacePattern.replace('\\t', ''));

/** A tab parts two cells of a table, so it never joins groups here; inside one cell's text it is a space. */
function separatorSet(pattern: string): ReadonlySet<number> {
  const set = new Set<number>();
  const inPattern = new RegExp(`[${pattern}]`);
  for (let codeUnit = 0; codeUnit < 0x1_0000; codeUnit++) {
    if (inPattern.test(String.fromCharCode(codeUnit))) set.add(codeUnit);
  }
  return set;
}

/**
 * Walks the text once and gives each run of digit groups. One separator joins two groups; two separators part them,
 * except a hyphen with a space on each side.
 *
 * @returns the number of code units looked at, for the proof that the walk is linear
 */
export function eachDigitRun(text: string, visit: (run: DigitRun) => void): number {
  let steps = 0;
  let groups: DigitGroup[] = [];
  let separators: ('hyphen' | 'space')[] = [];
  const length = text.length;
  let i = 0;
  while (i < length) {
    steps++;
    if (digitValue(text.charCodeAt(i)) < 0) {
      i++;
      continue;
    }
    const start = i;
    while (i < length && digitValue(text.charCodeAt(i)) >= 0) i++;
    steps += i - start;
    groups.push({ start, end: i });
    const joint = separatorAt(text, i);
    if (joint) {
      separators.push(joint.kind);
      i = joint.end;
    } else {
      visit({ groups, separators });
      groups = [];
      separators = [];
    }
  }
  return steps;
}

/** The separator that starts at `at`, where a digit follows it. Looks at 4 code units at most. */
function separatorAt(text: string, at: number): { kind: 'hyphen' | 'space'; end: number } | undefined {
  const digitAt = (i: number) => digitValue(text.charCodeAt(i)) >= 0;
  const first = text.charCodeAt(at);
  if (hyphens.has(first)) return digitAt(at + 1) ? { kind: 'hyphen', end: at + 1 } : undefined;
  if (!spaces.has(first)) return undefined;
  if (digitAt(at + 1)) return { kind: 'space', end: at + 1 };
  const spaced = hyphens.has(text.charCodeAt(at + 1)) && spaces.has(text.charCodeAt(at + 2));
  return spaced && digitAt(at + 3) ? { kind: 'hyphen', end: at + 3 } : undefined;
}
