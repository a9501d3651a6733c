import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { nodePrimitives } from './folder-source.ts';
import { verifyConsistency, verifyInclusion } from './verify/index.ts';

/** Sizes go past 2^53: every bare integer is read as text and made a BigInt. */
function load<T>(name: string): (T & { file: string; wantErr: boolean })[] {
  const text = readFileSync(new URL(`vectors/merkle-${name}.json`, import.meta.url), 'utf8');
  const quoted = text.replace(/^(\s*"(?:leafIdx|treeSize|size1|size2)": )(\d+)/gm, '$1"$2"');
  return JSON.parse(quoted).vectors;
}

const bytes = (text: string | null) => Buffer.from(text ?? '', 'base64');
const hashes = (list: string[] | null) => (list ?? []).map(bytes);

interface Inclusion {
  leafIdx: string;
  treeSize: string;
  root: string | null;
  leafHash: string | null;
  proof: string[] | null;
}
interface Consistency {
  size1: string;
  size2: string;
  root1: string | null;
  root2: string | null;
  proof: string[] | null;
}

describe('transparency-dev/merkle vectors', () => {
  const inclusion = load<Inclusion>('inclusion');
  const consistency = load<Consistency>('consistency');

  it('are all here', () => {
    expect([inclusion.length, consistency.length]).toEqual([98, 98]);
    expect(inclusion.some(({ leafIdx }) => BigInt(leafIdx) > 2n ** 53n)).toBe(true);
    expect(new Set([...inclusion, ...consistency].map(({ wantErr }) => wantErr)).size).toBe(2);
  });

  it.each(inclusion)('inclusion $file', (vector) => {
    const verdict = verifyInclusion(
      {
        ...{ index: BigInt(vector.leafIdx), size: BigInt(vector.treeSize) },
        ...{ leafHash: bytes(vector.leafHash), path: hashes(vector.proof), root: bytes(vector.root) },
      },
      nodePrimitives,
    );
    expect(verdict).toMatchObject({ ok: !vector.wantErr });
  });

  it.each(consistency)('consistency $file', (vector) => {
    const verdict = verifyConsistency(
      {
        ...{ oldSize: BigInt(vector.size1), newSize: BigInt(vector.size2) },
        ...{ oldRoot: bytes(vector.root1), newRoot: bytes(vector.root2), path: hashes(vector.proof) },
      },
      nodePrimitives,
    );
    expect(verdict).toMatchObject({ ok: !vector.wantErr });
  });

  it('pass with WebCrypto as well', async () => {
    for (const vector of inclusion.slice(0, 20)) {
      const verdict = await verifyInclusion({
        ...{ index: BigInt(vector.leafIdx), size: BigInt(vector.treeSize) },
        ...{ leafHash: bytes(vector.leafHash), path: hashes(vector.proof), root: bytes(vector.root) },
      });
      expect(verdict).toMatchObject({ ok: !vector.wantErr });
    }
  });
});
