import { expect, it } from 'vitest';
import { noDate } from '../ui/typed-date.ts';
import { isWay, searchOf, type TypedSearch, ways } from './search-by.ts';

const today = '2026-04-01';
const typed = (part: Partial<TypedSearch>): TypedSearch => ({
  number: '',
  residentCode: '',
  reading: '',
  birthDate: noDate,
  address: '',
  addressNumber: '',
  ...part,
});
const born = { era: '昭和', year: '45', month: '4', day: '1' } as const;

it.each(ways)('nothing typed is no search: %s', (way) => {
  expect(searchOf(way, typed({}), today)).toBeUndefined();
  expect(isWay(way)).toBe(true);
});

it.each([
  ['number', { number: '123456789018' }, { number: '123456789018' }],
  ['reading', { reading: ' やまだ ' }, { reading: 'やまだ' }],
  ['reading', { reading: 'やまだ', birthDate: born }, { reading: 'やまだ', birthDate: '1970-04-01' }],
  ['address', { address: '長野県松本市大手3-8-13' }, { address: '長野県松本市大手3-8-13' }],
  ['address_number', { addressNumber: '42' }, { addressNumber: '42' }],
] as const)('by %s: %j', (way, part, by) => expect(searchOf(way, typed(part), today)).toEqual(by));

it.each([
  ['number', { number: '123456789010' }],
  ['number', { number: '1234' }],
  ['resident_code', { residentCode: 'x' }],
  ['reading', { birthDate: born }],
  ['reading', { reading: 'やまだ', birthDate: { ...born, month: '13' } }],
  ['reading', { reading: 'やまだ', birthDate: { ...born, era: '令和', year: '9' } }],
] as const)('by %s, not sent while it is wrong: %j', (way, part) =>
  expect(searchOf(way, typed(part), today)).toBeUndefined(),
);

it('only what is typed in the way chosen is sent', () => {
  const all = typed({ number: '123456789018', reading: 'やまだ', address: '長野県', addressNumber: '1' });
  expect(Object.keys(searchOf('address', all, today)!)).toEqual(['address']);
  expect(isWay('name')).toBe(false);
});
