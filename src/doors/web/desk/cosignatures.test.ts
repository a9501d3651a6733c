import { expect, it } from 'vitest';
import { cosignaturesOf } from './cosignatures.ts';

const signature = (seconds: number | null): string => {
  const bytes = Buffer.alloc(seconds === null ? 68 : 76);
  if (seconds !== null) bytes.writeBigUInt64BE(BigInt(seconds), 4);
  return bytes.toString('base64');
};
const head = 'demo.example/journal/202029\n42\nAAAA\n';

it('tells each witness and when he signed; the log itself is none', () => {
  const note = `${head}\n— demo.example/journal/202029 ${signature(null)}\n— demo.example/witness ${signature(1_700_000_000)}\n`;
  expect(cosignaturesOf(note)).toEqual([{ name: 'demo.example/witness', at: 1_700_000_000_000 }]);
});

it('several witnesses', () => {
  const note = `${head}\n— a.example/w ${signature(1)}\n— b.example/w ${signature(2)}\n`;
  expect(cosignaturesOf(note).map(({ at }) => at)).toEqual([1_000, 2_000]);
});

it.each(['', head, `${head}\n— nameless\n`, `${head}\n— name !!!\n`, `${head}\n- name ${signature(1)}\n`])(
  'a note without cosignatures, or damaged, has none: %j',
  (note) => expect(cosignaturesOf(note)).toEqual([]),
);
