import variantTable from './variants.json' with { type: 'json' };

/**
 * Folding makes two spellings of one name or address equal. It is lossy and for comparison only: what is stored keeps
 * every 異体字 (variant shape) and variation selector as it came. See `stored` for the one thing done to stored text.
 */

/** CJK compatibility ideographs: NFC would replace 神 (U+FA19) by 神 and so lose the shape that a person's register holds. */
const compatibilityIdeographs = /([\uF900-\uFAFF\u{2F800}-\u{2FA1F}]+)/u;

/**
 * Text as it is kept: canonically composed (か + ゙ becomes が), so that equal text is equal bytes, but with compatibility ideographs and
 * ideographic variation sequences untouched.
 */
export function stored(text: string): string {
  if (!compatibilityIdeographs.test(text)) return text.normalize('NFC');
  return text
    .split(compatibilityIdeographs)
    .map((piece, at) => (at % 2 === 1 ? piece : piece.normalize('NFC')))
    .join('');
}

const variants = new Map(
  variantTable.variants.flatMap(({ to, from }) => [...from].map((sign): [string, string] => [sign, to])),
);
/** FVS, VS1–16 and the ideographic selectors VS17–256 (UTS #37). */
const selectors = /[\u180B-\u180D\uFE00-\uFE0F\u{E0100}-\u{E01EF}]/gu;
const blanks = /[\s\u200B-\u200D\u2060\uFEFF]+/gu;

/** NFKC, variation selectors dropped, variant kanji to the shape of the table. */
export function foldKanji(text: string): string {
  let folded = '';
  for (const sign of text.replace(selectors, '').normalize('NFKC')) folded += variants.get(sign) ?? sign;
  return folded;
}

const hiragana = /[\u3041-\u3096\u309D\u309E]/gu;

/** Hiragana to katakana, half width to full. Lossless for a reading: no sound is lost. */
export function toKatakana(text: string): string {
  return text.normalize('NFKC').replace(hiragana, (sign) => String.fromCharCode(sign.charCodeAt(0) + 0x60));
}

const table = (from: string, to: string) => new Map([...from].map((sign, at) => [sign, [...to][at]!]));
/** Small kana to large (old municipal and bank data know no small kana), old kana to new, ヂヅ to ジズ. */
const kanaFolds = table('ァィゥェォッャュョヮヵヶヰヱヲヂヅ', 'アイウエオツヤユヨワカケイエオジズ');
const vowelRows: readonly [string, string][] = [
  ['アカガサザタダナハバパマヤラワ', 'ア'],
  ['イキギシジチヂニヒビピミリヰ', 'イ'],
  ['ウクグスズツヅヌフブプムユルヴ', 'ウ'],
  ['エケゲセゼテデネヘベペメレヱ', 'エ'],
  ['オコゴソゾトドノホボポモヨロヲ', 'オ'],
];
const vowelOf = new Map(
  vowelRows.flatMap(([row, vowel]) => [...row].map((sign): [string, string] => [sign, vowel])),
);
const longMarks = /[ー\-‐‑‒–—―−]/u;

/**
 * A reading for comparison: full-width katakana without blanks and dots, small kana large, and every long vowel written as the
 * vowel itself, so that シンドウ, シンドオ and シンドー agree while オノ (小野) and オオノ (大野) do not. Latin letters are raised.
 */
export function foldReading(text: string): string {
  let folded = '';
  let vowel = '';
  for (const sign of toKatakana(text.replace(selectors, ''))
    .replace(blanks, '')
    .replace(/[・･.,']/gu, '')
    .toUpperCase()
    .normalize('NFKC')) {
    let next = kanaFolds.get(sign) ?? sign;
    if (longMarks.test(sign)) next = vowel;
    else if (next === 'ウ' && vowel === 'オ') next = 'オ';
    else if (next === 'イ' && vowel === 'エ') next = 'エ';
    folded += next;
    if (next !== '') vowel = vowelOf.get(next) ?? '';
  }
  return folded;
}

/** A name in kanji or letters for comparison: variants folded, kana made katakana, blanks and dots dropped, letters raised. */
export function foldName(text: string): string {
  return toKatakana(foldKanji(text))
    .replace(blanks, '')
    .replace(/[・･.,'’\-‐]/gu, '')
    .toUpperCase()
    .normalize('NFKC');
}
