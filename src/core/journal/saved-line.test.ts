import { describe, expect, it } from 'vitest';
import { seededRandomness } from '../../ground/randomness.ts';
import { signCheckpoint } from './checkpoint.ts';
import { nodePrimitives } from './folder-source.ts';
import { type Leaf, makeLeaf } from './leaf.ts';
import { BatchTree } from './merkle.ts';
import { logVerifierKey } from './note.ts';
import { stagedSigner } from './staging.fixture.ts';
import { type SavedContent, savedLineText, verifySavedLine, webPrimitives } from './verify/index.ts';

const log = stagedSigner('journal.example/131016');
const policy = { origin: log.name, logKey: logVerifierKey(log), witnessKeys: [], quorum: 0 };
const payload = Buffer.from('{"v":1,"at":1774998000000,"kind":"field.opened","body":{"note":"窓口𠮷"}}');
const randomness = seededRandomness('saved lines');
const leaves: Leaf[] = Array.from({ length: 11 }, () => makeLeaf(payload, randomness));
const tree = new BatchTree(leaves.map(({ leafHash }) => leafHash));
const head = await signCheckpoint(
  { origin: log.name, size: 11, root: Buffer.from(tree.root, 'base64') },
  log,
);
const proof = { index: 7, path: tree.path(7), checkpoint: head.note };
const whole: SavedContent = { kind: 'line', salt: leaves[7]!.salt, payload };
const bare: SavedContent = { kind: 'leaf', leafHash: leaves[7]!.leafHash };

describe('a line that somebody keeps', () => {
  it('is checked with nothing but the file and the keys, in Node and with WebCrypto', async () => {
    for (const primitives of [nodePrimitives, webPrimitives])
      expect(await verifySavedLine(savedLineText(whole, proof), policy, primitives)).toMatchObject({
        ...{ ok: true, index: 7, size: 11, payload: payload.toString() },
      });
  });

  it('proves its place where its content was not told', async () => {
    const verdict = await verifySavedLine(savedLineText(bare, proof), policy, nodePrimitives);
    expect(verdict).toMatchObject({ ok: true, index: 7 });
    expect(verdict).not.toHaveProperty('payload');
  });

  it('is told apart from the same line with one letter changed', async () => {
    const changed = Buffer.from(payload.toString().replace('窓口', '窗口'));
    const text = savedLineText({ kind: 'line', salt: leaves[7]!.salt, payload: changed }, proof);
    expect(await verifySavedLine(text, policy, nodePrimitives)).toEqual({
      ...{ ok: false, reason: 'root-differs', place: { index: 7 } },
    });
  });

  it.each([
    [
      'another salt',
      savedLineText({ ...whole, salt: leaves[6]!.salt } as SavedContent, proof),
      'root-differs',
    ],
    ['another index', savedLineText(whole, { ...proof, index: 6 }), 'root-differs'],
    ['an index beyond the log', savedLineText(whole, { ...proof, index: 11 }), 'index-beyond-size'],
    ['no extra', savedLineText(whole, proof).replace(/extra .*\n/, ''), 'proof-malformed'],
    [
      'extra of somebody else',
      savedLineText(whole, proof).replace(/extra .*\n/, 'extra d2hv\n'),
      'proof-malformed',
    ],
    ['a forged head', savedLineText(whole, proof).replace('\n11\n', '\n12\n'), 'signature-wrong'],
    [
      'a payload that is no text',
      savedLineText({ kind: 'line', salt: leaves[7]!.salt, payload: Buffer.of(0xff) }, proof),
      'proof-malformed',
    ],
    ['nothing', '', 'proof-malformed'],
  ])('with %s is refused', async (_what, text, reason) => {
    expect(await verifySavedLine(text, policy, nodePrimitives)).toMatchObject({ ok: false, reason });
  });
});
