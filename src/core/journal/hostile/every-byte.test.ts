import { beforeAll, describe, expect, it } from 'vitest';
import { signCheckpoint } from '../checkpoint.ts';
import { nodePrimitives } from '../folder-source.ts';
import { BatchTree, leafHashOf } from '../merkle.ts';
import { cosignedMessage, keyId, logVerifierKey, signatureLine, witnessVerifierKey } from '../note.ts';
import { proofFileText } from '../proof-file.ts';
import { receiptOf, receiptStatement } from '../receipt.ts';
import { stagedSigner } from '../staging.fixture.ts';
import { encodeEntries, entriesPath, tilePath } from '../tiles.ts';
import { type Policy, verifyLog, verifyProofFile, verifyReceipt } from '../verify/index.ts';

// Whatever a single byte is changed into, dropped or doubled, the checker must not say yes to another claim.

const log = stagedSigner('journal.example/131016');
const witness = stagedSigner('witness.example/w1');
const SIZE = 259;
const entries = Array.from({ length: SIZE }, (_, i) => Buffer.from(`entry ${i}`));
const leaves = entries.map((entry) => leafHashOf(entry));
const policy: Policy = {
  origin: log.name,
  logKey: logVerifierKey(log),
  witnessKeys: [witnessVerifierKey(witness)],
  quorum: 1,
};

async function checkpoint(): Promise<string> {
  const root = Buffer.from(new BatchTree(leaves).root, 'base64');
  const { note } = await signCheckpoint({ origin: log.name, size: SIZE, root }, log);
  const text = note.slice(0, note.indexOf('\n\n') + 1);
  const seconds = 1_775_000_000;
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(BigInt(seconds));
  const signature = Buffer.concat([time, await witness.sign(cosignedMessage(text, seconds))]);
  return note + signatureLine(witness.name, keyId(witness.name, 4, witness.publicKey), signature);
}

const files = new Map<string, Buffer>();
let note: string;
beforeAll(async () => {
  note = await checkpoint();
  files.set('checkpoint', Buffer.from(note));
  files.set(tilePath(0, 0, 256), Buffer.concat(leaves.slice(0, 256)));
  files.set(tilePath(0, 1, SIZE - 256), Buffer.concat(leaves.slice(256)));
  files.set(tilePath(1, 0, 1), Buffer.from(new BatchTree(leaves.slice(0, 256)).root, 'base64'));
  files.set(entriesPath(0, 256), encodeEntries(entries.slice(0, 256)));
  files.set(entriesPath(1, SIZE - 256), encodeEntries(entries.slice(256)));
});

/** Each byte with its lowest and its highest bit turned, dropped, and doubled; and the text cut off there. */
function* spoilt(bytes: Buffer, step: number): Generator<[what: string, bytes: Buffer]> {
  for (let at = 0; at < bytes.length; at += step) {
    for (const bit of [0x01, 0x20, 0x80]) {
      const turned = Buffer.from(bytes);
      turned[at]! ^= bit;
      yield [`bit ${bit} of byte ${at}`, turned];
    }
    yield [`without byte ${at}`, Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)])];
    yield [`byte ${at} twice`, Buffer.concat([bytes.subarray(0, at + 1), bytes.subarray(at)])];
    yield [`cut at ${at}`, bytes.subarray(0, at)];
  }
}

describe('a spoilt byte', () => {
  it('is nowhere in the log when nothing is spoilt', async () => {
    const source = { get: async (path: string) => files.get(path) };
    expect(await verifyLog(source, policy, undefined, nodePrimitives)).toMatchObject({
      ok: true,
      size: SIZE,
    });
  });

  // In the long files every 97th byte: they are all read alike, and each look costs the whole log.
  it.each([
    ['checkpoint', 1],
    [tilePath(0, 0, 256), 97],
    [tilePath(0, 1, SIZE - 256), 5],
    [tilePath(1, 0, 1), 3],
    [entriesPath(0, 256), 97],
    [entriesPath(1, SIZE - 256), 1],
  ])('of %s is found', async (path, step) => {
    const passed: string[] = [];
    for (const [what, bytes] of spoilt(files.get(path)!, step)) {
      const source = { get: async (each: string) => (each === path ? bytes : files.get(each)) };
      const verdict = await verifyLog(source, policy, undefined, nodePrimitives);
      if (verdict.ok) passed.push(what);
    }
    expect(passed).toEqual([]);
  });

  it('of a proof file is found', async () => {
    const tree = new BatchTree(leaves);
    const proof = {
      index: 200,
      size: SIZE,
      leafHash: tree.leaf(200),
      path: tree.path(200),
      checkpoint: note,
    };
    const text = Buffer.from(proofFileText(proof));
    const hold = (bytes: Buffer) =>
      verifyProofFile(bytes.toString('utf8'), leaves[200]!, policy, nodePrimitives);
    expect(hold(text)).toMatchObject({ ok: true, index: 200 });
    const passed: string[] = [];
    for (const [what, bytes] of spoilt(text, 1)) if ((await hold(bytes)).ok) passed.push(what);
    expect(passed).toEqual([]);
  });

  it('of a receipt is found', async () => {
    const tree = new BatchTree(leaves.slice(0, 11));
    const statement = receiptStatement(log.name, 5_000, 11, tree.root);
    const signature = (await log.sign(Buffer.from(statement))).toString('base64');
    const receipt = receiptOf(statement, signature, tree, 5_000, 7);
    const hold = (given: typeof receipt) => verifyReceipt(given, policy, nodePrimitives);
    expect(hold(receipt)).toMatchObject({ ok: true });
    const passed: string[] = [];
    const texts = { statement, signature, leafHash: receipt.leafHash };
    for (const [field, text] of Object.entries(texts)) {
      for (const [what, bytes] of spoilt(Buffer.from(text), 1)) {
        if ((await hold({ ...receipt, [field]: bytes.toString('utf8') })).ok)
          passed.push(`${field}: ${what}`);
      }
    }
    for (const [at, hash] of receipt.path.entries()) {
      for (const [what, bytes] of spoilt(Buffer.from(hash), 1)) {
        const path = receipt.path.with(at, bytes.toString('utf8'));
        if ((await hold({ ...receipt, path })).ok) passed.push(`path ${at}: ${what}`);
      }
    }
    expect(passed).toEqual([]);
  });
});
