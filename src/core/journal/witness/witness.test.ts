import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { manualClock } from '../../../ground/clock.ts';
import { signCheckpoint } from '../checkpoint.ts';
import { nodePrimitives } from '../folder-source.ts';
import { emptyRoot, leafHashOf } from '../merkle.ts';
import { logVerifierKey, type NoteSigner, signNote, witnessVerifierKey } from '../note.ts';
import { stagedSigner } from '../staging.fixture.ts';
import { HashTree } from '../tree.ts';
import { verifyCheckpoint, verifyCosignature } from '../verify/index.ts';
import { FolderState, originHash, WitnessCore, type WitnessState } from './index.ts';
import { parseAddCheckpoint } from './request.ts';

const log = stagedSigner('journal.example/131016');
const witness = stagedSigner('witness.example/w1');
const clock = manualClock();

function grown(size: number, mark = ''): HashTree {
  const tree = new HashTree(async () => Buffer.alloc(0));
  for (let i = 0; i < size; i++) tree.append(leafHashOf(Buffer.from(`${mark}${i}`)));
  return tree;
}
const tree = grown(1_000);
const fork = grown(1_000, 'fork ');

async function body(
  old: number,
  size: number,
  o: { signer?: NoteSigner; origin?: string; tree?: HashTree; proof?: Buffer[] } = {},
): Promise<string> {
  const from = o.tree ?? tree;
  const signer = o.signer ?? log;
  const root = await from.rootAt(size);
  const { note } = await signCheckpoint({ origin: o.origin ?? log.name, size, root }, signer);
  const proof = o.proof ?? (old <= size ? await from.consistency(old, size) : []);
  return [`old ${old}`, ...proof.map((hash) => hash.toString('base64')), '', note].join('\n');
}

let folder: string;
const core = (state: WitnessState = new FolderState(folder), successors = false) =>
  new WitnessCore({
    ...{ signer: witness, state, clock, primitives: nodePrimitives },
    logs: [{ origin: log.name, keys: [logVerifierKey(log)], successors }],
  });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sekisho-witness-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('add-checkpoint (C2SP tlog-witness)', () => {
  it('cosigns the first checkpoint, and one that extends it', async () => {
    const server = core();
    for (const [old, size] of [
      [0, 10],
      [10, 10],
      [10, 777],
    ] as const) {
      const request = await body(old, size);
      const answer = await server.addCheckpoint(request);
      expect(answer.status).toBe(200);
      const note = request.slice(request.indexOf('\n\n') + 2) + answer.body;
      expect(verifyCosignature(note, witnessVerifierKey(witness), nodePrimitives)).toMatchObject({
        ...{ ok: true, timestamp: Math.floor(clock.now() / 1000) },
      });
    }
  });

  it('serves the latest cosigned checkpoint with both signatures', async () => {
    const server = core();
    expect((await server.latest(originHash(log.name))).status).toBe(404);
    await server.addCheckpoint(await body(0, 10));
    const latest = await server.latest(originHash(log.name));
    const policy = {
      origin: log.name,
      logKey: logVerifierKey(log),
      witnessKeys: [witnessVerifierKey(witness)],
    };
    expect(verifyCheckpoint(latest.body, { ...policy, quorum: 1 }, nodePrimitives)).toMatchObject({
      ok: true,
      size: 10,
    });
    expect((await server.latest('0'.repeat(64))).status).toBe(404);
  });

  it('404: origin unknown', async () => {
    expect((await core().addCheckpoint(await body(0, 10, { origin: 'other.example' }))).status).toBe(404);
  });

  it('403: no signature of a trusted key, or a bad one', async () => {
    const server = core();
    expect(
      (await server.addCheckpoint(await body(0, 10, { signer: stagedSigner('x.example') }))).status,
    ).toBe(403);
    expect(
      (await server.addCheckpoint(await body(0, 10, { signer: stagedSigner(log.name, 'x') }))).status,
    ).toBe(403);
    const request = await body(0, 10);
    expect((await server.addCheckpoint(request.replace('\n10\n', '\n11\n'))).status).toBe(403);
  });

  it('400: old size beyond the checkpoint', async () => {
    expect((await core().addCheckpoint(await body(11, 10))).status).toBe(400);
  });

  it.each([
    '',
    'old 0',
    'old 00\n\n',
    'old -1\n\n',
    'old 0\nAAAA\n\n',
    'older 0\n\n',
    `old 0\n${`${Buffer.alloc(32).toString('base64')}\n`.repeat(64)}\n`,
  ])('400: malformed %j', async (start) => {
    const note = (await body(0, 10)).slice('old 0\n\n'.length);
    expect((await core().addCheckpoint(start + note)).status).toBe(400);
  });

  it('400: a note that is no checkpoint', async () => {
    for (const text of ['one line\n', 'o\n10\n', `o\n010\n${emptyRoot.toString('base64')}\n`])
      expect((await core().addCheckpoint(`old 0\n\n${await signNote(text, log)}`)).status).toBe(400);
  });

  it('409: another old size, with the size it has', async () => {
    const server = core();
    await server.addCheckpoint(await body(0, 10));
    for (const old of [0, 9, 11]) {
      expect(await server.addCheckpoint(await body(old, 20))).toEqual({
        ...{ status: 409, type: 'text/x.tlog.size', body: '10\n' },
      });
    }
  });

  it('409: a replayed old checkpoint does not take it back', async () => {
    const server = core();
    const early = await body(0, 10);
    await server.addCheckpoint(early);
    await server.addCheckpoint(await body(10, 20));
    expect((await server.addCheckpoint(early)).body).toBe('20\n');
    expect((await server.addCheckpoint(await body(10, 10))).status).toBe(409);
  });

  it('422: a fork, at the same size and at a larger', async () => {
    const server = core();
    await server.addCheckpoint(await body(0, 10));
    expect((await server.addCheckpoint(await body(10, 10, { tree: fork }))).status).toBe(422);
    expect((await server.addCheckpoint(await body(10, 20, { tree: fork }))).status).toBe(422);
    expect((await server.addCheckpoint(await body(10, 20))).status).toBe(200);
  });

  it('422: a proof where none may be, none where one must be, a wrong one', async () => {
    const server = core();
    expect((await server.addCheckpoint(await body(0, 10, { proof: [emptyRoot] }))).status).toBe(422);
    await server.addCheckpoint(await body(0, 10));
    expect((await server.addCheckpoint(await body(10, 10, { proof: [emptyRoot] }))).status).toBe(422);
    expect((await server.addCheckpoint(await body(10, 20, { proof: [] }))).status).toBe(422);
    expect((await server.addCheckpoint(await body(10, 20, { proof: [emptyRoot] }))).status).toBe(422);
  });

  it('422: an empty tree with a root of its own', async () => {
    const { note } = await signCheckpoint({ origin: log.name, size: 0, root: Buffer.alloc(32) }, log);
    expect((await core().addCheckpoint(`old 0\n\n${note}`)).status).toBe(422);
    const empty = await signCheckpoint({ origin: log.name, size: 0, root: emptyRoot }, log);
    expect((await core().addCheckpoint(`old 0\n\n${empty.note}`)).status).toBe(200);
  });

  it('two at once: exactly one wins', async () => {
    const server = core();
    await server.addCheckpoint(await body(0, 10));
    const answers = await Promise.all([
      ...[await body(10, 20), await body(10, 30), await body(10, 40)].map((b) => server.addCheckpoint(b)),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
    const latest = await server.latest(originHash(log.name));
    expect(latest.body.split('\n')[1]).toBe('20');
  });

  it('is not confused by garbage', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 300 }), async (text) => {
        expect((await core().addCheckpoint(text)).status).toBe(400);
        parseAddCheckpoint(`old 0\n${text}`);
      }),
    );
  });
});

describe('state', () => {
  it('is there after a restart', async () => {
    await core().addCheckpoint(await body(0, 10));
    expect((await core().addCheckpoint(await body(0, 20))).body).toBe('10\n');
    expect((await core().addCheckpoint(await body(10, 20))).status).toBe(200);
  });

  it('that cannot be written gives no cosignature and forgets nothing', async () => {
    const files = new FolderState(folder);
    await core(files).addCheckpoint(await body(0, 10));
    const full: WitnessState = {
      read: (origin) => files.read(origin),
      write: () => Promise.reject(Object.assign(new TypeError('no space'), { code: 'ENOSPC' })),
    };
    await expect(core(full).addCheckpoint(await body(10, 20))).rejects.toThrow('no space');
    expect((await core(files).addCheckpoint(await body(10, 30))).status).toBe(200);
  });

  it('that is damaged is not taken for a log never seen', async () => {
    await core().addCheckpoint(await body(0, 10));
    const [file] = readdirSync(folder);
    const text = readFileSync(join(folder, file!), 'utf8');
    writeFileSync(join(folder, file!), text.slice(0, 20));
    expect((await core().addCheckpoint(await body(0, 10, { tree: fork }))).status).toBe(500);
  });
});

describe('successors', () => {
  it('are logs of their own under the same key', async () => {
    const second = { ...log, name: `${log.name}/2` };
    const request = await body(0, 5, { origin: second.name, signer: second, tree: fork });
    expect((await core().addCheckpoint(request)).status).toBe(404);
    const server = core(undefined, true);
    expect((await server.addCheckpoint(request)).status).toBe(200);
    expect((await server.addCheckpoint(await body(0, 10))).status).toBe(200);
    expect((await server.latest(originHash(second.name))).body.split('\n')[1]).toBe('5');
  });

  it('whose key has a `+` in its base64 are served as any other', async () => {
    const many = Array.from({ length: 99 }, (_, i) => stagedSigner(`journal.example/${131016 + i}`));
    const plus = many.find((signer) => logVerifierKey(signer).split('+').length > 3)!;
    const server = new WitnessCore({
      ...{ signer: witness, state: new FolderState(folder), clock, primitives: nodePrimitives },
      logs: [{ origin: plus.name, keys: [logVerifierKey(plus)], successors: true }],
    });
    const second = { ...plus, name: `${plus.name}/2` };
    const request = await body(0, 5, { origin: second.name, signer: second });
    expect((await server.addCheckpoint(request)).status).toBe(200);
  });

  it.each(['/1', '/02', '/x', '2', '/2/3', '/'])('%s is none', async (suffix) => {
    const origin = log.name + suffix;
    const request = await body(0, 5, { origin, signer: { ...log, name: origin } });
    expect((await core(undefined, true).addCheckpoint(request)).status).toBe(404);
  });

  it('are known by any key, also one that has a plus sign in its base64', async () => {
    const seeds = Array.from({ length: 40 }, (_, i) => stagedSigner(log.name, `seed ${i}`));
    const plus = seeds.filter((signer) => logVerifierKey(signer).split('+').length > 3);
    expect(plus.length).toBeGreaterThan(5);
    for (const [i, signer] of plus.slice(0, 5).entries()) {
      const server = new WitnessCore({
        ...{ signer: witness, state: new FolderState(join(folder, String(i))), clock },
        ...{
          primitives: nodePrimitives,
          logs: [{ origin: log.name, keys: [logVerifierKey(signer)], successors: true }],
        },
      });
      const second = { ...signer, name: `${log.name}/2` };
      const request = await body(0, 5, { origin: second.name, signer: second });
      expect((await server.addCheckpoint(request)).status).toBe(200);
    }
  });

  it('need the same key', async () => {
    const origin = `${log.name}/2`;
    const request = await body(0, 5, { origin, signer: stagedSigner(origin) });
    expect((await core(undefined, true).addCheckpoint(request)).status).toBe(403);
  });
});
