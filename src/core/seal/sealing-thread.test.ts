import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { systemRandomness } from '../../ground/randomness.ts';
import { openBytes } from './aead.ts';
import type { Unsealed } from './seal-batch.ts';
import { SealingThread } from './sealing-thread.ts';

const randomness = systemRandomness();
let thread: SealingThread | undefined;
let folder = '';
afterEach(async () => {
  await thread?.close();
  if (folder !== '') rmSync(folder, { recursive: true });
  folder = '';
});

function batchOf(persons: number): Unsealed[] {
  return Array.from({ length: persons }, (_, i) => ({
    key: randomBytes(32),
    parts: [32, 64, 96].map((length, j) => ({
      place: Buffer.from(`place ${i}/${j}`),
      plain: randomBytes(length),
    })),
  }));
}

/** Every seal opens, under its own key and place, as what it was. */
function expectOpens(batch: readonly Unsealed[], sealed: readonly Buffer[][]): void {
  expect(sealed.length).toBe(batch.length);
  const wrong = batch.filter(
    ({ key, parts }, i) =>
      !parts.every(({ place, plain }, j) => openBytes(key, place, sealed[i]![j]!).equals(plain)),
  );
  expect(wrong.length).toBe(0);
}

/** A thread that runs other code than ours. */
function threadOf(program: string): SealingThread {
  folder = mkdtempSync(join(tmpdir(), 'sekisho-thread-'));
  const file = join(folder, 'thread.mjs');
  writeFileSync(file, program);
  return new SealingThread(randomness, pathToFileURL(file));
}

describe('sealing beside', () => {
  it.each([0, 1, 63, 64, 2_000])('%i persons open as they were', async (persons) => {
    thread = new SealingThread(randomness);
    const batch = batchOf(persons);
    expectOpens(batch, await thread.seal(batch));
  });

  it('keeps many batches apart, answered in any order', async () => {
    thread = new SealingThread(randomness);
    const batches = [500, 1, 70, 900, 64, 2].map(batchOf);
    const sealed = await Promise.all(batches.map((batch) => thread!.seal(batch)));
    for (const [i, batch] of batches.entries()) expectOpens(batch, sealed[i]!);
  });

  it('is really done by the thread, from 64 persons on', async () => {
    // It answers with zeros in place of seals: nothing else would show that it was asked.
    thread = threadOf(`import { parentPort } from 'node:worker_threads';
      parentPort.on('message', (packed) => parentPort.postMessage(new Uint8Array(packed.length * 2)));`);
    const [few, many] = [batchOf(63), batchOf(64)];
    expectOpens(few, await thread.seal(few));
    const zeros = (await thread.seal(many)).flat();
    expect(zeros.every((each) => each.every((byte) => byte === 0))).toBe(true);
  });

  it.each([
    ['does not start', 'this is no program'],
    [
      'throws',
      `import { parentPort } from 'node:worker_threads'; parentPort.on('message', () => { throw 1; });`,
    ],
    [
      'ends',
      `import { parentPort } from 'node:worker_threads'; parentPort.on('message', () => process.exit(0));`,
    ],
  ])('a thread that %s loses nothing: its batches are sealed here', async (_, program) => {
    thread = threadOf(program);
    const batches = [batchOf(100), batchOf(200)];
    const sealed = await Promise.all(batches.map((batch) => thread!.seal(batch)));
    for (const [i, batch] of batches.entries()) expectOpens(batch, sealed[i]!);
    const later = batchOf(80);
    expectOpens(later, await thread.seal(later));
  });

  it('closed in the middle still seals', async () => {
    thread = new SealingThread(randomness);
    const batch = batchOf(3_000);
    const under = thread.seal(batch);
    await thread.close();
    expectOpens(batch, await under);
    const later = batchOf(100);
    expectOpens(later, await thread.seal(later));
  });
});
