import type { NumberKind } from './kinds.ts';

/** What a word near a number says it is: one of our kinds, or some other number. */
export type WordMeaning = NumberKind | 'other';

/**
 * Words that announce a number. Order matters: the longer word stands before the one it contains
 * (被保険者番号 is the insured person's number, 保険者番号 the insurer's).
 */
const words: readonly (readonly [WordMeaning, string])[] = [
  [
    'individual-number',
    '個人番号|マイナンバー|マイナ番号|ﾏｲﾅﾝﾊﾞｰ|my[ _-]?number|individual[ _-]number|kojin[ _-]?bangou?',
  ],
  [
    'resident-record-code',
    '住民票コード|住民票ｺｰﾄﾞ|住基コード|resident[ _-]record[ _-]code|jumin[ _-]?hyou?[ _-]?code',
  ],
  ['basic-pension-number', '基礎年金番号|年金番号|年金手帳|年金証書|pension[ _-]number|nenkin[ _-]?bangou?'],
  ['corporate-number', '法人番号|インボイス|適格請求書|corporate[ _-]number|houjin[ _-]?bangou?'],
  ['other', '被保険者番号|被保険者証|公費負担者番号'],
  ['insurer-number', '保険者番号|insurer[ _-]number|hokensha[ _-]?bangou?'],
  [
    'other',
    '電話|携帯|ファクス|ファックス|口座|クレジット|カード番号|注文番号|伝票|会員番号|追跡番号|免許|旅券|' +
      '\\bTEL\\b|\\bFAX\\b|\\bphone|\\bISBN\\b|\\bJAN\\b|\\border[ _-]?(?:no|id)|\\baccount|\\bcard[ _-]number|\\btimestamp',
  ],
];

const pattern = new RegExp(words.map(([, alternatives]) => `(${alternatives})`).join('|'), 'gi');

/** Half-open places of the words of each meaning, in order. */
export type ContextWords = ReadonlyMap<WordMeaning, readonly { start: number; end: number }[]>;

/** Finds all context words in a text whose letters are already folded to ASCII width. */
export function contextWords(text: string): ContextWords {
  const found = new Map<WordMeaning, { start: number; end: number }[]>();
  for (const match of text.matchAll(pattern)) {
    const index = words.findIndex((_, i) => match[i + 1] !== undefined);
    const meaning = words[index]![0];
    const places = found.get(meaning);
    const place = { start: match.index, end: match.index + match[0].length };
    if (places) places.push(place);
    else found.set(meaning, [place]);
  }
  return found;
}

/** How far a word may stand before or behind a number, in code units, to count as near. */
const NEAR_BEFORE = 40;
const NEAR_AFTER = 12;

/** Answers, for places asked in rising order, which words are near and which came earlier. Amortised linear. */
export class ContextCursor {
  readonly #words: ContextWords;
  readonly #next = new Map<WordMeaning, number>();

  constructor(found: ContextWords) {
    this.#words = found;
  }

  /** Whether any word at all is near. */
  nearAny(start: number, end: number): boolean {
    for (const meaning of this.#words.keys()) {
      if (this.look(meaning, start, end) === 'near') return true;
    }
    return false;
  }

  /** @returns near: within 40 code units before or 12 behind; earlier: anywhere before; otherwise absent */
  look(meaning: WordMeaning, start: number, end: number): 'near' | 'earlier' | 'absent' {
    const places = this.#words.get(meaning);
    if (!places) return 'absent';
    let next = this.#next.get(meaning) ?? 0;
    while (next < places.length && places[next]!.start < start) next++;
    this.#next.set(meaning, next);
    const before = places[next - 1];
    if (before && start - before.end <= NEAR_BEFORE) return 'near';
    const after = places[next];
    if (after && after.start - end <= NEAR_AFTER) return 'near';
    return before ? 'earlier' : 'absent';
  }
}
