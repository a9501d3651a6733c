import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PersonId } from '../../ground/ids.ts';
import { type StoredRow, stateDigest } from './row-digest.ts';
import { stateColumns } from './sealed-table.ts';
import { otherTown, town } from './staging/stage.fixture.ts';
import { trialTable } from './staging/trial-table.fixture.ts';

const person = '01890000-0000-7000-8000-000000000001' as PersonId;
const columns = stateColumns(trialTable);
const row: StoredRow = Object.fromEntries(
  columns.map((column, i) => [column, i === 0 ? 1 : Buffer.from([i, i])]),
);
const digest = (change: StoredRow = {}, municipality = town, who = person) =>
  stateDigest(trialTable, municipality, who, { ...row, ...change }).toString('hex');

describe('the state digest', () => {
  it('counts every column that is stored', () => {
    for (const column of columns) {
      expect([column, digest({ [column]: Buffer.from('other') })]).not.toEqual([column, digest()]);
      expect([column, digest({ [column]: null })]).not.toEqual([column, digest()]);
    }
  });
  it('counts municipality and person', () => {
    expect(digest({}, otherTown)).not.toBe(digest());
    expect(digest({}, town, '01890000-0000-7000-8000-000000000002' as PersonId)).not.toBe(digest());
  });
  it('does not count what is no state, such as the line that wrote it', () => {
    expect(digest({ line_index: 7 })).toBe(digest());
  });
  it('keeps a missing value and an empty one apart', () => {
    expect(digest({ event: null })).not.toBe(digest({ event: '' }));
    expect(digest({ name_sealed: null })).not.toBe(digest({ name_sealed: Buffer.alloc(0) }));
  });
  it('takes a number as PostgreSQL gives it or as it was written', () => {
    expect(digest({ key_version: 12 })).toBe(digest({ key_version: '12' }));
  });
  it('never lets bytes slip from one column into the next', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.integer({ min: 1, max: 8 }), (a, b, cut) => {
        const together = a + b;
        const at = Math.min(cut, together.length);
        const moved = { event: together.slice(0, at), event_date: together.slice(at) };
        if (moved.event === a) return;
        expect(digest({ event: a, event_date: b })).not.toBe(digest(moved));
      }),
    );
  });
  it('is the same for ever: rows written today must verify in ten years', () => {
    expect(digest()).toBe('341ad8ff3d7bef3e45d8a3e73cfedd540a85a0ad9fccffad21d7a93d9b4fd032');
  });
});
