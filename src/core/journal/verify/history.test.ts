import { describe, expect, it } from 'vitest';
import { isUuid, type PersonId } from '../../../ground/ids.ts';
import { seededRandomness } from '../../../ground/randomness.ts';
import { signCheckpoint } from '../checkpoint.ts';
import { nodePrimitives } from '../folder-source.ts';
import { makeLeaf } from '../leaf.ts';
import { encodeLine } from '../line.ts';
import { logVerifierKey } from '../note.ts';
import { stagedSigner } from '../staging.fixture.ts';
import { HashTree } from '../tree.ts';
import {
  expandHistory,
  type HistoryAnswer,
  lineProofFile,
  verifyHistory,
  verifyProofFile,
  webPrimitives,
} from './index.ts';

const log = stagedSigner('journal.example/131016');
const policy = { origin: log.name, logKey: logVerifierKey(log), witnessKeys: [], quorum: 0 };
const policies = { '131016': policy };
const person = '0197d3f0-0000-7000-8000-000000000001' as PersonId;

/** A log of 300 lines and the answer about four of them, as the gate makes it. */
async function answerOf(indexes: readonly number[]): Promise<HistoryAnswer> {
  const randomness = seededRandomness('history');
  const tree = new HashTree(async () => Buffer.alloc(0));
  const written = Array.from({ length: 300 }, (_, i) => {
    const line = { kind: 'field.opened', person, body: { fields: ['name'], note: `窓口𠮷 "${i}"` } } as const;
    const payload = encodeLine(line, 1_774_998_000_000 + i);
    const { salt, leafHash } = makeLeaf(payload, randomness);
    tree.append(leafHash);
    return { payload, salt };
  });
  const size = tree.size;
  const head = await signCheckpoint({ origin: log.name, size, root: await tree.rootAt(size) }, log);
  const { nodes, leaves, paths } = await tree.inclusions(indexes, size);
  return {
    trees: [{ municipality: '131016', size, checkpoint: head.note, nodes: nodes.toString('base64') }],
    lines: indexes.map((index, i) => ({
      ...{ tree: 0, index, leaf: leaves[i]!, path: paths[i]! },
      payload: written[index]!.payload.toString('utf8'),
      salt: written[index]!.salt.toString('base64'),
    })),
  };
}
const answer = await answerOf([299, 256, 131, 0]);
const [first] = answer.lines;

function faultsOf(given: HistoryAnswer) {
  const verdict = verifyHistory(given, policies, nodePrimitives);
  if (verdict instanceof Promise) throw new Error('asked for what is not there at once');
  return verdict.ok ? verdict.lines.map(({ fault }) => fault) : verdict.reason;
}

describe('a history', () => {
  it('holds as it is, after a journey as JSON, with WebCrypto too', async () => {
    expect(isUuid(person)).toBe(true);
    const travelled = JSON.parse(JSON.stringify(answer)) as HistoryAnswer;
    expect(faultsOf(travelled)).toEqual([undefined, undefined, undefined, undefined]);
    const verdict = await verifyHistory(travelled, policies, webPrimitives);
    expect(verdict.ok && verdict.lines.map(({ line }) => line.index)).toEqual([299, 256, 131, 0]);
  });

  it('tells what each line says, from the bytes it commits to', () => {
    const expanded = expandHistory(answer);
    const lines = expanded.ok ? expanded.lines : [];
    expect(lines[3]).toMatchObject({ municipality: '131016', index: 0, at: 1_774_998_000_000 });
    expect(lines[3]).toMatchObject({ kind: 'field.opened', body: { note: '窓口𠮷 "0"' } });
    expect(Buffer.from(lines[3]!.payload, 'base64').toString()).toBe(answer.lines[3]!.payload);
  });

  it('gives of each line a tlog-proof file that stands for itself', () => {
    const expanded = expandHistory(answer);
    for (const { index, leafHash, proof } of expanded.ok ? expanded.lines : []) {
      const leaf = Buffer.from(leafHash, 'base64');
      expect(verifyProofFile(lineProofFile(proof), leaf, policy, nodePrimitives)).toMatchObject({
        ...{ ok: true, index, size: 300 },
      });
    }
    expect(expanded).toMatchObject({ ok: true, lines: { length: 4 } });
  });

  it.each<[string, (line: typeof first) => Partial<NonNullable<typeof first>>, string]>([
    ['another payload', (line) => ({ payload: line!.payload.replace('name', 'nama') }), 'commitment-differs'],
    ['another salt', () => ({ salt: Buffer.alloc(32).toString('base64') }), 'commitment-differs'],
    ['a salt that is none', () => ({ salt: '*' }), 'proof-malformed'],
    ['another index', () => ({ index: 298 }), 'root-differs'],
    ['an index beyond the head', () => ({ index: 300 }), 'index-beyond-size'],
    ['a path too short', (line) => ({ path: line!.path.slice(1) }), 'proof-length'],
    ['another path', (line) => ({ path: line!.path.toReversed() }), 'root-differs'],
    ['the leaf of another', () => ({ leaf: answer.lines[1]!.leaf }), 'commitment-differs'],
  ])('with %s in one line names that line alone', (_what, change, fault) => {
    const lines = [{ ...first!, ...change(first) }, ...answer.lines.slice(1)];
    expect(faultsOf({ ...answer, lines })).toEqual([fault, undefined, undefined, undefined]);
  });

  it.each<[string, Partial<NonNullable<typeof first>>]>([
    ['a tree that is not there', { tree: 1 }],
    ['a leaf that is not there', { leaf: 10_000 }],
    ['a leaf between two', { leaf: 0.5 }],
    ['a path that leads nowhere', { path: [-1] }],
    ['a path without end', { path: Array.from({ length: 64 }, () => 0) }],
    ['a payload that is no JSON', { payload: '{' }],
    ['a payload that is none of ours', { payload: '{"v":2}' }],
    ['a payload that is null', { payload: 'null' }],
  ])('with %s is malformed', (_what, change) => {
    const given = { ...answer, lines: [{ ...first!, ...change }] };
    expect(expandHistory(given)).toEqual({
      ...{ ok: false, reason: 'proof-malformed', place: { index: 299 } },
    });
    expect(faultsOf(given)).toBe('proof-malformed');
  });

  it.each<[string, (tree: HistoryAnswer['trees'][number]) => object, string]>([
    ['of another size than its checkpoint', () => ({ size: 301 }), 'checkpoint-malformed'],
    [
      'under a checkpoint that was altered',
      (t) => ({ checkpoint: t.checkpoint.replace('300', '299') }),
      'signature-wrong',
    ],
    ['of a journal whose keys nobody knows', () => ({ municipality: '131024' }), 'key-malformed'],
    ['called by what every object has', () => ({ municipality: 'constructor' }), 'key-malformed'],
  ])('with a tree %s holds in no line', (_what, change, fault) => {
    const trees = answer.trees.map((tree) => ({ ...tree, ...change(tree) }));
    expect(faultsOf({ ...answer, trees })).toEqual([fault, fault, fault, fault]);
  });

  it('with nodes cut short is malformed', () => {
    const trees = answer.trees.map((tree) => ({ ...tree, nodes: tree.nodes.slice(4) }));
    expect(faultsOf({ ...answer, trees })).toBe('proof-malformed');
  });

  it('of nobody is empty', () => expect(faultsOf({ trees: [], lines: [] })).toEqual([]));
});
