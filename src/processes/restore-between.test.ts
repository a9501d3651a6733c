import { describe, expect, it } from 'vitest';
import type { LineKind, StoredLine } from '../core/journal/index.ts';
import type { PersonId } from '../ground/ids.ts';
import { readBetween } from './restore-between.ts';

const [anna, ben] = ['01900000-0000-7000-8000-00000000000a', '01900000-0000-7000-8000-00000000000b'] as [
  PersonId,
  PersonId,
];
interface Given {
  kind: LineKind;
  person?: PersonId;
  body?: Record<string, unknown>;
  erased?: boolean;
}

/** A journal that holds these lines. */
function journalOf(lines: readonly Given[]) {
  return {
    async *read(from: number, to: number): AsyncIterable<StoredLine> {
      for (let index = from; index < to; index++) {
        const { erased = false, kind, person, body = {} } = lines[index]!;
        const line = { kind, body, ...(person === undefined ? {} : { person }) };
        const payload = erased ? Buffer.alloc(0) : Buffer.from(JSON.stringify({ v: 1, at: 0, ...line }));
        yield {
          index,
          at: 0,
          erased,
          payload,
          salt: Buffer.alloc(32),
          leafHash: Buffer.alloc(32),
        } as StoredLine;
      }
    },
  };
}
const written = { table: 'resident', after: 'ab'.repeat(32) };

describe('what happened in between', () => {
  it('counts kinds, and lists records by person with their lines, from the first line undone', async () => {
    const journal = journalOf([
      { kind: 'record.created', person: anna, body: { ...written, number: 'drawn' } },
      { kind: 'record.changed', person: anna, body: written },
      { kind: 'field.opened', person: ben },
      { kind: 'number.changed', person: ben, body: { ...written, number: 'drawn' } },
      { kind: 'record.corrected', person: anna, body: written },
    ]);
    const between = await readBetween(journal, 1, 5, 'resident');
    expect(between.kinds).toEqual({
      'record.changed': 1,
      'field.opened': 1,
      'number.changed': 1,
      'record.corrected': 1,
    });
    expect(between.records).toEqual([
      { person: anna, kinds: ['record.changed', 'record.corrected'], lines: [1, 4] },
      { person: ben, kinds: ['number.changed'], lines: [3] },
    ]);
    expect(between.numbersDrawn).toBe(1);
  });

  it('knows an erased person by the line that ordered it', async () => {
    const journal = journalOf([
      { kind: 'person.erased', person: ben, body: { before: 'aa', outcome: 'erased' } },
    ]);
    expect((await readBetween(journal, 0, 1, 'resident')).erased).toEqual([{ person: ben, lineIndex: 0 }]);
  });

  it('counts lines whose payload is erased instead of failing on them', async () => {
    const journal = journalOf([{ kind: 'field.opened', erased: true }, { kind: 'case.opened' }]);
    expect(await readBetween(journal, 0, 2, 'resident')).toMatchObject({
      unreadable: 1,
      kinds: { 'case.opened': 1 },
    });
  });

  it('of rights, takes the last word on each member and terminal', async () => {
    const key = Buffer.alloc(32, 7).toString('base64');
    const journal = journalOf([
      { kind: 'staff.suspended', body: { staff: 'clerk', epoch: 1 } },
      { kind: 'staff.suspended', body: { staff: 'registrar', epoch: 2 } },
      { kind: 'staff.reinstated', body: { staff: 'clerk', epoch: 3 } },
      { kind: 'terminal.suspended', body: { suspended: 'desk-1', epoch: 4 } },
      { kind: 'terminal.suspended', body: { suspended: 'desk-2', epoch: 5 } },
      { kind: 'terminal.enrolled', body: { enrolled: 'desk-2', outcome: 'reinstated' } },
      { kind: 'staff.enrolled', body: { staff: 'newcomer', publicKey: key } },
    ]);
    const between = await readBetween(journal, 0, 7, 'resident');
    expect(between.staffSuspended).toEqual(['registrar']);
    expect(between.terminalsSuspended).toEqual(['desk-1']);
    expect([...between.staffEnrolled]).toEqual([['newcomer', key]]);
  });

  it('of ways in, knows which were taken away: passkeys stopped, terminals that another browser became', async () => {
    const journal = journalOf([
      { kind: 'passkey.enrolled', person: ben, body: { site: 'portal' } },
      { kind: 'passkey.stopped', person: anna, body: { site: 'portal', count: 1 } },
      { kind: 'passkey.stopped', body: { site: 'desk', staff: 'clerk', count: 2 } },
      { kind: 'terminal.bound', body: { bound: 'desk-1' } },
    ]);
    expect(await readBetween(journal, 0, 4, 'resident')).toMatchObject({
      passkeysStopped: { staff: ['clerk'], persons: [anna] },
      terminalsBound: ['desk-1'],
    });
  });

  it('of nothing is nothing', async () => {
    expect(await readBetween(journalOf([]), 0, 0, 'resident')).toMatchObject({
      kinds: {},
      records: [],
      erased: [],
    });
  });
});
