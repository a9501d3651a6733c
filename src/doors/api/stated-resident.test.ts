import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSekishoError } from '../../ground/errors.ts';
import { statedFields, statedNewcomer } from './stated-resident.ts';

const today = '2026-04-01';
const newcomer = {
  addressNumber: '１２３',
  householdNumber: '9',
  relation: '世帯主',
  name: '試験　太郎',
  reading: 'しけん　たろう',
  formerName: '',
  alias: '',
  birthDate: '昭和60年3月4日',
  birthDateStated: '',
  sex: 'female' as const,
  postcode: '〒390-0874',
  address: '松本市大手',
  residentCode: '101-6826-7148',
};

describe('somebody new, as the desk states him', () => {
  it('becomes what a file’s row becomes', () => {
    expect(statedNewcomer('move-in', newcomer, today)).toMatchObject({
      addressNumber: '123',
      birthDate: '1985-03-04',
      birthDateStated: '',
      sex: 'female',
      postcode: '3900874',
      residentCode: '10168267148',
      name: '試験　太郎',
    });
  });

  it('keeps the words of a birth date that is known in part', () => {
    const stated = statedNewcomer('move-in', { ...newcomer, birthDate: '昭和20年5月不詳' }, today);
    expect(stated).toMatchObject({ birthDate: '1945-05-00', birthDateStated: '昭和20年5月不詳' });
  });

  it.each([
    ['name', { name: ' ' }, 'required'],
    ['name', { name: 'あ'.repeat(101) }, 'too-long'],
    ['alias', { alias: 'a\u0000b' }, 'control-character'],
    ['birth_date', { birthDate: '2026-04-02' }, 'date-future'],
    ['address_number', { addressNumber: 'x' }, 'number-format'],
    ['resident_code', { residentCode: '101' }, 'resident-code-format'],
  ])('%s %j is refused as %s', (column, more, reason) => {
    expect(() => statedNewcomer('birth', { ...newcomer, ...more }, today)).toThrow(
      expect.objectContaining({ kind: 'bad-input', facts: { what: 'birth', column, reason } }),
    );
  });
});

describe('fields of a change', () => {
  it('takes over what was stated, and nothing that was not', () => {
    expect(statedFields('correction', { birth: { date: 'S60.3.5' }, name: { alias: '' } }, today)).toEqual({
      birth: { date: '1985-03-05', date_stated: '' },
      name: { alias: '' },
    });
  });

  it('leaves groups it has no column for to the gate', () => {
    const fields = { number: { number: '1' }, shoe: { size: '27' } };
    expect(statedFields('correction', fields, today)).toEqual(fields);
  });

  it('says where and why, and never what, of anything at all', () => {
    const places = [
      ['name', 'reading'],
      ['birth', 'date'],
      ['birth', 'sex'],
      ['address', 'postcode'],
      ['resident_code', 'code'],
      ['household', 'relation'],
    ] as const;
    fc.assert(
      fc.property(
        fc.constantFrom(...places),
        fc.string({ unit: 'binary', minLength: 4 }),
        ([group, field], text) => {
          try {
            const answer = statedFields('correction', { [group]: { [field]: text } }, today);
            expect(Object.keys(answer)).toEqual([group]);
          } catch (error) {
            expect(isSekishoError(error, 'bad-input')).toBe(true);
            expect(Object.keys((error as { facts: object }).facts)).toEqual(['what', 'column', 'reason']);
          }
        },
      ),
    );
  });
});
