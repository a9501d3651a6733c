import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { MunicipalityCode } from '../../ground/ids.ts';
import { registerMigrations } from './migrations.ts';
import { residentGroups } from './resident.ts';
import { maskedResident, residentTable } from './sealed-table.ts';

const municipality = '131016' as MunicipalityCode;
const fields = {
  name: { name: '髙橋　花子', reading: 'ﾀｶﾊｼ ﾊﾅｺ', former_name: '', alias: '' },
  birth: { date: '1970-04-01', date_stated: '', sex: 'female' },
  address: { postcode: '1000001', address: '見本市中央１丁目２番３号　コーポ101' },
  number: { number: '123456789018' },
  resident_code: { code: '24727059608' },
  household: { household_number: '501', relation: '世帯主', address_number: '1001' },
};
const call = (index: string, of = fields as Record<string, Record<string, string>>) =>
  residentTable.indexes[index]!.of(of, municipality);

describe('indexes', () => {
  it('are computed over folded values, per municipality where they are local', () => {
    expect(call('number')).toEqual({ index: 'number', args: ['123456789018'] });
    expect(call('resident_code')).toEqual({ index: 'residentRecordCode', args: ['24727059608'] });
    expect(call('reading_birth')).toEqual({
      index: 'readingBirth',
      args: [municipality, 'タカハシハナコ', '1970-04-01'],
    });
    expect(call('reading')).toEqual({ index: 'reading', args: [municipality, 'タカハシハナコ'] });
    expect(call('address')).toEqual({ index: 'address', args: [municipality, '見本市中央1-2-3'] });
    expect(call('address_number')).toEqual({ index: 'addressNumber', args: [municipality, '1001'] });
    expect(call('household')).toEqual({ index: 'addressNumber', args: [municipality, 'household:501'] });
  });

  it('do not exist where a value is missing', () => {
    for (const index of Object.keys(residentTable.indexes)) expect(call(index, {})).toBeNull();
    expect(call('reading_birth', { name: fields.name })).toBeNull();
    expect(call('household', { household: { address_number: '501' } })).toBeNull();
  });

  it('an address number never meets a household number', () => {
    expect(call('address_number')).not.toEqual(
      call('household', { household: { household_number: '1001' } }),
    );
  });
});

describe('a search', () => {
  const index = (name: string, by: Record<string, string>) =>
    residentTable.indexes[name]!.of(residentTable.asked!(by)!, municipality);

  it.each([
    ['number', { number: '１２３４　5678‐9018' }],
    ['resident_code', { residentCode: '247-2705-9608' }],
    ['reading', { reading: 'たかはし はなこ' }],
    ['reading_birth', { reading: 'タカハシ　ハナコ', birthDate: '1970-04-01' }],
    ['address', { address: '見本市中央1-2-3' }],
    ['address_number', { addressNumber: '1001' }],
  ])('%s folds as a row does', (name, by) => {
    expect(index(name, by as unknown as Record<string, string>)).toEqual(call(name));
  });

  it('of a kind that does not exist is no search', () => {
    expect(residentTable.asked!({ name: '見本' })).toBeUndefined();
  });
});

describe('a hit', () => {
  it('shows the first sound of the reading and the decade of birth, nothing else', () => {
    expect(maskedResident(fields)).toEqual({ reading: 'タ・・・', birth_decade: '1970s' });
  });

  it('shows as much for long and short names', () => {
    const other = { name: { reading: 'タ' }, birth: { date: '1979-12-31' } };
    expect(maskedResident(other)).toEqual(maskedResident(fields));
  });

  it('shows nothing where nothing is', () => {
    expect(maskedResident({})).toEqual({ reading: '・・・', birth_decade: '' });
  });

  it('falls back on the first letter of a name without reading', () => {
    expect(maskedResident({ name: { name: 'SAMPLE JOHN' }, birth: { date: '1945-00-00' } })).toEqual({
      reading: 'S・・・',
      birth_decade: '1940s',
    });
  });
});

describe('declaration and migration', () => {
  const sql = readdirSync(registerMigrations.folder)
    .map((file) => readFileSync(join(registerMigrations.folder, file), 'utf8'))
    .join('\n');
  const columns = [
    ...Object.values(residentTable.groups).map(({ column }) => column),
    ...Object.values(residentTable.indexes).map(({ column }) => column),
    ...residentTable.clear,
    'municipality_code',
    'person_id',
    'key_version',
    'line_index',
    'log_number',
    'content_digest',
  ].sort();

  it.each(['register.resident', 'register.resident_history'])(
    '%s has exactly the declared columns',
    (table) => {
      const body = new RegExp(`CREATE TABLE ${table.replace('.', '\\.')} \\(([\\s\\S]*?)\\n\\);`).exec(
        sql,
      )![1]!;
      const found = [...body.matchAll(/^ {2}([a-z_]+) /gm)].map((match) => match[1]!);
      const later = new RegExp(`ALTER TABLE ${table.replace('.', '\\.')} ADD COLUMN ([a-z_]+) `, 'g');
      for (const match of sql.matchAll(later)) found.push(match[1]!);
      expect(found.sort()).toEqual(columns);
    },
  );

  it('every group of the resident is sealed', () => {
    expect(
      Object.fromEntries(
        Object.entries(residentTable.groups).map(([name, { fields: list }]) => [name, list]),
      ),
    ).toEqual(residentGroups);
  });
});
