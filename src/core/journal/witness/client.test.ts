import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { manualClock } from '../../../ground/clock.ts';
import { signCheckpoint } from '../checkpoint.ts';
import { leafHashOf } from '../merkle.ts';
import { logVerifierKey } from '../note.ts';
import { quietLog, stagedSigner } from '../staging.fixture.ts';
import { HashTree } from '../tree.ts';
import { type Fetch, WitnessClient, WitnessServer } from './index.ts';

const log = stagedSigner('journal.example/131016');
const signer = stagedSigner('witness.example/w1');
const tree = new HashTree(async () => Buffer.alloc(0));
for (let i = 0; i < 100; i++) tree.append(leafHashOf(Buffer.of(i)));
const note = async (size: number) =>
  (await signCheckpoint({ origin: log.name, size, root: await tree.rootAt(size) }, log)).note;

const folder = mkdtempSync(join(tmpdir(), 'sekisho-witness-'));
const server = new WitnessServer({
  ...{ signer, folder, clock: manualClock(), log: quietLog },
  logs: [{ origin: log.name, keys: [logVerifierKey(log)] }],
});
let url: string;
beforeAll(async () => {
  url = `http://127.0.0.1:${await server.listen(0)}`;
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const client = (change: { publicKey?: Buffer; fetch?: Fetch } = {}) =>
  new WitnessClient({ url, name: signer.name, publicKey: signer.publicKey, ...change });
const answers = (status: number, text: string, type = 'text/plain'): Fetch => {
  return async () => ({ status, headers: { get: () => type }, text: async () => text });
};

describe('WitnessClient against WitnessServer', () => {
  it('cosigned, conflict, latest', async () => {
    expect(await client().latest(log.name)).toBeUndefined();
    expect(await client().addCheckpoint(0, [], await note(10))).toMatchObject({ outcome: 'cosigned' });
    expect(await client().addCheckpoint(0, [], await note(20))).toEqual({ outcome: 'conflict', size: 10 });
    const proof = await tree.consistency(10, 20);
    expect(await client().addCheckpoint(10, proof, await note(20))).toMatchObject({ outcome: 'cosigned' });
    expect((await client().latest(log.name))?.startsWith(await note(20))).toBe(true);
  });

  it('inconsistent, refused', async () => {
    const other = await signCheckpoint({ origin: log.name, size: 20, root: Buffer.alloc(32) }, log);
    expect(await client().addCheckpoint(20, [], other.note)).toEqual({ outcome: 'inconsistent' });
    const stranger = await signCheckpoint({ origin: 'x', size: 1, root: Buffer.alloc(32) }, log);
    expect(await client().addCheckpoint(0, [], stranger.note)).toEqual({ outcome: 'refused', status: 404 });
  });

  it('two concurrent calls over HTTP: exactly one wins', async () => {
    const proof = (size: number) => tree.consistency(20, size);
    const both = await Promise.all([
      client().addCheckpoint(20, await proof(30), await note(30)),
      client().addCheckpoint(20, await proof(40), await note(40)),
    ]);
    expect(both.map(({ outcome }) => outcome).sort()).toEqual(['conflict', 'cosigned']);
  });

  it('other paths and methods, and a body that is too large', async () => {
    const status = async (path: string, init?: RequestInit) => (await fetch(url + path, init)).status;
    expect(await status('/')).toBe(404);
    expect(await status('/add-checkpoint')).toBe(405);
    expect(await status(`/${'0'.repeat(64)}/checkpoint`, { method: 'POST' })).toBe(405);
    expect(await status('/add-checkpoint', { method: 'POST', body: 'x'.repeat(70_000) })).toBe(413);
  });
});

describe('WitnessClient against a witness that misbehaves', () => {
  it('trusts no cosignature of another key', async () => {
    const other = client({ publicKey: stagedSigner('other').publicKey });
    const latest = await client().latest(log.name);
    const size = Number(latest!.split('\n')[1]);
    expect(await other.addCheckpoint(size, [], await note(size))).toEqual({
      outcome: 'refused',
      status: 200,
    });
  });

  it.each([
    [200, '', { outcome: 'refused', status: 200 }],
    [200, '— witness.example/w1 AAAA\n', { outcome: 'refused', status: 200 }],
    [409, 'x\n', { outcome: 'refused', status: 409 }],
    [422, '', { outcome: 'inconsistent' }],
    [403, '', { outcome: 'refused', status: 403 }],
    [500, '', { outcome: 'unreachable' }],
  ] as const)('%d %j', async (status, text, expected) => {
    const odd = client({ fetch: answers(status, text, 'text/x.tlog.size') });
    expect(await odd.addCheckpoint(0, [], await note(10))).toEqual(expected);
  });

  it('409 without its content type is no size', async () => {
    expect(await client({ fetch: answers(409, '7\n') }).addCheckpoint(0, [], await note(10))).toEqual({
      ...{ outcome: 'refused', status: 409 },
    });
  });

  it('that is not there', async () => {
    const gone = client({ fetch: () => Promise.reject(new TypeError('fetch failed')) });
    expect(await gone.addCheckpoint(0, [], await note(10))).toEqual({ outcome: 'unreachable' });
    await expect(gone.latest(log.name)).rejects.toMatchObject({ kind: 'unreachable' });
    await expect(client({ fetch: answers(500, '') }).latest(log.name)).rejects.toMatchObject({
      kind: 'unreachable',
    });
  });
});
