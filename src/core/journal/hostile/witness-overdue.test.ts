import { describe, expect, it } from 'vitest';
import { Journal } from '../index.ts';
import { Scene } from './scene.fixture.ts';

const scene = new Scene();

describe('a witness that does not answer', () => {
  it('makes the head overdue, and fresh again when it comes back', async () => {
    const journal = await scene.open();
    await journal.flush();
    await scene.stage.witness.stop();
    await scene.append(journal, 3);
    expect(() => journal.assertFresh()).not.toThrow();
    scene.stage.clock.advance(5_001);
    expect(() => journal.assertFresh()).toThrow(/witness-overdue/);
    expect(journal.head()).toMatchObject({ size: 4, witnessedSize: 1, overdueMs: 5_001, overdue: true });
    // Lines are still taken: refusals must be written down too.
    await scene.append(journal, 1);
    await expect(journal.flush()).rejects.toMatchObject({ kind: 'witness-overdue' });
    await scene.stage.witness.start(scene.stage.signer);
    await expect.poll(() => journal.head().witnessedSize, { timeout: 10_000 }).toBe(5);
    expect(() => journal.assertFresh()).not.toThrow();
  });

  it('is overdue by the limit it was opened with, and its head says so', async () => {
    const journal = await scene.open({ overdueMs: 60_000 });
    await journal.flush();
    await scene.stage.witness.stop();
    await scene.append(journal, 1);
    scene.stage.clock.advance(59_000);
    expect(journal.head()).toMatchObject({ overdueMs: 59_000, overdue: false });
    scene.stage.clock.advance(1_001);
    expect(journal.head().overdue).toBe(true);
    expect(() => journal.assertFresh()).toThrow(/witness-overdue/);
  });

  it('is not hidden by a clock that jumps back', async () => {
    const journal = await scene.open();
    await journal.flush();
    await scene.stage.witness.stop();
    await scene.append(journal, 1);
    scene.stage.clock.advance(3_000);
    expect(journal.head().overdueMs).toBe(3_000);
    scene.stage.clock.set(scene.stage.clock.now() - 86_400_000);
    expect(journal.head().overdueMs).toBe(3_000);
    scene.stage.clock.advance(2_001);
    expect(() => journal.assertFresh()).toThrow(/witness-overdue/);
  });

  it('keeps a journal from opening: nothing is served before the witness agrees', async () => {
    const journal = await scene.open();
    await journal.flush();
    await scene.close(journal);
    await scene.stage.witness.stop();
    await expect(Journal.open(scene.stage.options())).rejects.toMatchObject({ kind: 'unreachable' });
    await scene.stage.witness.start(scene.stage.signer);
    expect((await scene.open()).head().size).toBe(1);
  });

  it('nor are there witnesses at all: every line becomes overdue', async () => {
    const journal = await scene.open({ witnesses: [] });
    scene.stage.clock.advance(5_001);
    expect(() => journal.assertFresh()).toThrow(/witness-overdue/);
  });

  it('one of two, with a quorum of one, holds up nobody', async () => {
    const client = scene.stage.witness.client();
    const deaf = {
      name: 'witness.example/deaf',
      addCheckpoint: () => new Promise<never>(() => {}),
      latest: async () => undefined,
    };
    const journal = await scene.open({ witnesses: [deaf, client] });
    await scene.append(journal, 10);
    await expect.poll(() => journal.head().witnessedSize).toBe(11);
    await journal.flush();
  });
});

describe('a clock that jumps back', () => {
  it('breaks neither lines nor proofs', async () => {
    const journal = await scene.open();
    await scene.append(journal, 2);
    scene.stage.clock.set(1_000);
    const person = scene.stage.person();
    await journal.append({ lines: [{ ...scene.line(), person }] });
    const [line] = await journal.linesOf(person);
    expect(line).toMatchObject({ index: 3, at: 1_000 });
    expect(await journal.prove([3])).toHaveLength(1);
  });
});
