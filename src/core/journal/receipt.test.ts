import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodePrimitives } from './folder-source.ts';
import { BatchTree, leafHashOf } from './merkle.ts';
import { logVerifierKey, signNote } from './note.ts';
import { type Receipt, receiptOf, receiptStatement } from './receipt.ts';
import { stagedSigner } from './staging.fixture.ts';
import { verifyReceipt } from './verify/index.ts';

const log = stagedSigner('journal.example/131016');
const expected = { origin: log.name, logKey: logVerifierKey(log) };
const check = (receipt: Receipt) => verifyReceipt(receipt, expected, nodePrimitives);

async function receipts(first: number, count: number, origin = log.name): Promise<Receipt[]> {
  const tree = new BatchTree(Array.from({ length: count }, (_, i) => leafHashOf(Buffer.of(i))));
  const statement = receiptStatement(origin, first, count, tree.root);
  const signature = (await log.sign(Buffer.from(statement))).toString('base64');
  return Array.from({ length: count }, (_, i) => receiptOf(statement, signature, tree, first, i));
}

describe('receipt', () => {
  it('holds for every line of a batch', async () => {
    for (const count of [1, 2, 3, 128, 200]) {
      for (const receipt of await receipts(5_000, count))
        expect(check(receipt)).toMatchObject({ ok: true, index: receipt.index });
    }
  });

  it('survives JSON and holds under WebCrypto', async () => {
    const [receipt] = await receipts(0, 3);
    const sent = JSON.parse(JSON.stringify(receipt)) as Receipt;
    expect(await verifyReceipt(sent, expected)).toMatchObject({ ok: true, index: 0 });
  });

  it('does not hold for another index, leaf or origin', async () => {
    const [a, b] = await receipts(10, 4);
    expect(check({ ...a!, index: 11 })).toMatchObject({ ok: false, reason: 'root-differs' });
    expect(check({ ...a!, index: 14 })).toMatchObject({ ok: false, reason: 'index-beyond-size' });
    expect(check({ ...a!, index: 9 })).toMatchObject({ ok: false, reason: 'index-beyond-size' });
    expect(check({ ...a!, leafHash: b!.leafHash })).toMatchObject({ ok: false, reason: 'root-differs' });
    const [other] = await receipts(10, 4, 'other.example');
    expect(check(other!)).toEqual({ ok: false, reason: 'origin-differs' });
  });

  it('does not hold with its statement or signature changed', async () => {
    const [receipt] = await receipts(10, 4);
    const statement = receipt!.statement.replace('\n10\n', '\n11\n');
    expect(check({ ...receipt!, statement })).toMatchObject({ ok: false, reason: 'signature-wrong' });
    const signature = Buffer.alloc(64).toString('base64');
    expect(check({ ...receipt!, signature })).toMatchObject({ ok: false, reason: 'signature-wrong' });
    const key = stagedSigner(log.name, 'other');
    expect(
      verifyReceipt(receipt!, { ...expected, logKey: logVerifierKey(key) }, nodePrimitives),
    ).toMatchObject({
      reason: 'signature-wrong',
    });
  });

  it('cannot be made of a signed note: its first line is no origin', async () => {
    const note = await signNote('sekisho-receipt/v1\n', log);
    expect(note.startsWith('sekisho-receipt/v1\n\n')).toBe(true);
    expect(check({ ...(await receipts(0, 1))[0]!, statement: note })).toMatchObject({
      reason: 'receipt-malformed',
    });
  });

  it('refuses garbage without throwing', async () => {
    const [good] = await receipts(0, 2);
    fc.assert(
      fc.property(
        fc.record({
          statement: fc.oneof(fc.string(), fc.constant(good!.statement)),
          signature: fc.oneof(fc.base64String(), fc.string()),
          index: fc.oneof(fc.integer(), fc.double()),
          leafHash: fc.oneof(fc.base64String(), fc.constant(good!.leafHash)),
          path: fc.array(fc.oneof(fc.string(), fc.base64String())),
        }),
        (receipt) => {
          expect(check(receipt)).toMatchObject({ ok: false });
        },
      ),
    );
  });
});
