import { fileURLToPath } from 'node:url';
import type { MigrationRoom } from '../../../ground/database/index.ts';
import type { Fields, IndexCall, SealedTable } from '../sealed-table.ts';

/** The sealed table that tests and benches of the gate write to. Never for service. */

export const trialMigrations: MigrationRoom = {
  room: 'trial',
  folder: fileURLToPath(new URL('migrations', import.meta.url)),
};

const value = (fields: Fields, group: string, field: string): string => fields[group]?.[field] ?? '';
const call = (index: string, ...args: string[]): IndexCall | null =>
  args.some((arg) => arg === '') ? null : { index, args };
/** Stands for the folding of a real register. */
const fold = (text: string): string => text.trim().toLowerCase();

export const trialTable: SealedTable = {
  name: 'resident',
  table: 'trial.resident',
  history: 'trial.resident_history',
  groups: {
    name: { column: 'name_sealed', fields: ['name', 'reading'] },
    birth: { column: 'birth_sealed', fields: ['date'] },
    address: { column: 'address_sealed', fields: ['address'] },
    number: { column: 'number_sealed', fields: ['number'] },
    resident_code: { column: 'resident_code_sealed', fields: ['code'] },
    household: { column: 'household_sealed', fields: ['address_number', 'relation'] },
  },
  indexes: {
    number: {
      column: 'number_index',
      national: 'number',
      of: (fields) => call('number', value(fields, 'number', 'number')),
    },
    resident_code: {
      column: 'resident_code_index',
      national: 'resident_code',
      of: (fields) => call('residentRecordCode', value(fields, 'resident_code', 'code')),
    },
    reading_birth: {
      column: 'reading_birth_index',
      of: (fields, municipality) =>
        call(
          'readingBirth',
          municipality,
          fold(value(fields, 'name', 'reading')),
          value(fields, 'birth', 'date'),
        ),
    },
    reading: {
      column: 'reading_index',
      of: (fields, municipality) => call('reading', municipality, fold(value(fields, 'name', 'reading'))),
    },
    address: {
      column: 'address_index',
      of: (fields, municipality) => call('address', municipality, fold(value(fields, 'address', 'address'))),
    },
    address_number: {
      column: 'address_number_index',
      of: (fields, municipality) =>
        call('addressNumber', municipality, value(fields, 'household', 'address_number')),
    },
  },
  // Stands for a household number: who is entered at one address is one household.
  household: {
    index: 'address',
    groups: ['name', 'household', 'address'],
    member: (fields) => ({
      name: value(fields, 'name', 'name'),
      relation: value(fields, 'household', 'relation'),
    }),
  },
  clear: ['status', 'event', 'event_date'],
  events: {
    column: 'event',
    rules: {
      'move-in': { from: ['none', 'moved-out'], to: 'resident' },
      'move-out': { from: ['resident'], to: 'moved-out' },
      'move-within': { from: ['resident'], to: 'resident' },
      birth: { from: ['none'], to: 'resident' },
      death: { from: ['resident', 'moved-out'], to: 'deceased' },
      'name-change': { from: ['resident'], to: 'resident' },
      correction: { from: ['resident', 'moved-out', 'deceased'], to: 'same' },
      removal: { from: ['resident'], to: 'removed' },
      'household-change': { from: ['resident'], to: 'resident' },
      'number-change': { from: ['resident'], to: 'resident' },
    },
  },
  masked: (fields) => ({
    reading: `${value(fields, 'name', 'reading').slice(0, 1)}…`,
    decade: `${value(fields, 'birth', 'date').slice(0, 3)}0s`,
  }),
  asked: (by) => ({
    name: { reading: by['reading'] ?? '' },
    birth: { date: by['birthDate'] ?? '' },
    address: { address: by['address'] ?? '' },
    number: { number: by['number'] ?? '' },
    resident_code: { code: by['residentCode'] ?? '' },
    household: { address_number: by['addressNumber'] ?? '' },
  }),
};
