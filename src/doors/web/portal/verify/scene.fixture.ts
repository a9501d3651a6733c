import { createHash, createHmac, hash } from 'node:crypto';
import { logVerifierKey, type NoteSigner, witnessVerifierKey } from '../../../../core/journal/index.ts';
import { stagedSigner } from '../../../../core/journal/staging.fixture.ts';
import type { HistoryAnswer, Policy } from '../../../../core/journal/verify/index.ts';

// A log written from the specifications alone (RFC 6962 §2.1, C2SP signed-note and tlog-cosignature), for what checks it.

export const municipality = '131016';
export const log = stagedSigner(`journal.example/${municipality}`);
export const witness = stagedSigner('witness.example');
export const policy: Policy = {
  origin: log.name,
  logKey: logVerifierKey(log),
  witnessKeys: [witnessVerifierKey(witness)],
  quorum: 1,
};
export const policies = new Map([[municipality, policy]]);
/** When the lines were written, and a little later. */
export const writtenAt = Date.parse('2026-04-01T09:00:00+09:00');

const sha256 = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest();

function rootOf(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 1) return leaves[0]!;
  const split = splitOf(leaves.length);
  return sha256(Buffer.of(1), rootOf(leaves.slice(0, split)), rootOf(leaves.slice(split)));
}
function pathOf(index: number, leaves: readonly Buffer[]): Buffer[] {
  if (leaves.length === 1) return [];
  const split = splitOf(leaves.length);
  const [left, right] = [leaves.slice(0, split), leaves.slice(split)];
  return index < split
    ? [...pathOf(index, left), rootOf(right)]
    : [...pathOf(index - split, right), rootOf(left)];
}
function splitOf(count: number): number {
  let width = 1;
  while (width * 2 < count) width *= 2;
  return width;
}

async function signatureLine(
  signer: NoteSigner,
  vkey: string,
  message: string,
  time?: bigint,
): Promise<string> {
  const stamp = Buffer.alloc(time === undefined ? 0 : 8);
  if (time !== undefined) stamp.writeBigUInt64BE(time);
  const id = Buffer.from(vkey.split('+')[1]!, 'hex');
  const signature = await signer.sign(Buffer.from(message));
  return `— ${signer.name} ${Buffer.concat([id, stamp, signature]).toString('base64')}\n`;
}

/** A head signed by the log and, unless told, by the witness. */
export async function headOf(
  size: number,
  root: Buffer,
  o: { log?: NoteSigner; witnesses?: readonly NoteSigner[]; origin?: string } = {},
): Promise<string> {
  const signer = o.log ?? log;
  const text = `${o.origin ?? log.name}\n${size}\n${root.toString('base64')}\n`;
  const seconds = BigInt(writtenAt / 1000 + 2);
  const signed = await signatureLine(signer, logVerifierKey(signer), text);
  const cosigned = await Promise.all(
    (o.witnesses ?? [witness]).map((each) =>
      signatureLine(each, witnessVerifierKey(each), `cosignature/v1\ntime ${seconds}\n${text}`, seconds),
    ),
  );
  return `${text}\n${signed}${cosigned.join('')}`;
}

export interface Scene {
  answer: HistoryAnswer;
  root: Buffer;
}

/** Whom every line of the scene is about. */
export const person = '0197d3f0-0000-7000-8000-000000000001';
type Says = (index: number) => { kind: string; body: Record<string, unknown> };
const opened: Says = (index) => ({
  kind: 'field.opened',
  body: { office: 'resident-desk', fields: ['name'], note: `窓口𠮷 ${index}` },
});

/** A log of `size` lines, and the answer about some of them as the gate gives it. */
export async function sceneOf(size: number, indexes: readonly number[], says: Says = opened): Promise<Scene> {
  const lines = Array.from({ length: size }, (_, i) => {
    const payload = JSON.stringify({
      v: 1,
      at: writtenAt + i,
      kind: says(i).kind,
      person,
      body: says(i).body,
    });
    const salt = hash('sha256', `salt ${i}`, 'buffer');
    const commitment = createHmac('sha256', salt).update(payload).digest();
    return { payload, salt, leaf: sha256(Buffer.of(0, 1), commitment) };
  });
  const leaves = lines.map(({ leaf }) => leaf);
  const root = rootOf(leaves);
  const nodes: Buffer[] = [];
  const placeOf = (node: Buffer) => {
    const known = nodes.findIndex((each) => each.equals(node));
    return known >= 0 ? known : nodes.push(node) - 1;
  };
  const told = indexes.map((index) => ({
    ...{ tree: 0, index, leaf: placeOf(leaves[index]!) },
    path: pathOf(index, leaves).map(placeOf),
    payload: lines[index]!.payload,
    salt: lines[index]!.salt.toString('base64'),
  }));
  const tree = { municipality, size, checkpoint: await headOf(size, root) };
  const trees = [{ ...tree, nodes: Buffer.concat(nodes).toString('base64') }];
  return { answer: { trees, lines: told }, root };
}
