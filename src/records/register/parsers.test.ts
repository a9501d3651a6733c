import { textParsersWithstandGarbage } from '../../../test/garbage.ts';
import { foldAddress, foldPostcode } from './address-folding.ts';
import { parseDate } from './era-date.ts';
import { foldName, foldReading } from './folding.ts';
import { japaneseNumeral } from './japanese-numeral.ts';

textParsersWithstandGarbage([
  { name: 'parseDate', specimen: '令和元年5月1日', parse: (t) => parseDate(t) },
  { name: 'japaneseNumeral', specimen: '二千三百四', parse: japaneseNumeral },
  { name: 'foldAddress', specimen: '長野県松本市丸の内３番７号', parse: foldAddress },
  { name: 'foldPostcode', specimen: '〒390-8620', parse: foldPostcode },
  { name: 'foldName', specimen: '髙橋　ハナコ', parse: foldName },
  { name: 'foldReading', specimen: 'ﾀｶﾊｼ ﾊﾅｺ', parse: foldReading },
]);
