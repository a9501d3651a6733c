import { describe, expect, it } from 'vitest';
import { signCheckpoint } from './checkpoint.ts';
import { nodePrimitives } from './folder-source.ts';
import { BatchTree, leafHashOf } from './merkle.ts';
import { logVerifierKey } from './note.ts';
import { type Proof, proofFileText } from './proof-file.ts';
import { stagedSigner } from './staging.fixture.ts';
import { parseProofFile, verifyProofFile } from './verify/index.ts';

const log = stagedSigner('journal.example/131016');
const policy = { origin: log.name, logKey: logVerifierKey(log), witnessKeys: [], quorum: 0 };
const leaves = Array.from({ length: 11 }, (_, i) => leafHashOf(Buffer.of(i)));

async function proof(index: number): Promise<Proof> {
  const tree = new BatchTree(leaves);
  const head = await signCheckpoint(
    { origin: log.name, size: 11, root: Buffer.from(tree.root, 'base64') },
    log,
  );
  return { index, size: 11, leafHash: tree.leaf(index), path: tree.path(index), checkpoint: head.note };
}

describe('tlog-proof file (C2SP tlog-proof v1)', () => {
  it('verifies offline, with and without extra data', async () => {
    for (const extra of [undefined, Buffer.from('who asked')]) {
      const text = proofFileText(await proof(7), extra);
      expect(text.startsWith(`c2sp.org/tlog-proof@v1\n${extra ? 'extra d2hvIGFza2Vk\n' : ''}index 7\n`)).toBe(
        true,
      );
      expect(verifyProofFile(text, leaves[7]!, policy, nodePrimitives)).toMatchObject({ ok: true, index: 7 });
      expect(parseProofFile(text)?.extra).toEqual(extra && new Uint8Array(extra));
    }
  });

  it('needs no path for the one leaf of a tree', async () => {
    const tree = new BatchTree(leaves.slice(0, 1));
    const head = await signCheckpoint(
      { origin: log.name, size: 1, root: Buffer.from(tree.root, 'base64') },
      log,
    );
    const text = proofFileText({
      index: 0,
      size: 1,
      leafHash: tree.leaf(0),
      path: [],
      checkpoint: head.note,
    });
    expect(verifyProofFile(text, leaves[0]!, policy, nodePrimitives)).toMatchObject({ ok: true });
  });

  it('refuses another leaf, index, path or origin', async () => {
    const text = proofFileText(await proof(7));
    const refused = (changed: string, leaf = leaves[7]!, p = policy) =>
      expect(verifyProofFile(changed, leaf, p, nodePrimitives)).toMatchObject({ ok: false });
    refused(text, leaves[6]);
    refused(text.replace('index 7', 'index 6'));
    refused(text.replace('index 7', 'index 11'));
    refused(text.replace(/index 7\n[^\n]+\n/, 'index 7\n'));
    refused(text, leaves[7], { ...policy, origin: 'other' });
    refused(text, leaves[7], { ...policy, quorum: 1 });
  });

  it.each([
    ['another version', (t: string) => t.replace('@v1', '@v2')],
    ['a leading zero', (t: string) => t.replace('index 7', 'index 07')],
    ['no index', (t: string) => t.replace(/index 7\n/, '')],
    ['extra that is no base64', (t: string) => t.replace('index 7', 'extra *\nindex 7')],
    ['a hash that is too short', (t: string) => t.replace(/index 7\n/, 'index 7\nAAAA\n')],
    ['nothing', () => ''],
    [
      '64 hashes',
      (t: string) =>
        t.replace(/index 7\n/, `index 7\n${`${Buffer.alloc(32).toString('base64')}\n`.repeat(64)}`),
    ],
  ])('refuses %s', async (_what, change) => {
    const text = change(proofFileText(await proof(7)));
    expect(verifyProofFile(text, leaves[7]!, policy, nodePrimitives)).toEqual({
      ...{ ok: false, reason: 'proof-malformed' },
    });
  });

  it('writes no empty extra', async () => {
    const given = await proof(1);
    expect(() => proofFileText(given, Buffer.alloc(0))).toThrow(/bad-input/);
  });
});
