import { foldKanji, toKatakana } from './folding.ts';
import { japaneseNumeral } from './japanese-numeral.ts';

const hyphens = /[‐‑‒–—―−ー]/gu;
const kanjiCount = /[〇一二三四五六七八九十百]+(?=丁目|番地|番(?!町)|号|条)/gu;
const kanjiNumeralAfterBlock = /(?<=[\d-])[〇一二三四五六七八九十百]+(?=-|$)/gu;

/**
 * An address for comparison: 三丁目１番地の２号, 3-1-2 and ３－１－２ agree; 霞ケ関, 霞ヶ関 and 霞が関 agree; 大字 and blanks are dropped. Building and
 * room stay: see `addressKey`.
 */
export function foldAddress(text: string): string {
  return dropBlanks(foldMarks(text)).replace(/-+$/u, '');
}

/**
 * The part of a folded address that names the place: up to the house number, without building and room. Residents write
 * those in many ways or not at all, so a search by address compares this.
 */
export function addressKey(text: string): string {
  const marked = foldMarks(text);
  // A blank after a digit separates the building, unless a unit follows it.
  const cut = /\d[-号]*\s+(?![\d-])/u.exec(marked);
  const place = dropBlanks(cut ? marked.slice(0, cut.index + 1) : marked);
  const block = /\d+(?:-\d+)+|\d+-(?=\D|$)/u.exec(place);
  const end = block ? block.index + block[0].length : lastDigitEnd(place);
  return place.slice(0, end).replace(/-+$/u, '');
}

function foldMarks(text: string): string {
  return toKatakana(foldKanji(text))
    .toUpperCase()
    .replace(kanjiCount, (numeral) => String(japaneseNumeral(numeral) ?? numeral))
    .replace(
      /(?<=\d\s*)(?:丁目|番地|番(?!町)|号(?![線棟館室]))(?:ノ(?=\s*[\d〇一二三四五六七八九十百]))?/gu,
      '-',
    )
    .replace(/(?<=\d)\s*ノ\s*(?=[\d〇一二三四五六七八九十百])/gu, '-')
    .replace(/(?<=\d\s*)[‐‑‒–—―−ー-]/gu, '-')
    .replace(/(?<=\d)(\s+)(?=-)/gu, '')
    .replace(/-\s+(?=\d)/gu, '-')
    .replace(/-{2,}/gu, '-')
    .replace(kanjiNumeralAfterBlock, (numeral) => String(japaneseNumeral(numeral) ?? numeral))
    .replace(/大字/gu, '')
    .replace(/(?<=\p{Script=Han}|[ア-ン])[ヶガ](?=\p{Script=Han})/gu, 'ケ');
}

function dropBlanks(text: string): string {
  return text.replace(/\s+/gu, '').replace(/-{2,}/gu, '-');
}

function lastDigitEnd(text: string): number {
  const match = /^.*\d/su.exec(text);
  return match ? match[0].length : text.length;
}

/** Seven digits of a postcode, or null. */
export function foldPostcode(text: string): string | null {
  const digits = text
    .normalize('NFKC')
    .replace(hyphens, '-')
    .replace(/[〒\s]/gu, '');
  const match = /^(\d{3})-?(\d{4})$/.exec(digits);
  return match ? `${match[1]}${match[2]}` : null;
}
