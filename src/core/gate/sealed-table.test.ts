import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandomness } from '../../ground/randomness.ts';
import { FileKeyStore, keyedIndex } from '../seal/index.ts';
import {
  checkFields,
  checkTable,
  computeIndex,
  decodeGroup,
  groupText,
  isEmptyGroup,
} from './sealed-table.ts';
import { town } from './staging/stage.fixture.ts';
import { trialTable } from './staging/trial-table.fixture.ts';

const store = new FileKeyStore(Buffer.alloc(32, 7), Buffer.alloc(16, 1), seededRandomness('sealed-table'));

describe('a sealed table', () => {
  it.each([
    ['a table name with a statement in it', { table: 'trial.resident; DROP SCHEMA gate' }],
    ['a column in capitals', { groups: { name: { column: 'Name', fields: [] } } }],
    ['an open column with a quote', { clear: ['status', "x'"] }],
    ['no status', { clear: ['event'] }],
  ])('is refused with %s', (_name, change) => {
    expect(() => checkTable({ ...trialTable, ...change })).toThrow(/config-invalid/);
  });
  it('is taken as it should be', () => {
    expect(() => checkTable(trialTable)).not.toThrow();
  });
  it('knows its groups and fields, and no inherited ones', () => {
    expect(() => checkFields(trialTable, { name: { name: 'x' } })).not.toThrow();
    expect(() => checkFields(trialTable, { nope: {} })).toThrow(/bad-input/);
    expect(() => checkFields(trialTable, { name: { nope: 'x' } })).toThrow(/bad-input/);
    expect(() => checkFields(trialTable, { constructor: {} })).toThrow(/bad-input/);
  });
});

describe('a group', () => {
  it('comes back as it was, without its empty fields', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (name, reading) => {
        const back = decodeGroup(Buffer.from(groupText(trialTable, 'name', { name, reading })));
        expect(back['name'] ?? '').toBe(name);
        expect(back['reading'] ?? '').toBe(reading);
      }),
    );
  });
  it('has the same bytes in whatever order its fields came', () => {
    const a = groupText(trialTable, 'name', { name: '氏', reading: 'し' });
    expect(groupText(trialTable, 'name', { reading: 'し', name: '氏' })).toEqual(a);
  });
  it('is empty when nothing is in it', () => {
    expect(isEmptyGroup(undefined)).toBe(true);
    expect(isEmptyGroup({ name: '' })).toBe(true);
    expect(isEmptyGroup({ name: 'x' })).toBe(false);
  });
});

describe('an index', () => {
  it('is that of core/seal', async () => {
    const call = { index: 'reading', args: [town, 'よみ'] };
    expect(await computeIndex(store, call)).toEqual(await keyedIndex.reading(store, town, 'よみ'));
  });
  it('of nothing is none', () => {
    expect(computeIndex(store, null)).toBeNull();
  });
  it('that core/seal does not know is refused', () => {
    expect(() => computeIndex(store, { index: 'journalPerson', args: [] })).toThrow(/config-invalid/);
    expect(() => computeIndex(store, { index: 'constructor', args: [] })).toThrow(/config-invalid/);
  });
  it('of a number that is not normalised is refused without showing it', () => {
    expect(() => computeIndex(store, { index: 'number', args: ['6214-9832-0257'] })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('6214') }),
    );
  });
});
