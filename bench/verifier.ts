import { folderSource, nodePrimitives } from '../src/core/journal/index.ts';
import { type LogSource, type Policy, verifyLog } from '../src/core/journal/verify/index.ts';
import { sha256 } from '../src/ground/digest.ts';
import { task, tell } from './processes.ts';

/** The checker in a process of its own, so that its memory can be measured. */
export interface VerifyTask {
  folder: string;
  policy: Policy;
  /** `verify`, or `hash`: the reference, which hashes the same bytes and checks nothing. */
  work: 'verify' | 'hash';
}

export interface VerifyDone {
  lines: number;
  hashes: number;
  bytes: number;
  ms: number;
  peakMb: number;
}

const { folder, policy, work } = await task<VerifyTask>();
let bytes = 0;
let hashes = 0;
const files = folderSource(folder);
const source: LogSource = {
  async get(path) {
    const found = await files.get(path);
    bytes += found?.length ?? 0;
    return found;
  },
};
const from = performance.now();
const lines = work === 'verify' ? await verify() : await hashBytes();
const ms = performance.now() - from;
const peakMb = (process.resourceUsage().maxRSS * 1_024) / 1e6;
tell({ lines, hashes, bytes, ms, peakMb } satisfies VerifyDone);
process.disconnect();

async function verify(): Promise<number> {
  const verdict = await verifyLog(source, policy, undefined, nodePrimitives);
  if (!verdict.ok) throw new Error(`the log does not verify: ${verdict.reason}`);
  return verdict.size;
}

/** The same files, read in the same order; each entry and each node of the tree hashed once, by its length alone. */
async function hashBytes(): Promise<number> {
  const size = Number((await files.get('checkpoint'))!.toString().split('\n')[1]);
  const leaf = Buffer.alloc(34);
  const node = Buffer.alloc(65, 1);
  for (let start = 0; start < size; start += 256) {
    const width = Math.min(256, size - start);
    const index = start / 256;
    const digits = String(index).padStart(Math.ceil(String(index).length / 3) * 3, '0');
    const groups = digits.match(/.{3}/g)!;
    const last = groups.pop();
    const part = width < 256 ? `.p/${width}` : '';
    const path = `${groups.map((group) => `x${group}/`).join('')}${last}${part}`;
    const bundle = (await source.get(`tile/entries/${path}`)) as Buffer;
    await source.get(`tile/0/${path}`);
    for (let offset = 0; offset < bundle.length; offset += 35) {
      bundle.copy(leaf, 1, offset + 2, offset + 35);
      sha256(leaf);
      sha256(node);
      hashes += 2;
    }
  }
  return size;
}
