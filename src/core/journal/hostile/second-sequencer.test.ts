import { describe, expect, it } from 'vitest';
import { Journal } from '../index.ts';
import { Scene } from './scene.fixture.ts';

const scene = new Scene();

describe('a second sequencer', () => {
  it('is refused while the first lives, and let in when it is gone', async () => {
    const first = await scene.open();
    await expect(Journal.open(scene.stage.options())).rejects.toMatchObject({
      kind: 'journal-unavailable',
      facts: { reason: 'second-sequencer' },
    });
    await expect(Journal.succeed(scene.stage.options())).rejects.toMatchObject({
      kind: 'journal-unavailable',
    });
    await expect(Journal.resumeFromMirror(scene.stage.options())).rejects.toMatchObject({
      kind: 'journal-unavailable',
    });
    await scene.close(first);
    expect((await scene.open()).head().size).toBe(1);
  });

  it('that stole a line beside the lock is noticed: the first takes no more lines', async () => {
    const first = await scene.open();
    await scene.administrator(
      `INSERT INTO journal.line SELECT municipality_code, log_number, line_index + 1, at_ms, commitment, NULL
       FROM journal.line`,
    );
    await expect(scene.append(first, 1)).rejects.toMatchObject({ kind: 'journal-unavailable' });
  });

  it('that signed beside the lock is noticed: no more checkpoint is signed', async () => {
    const first = await scene.open();
    await first.flush();
    await scene.administrator(`UPDATE journal.head SET checkpoint = checkpoint || 'x'`);
    await scene.append(first, 1);
    await expect(first.flush()).rejects.toMatchObject({
      kind: expect.stringMatching(/log-forked|witness-overdue/),
    });
    expect(() => first.assertFresh()).toThrow(/signed-elsewhere/);
  });
});
