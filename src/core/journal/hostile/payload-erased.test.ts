import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderSource, Journal, nodePrimitives } from '../index.ts';
import { proveDropped, verifyLog } from '../verify/index.ts';
import { Scene } from './scene.fixture.ts';

const scene = new Scene();

describe('a payload that was erased', () => {
  it('is gone from database and mirror; its line still stands and proves', async () => {
    const journal = await scene.open({ integrateEveryMs: 3_600_000 });
    const person = scene.stage.person();
    const [line] = await journal.append({ lines: [{ ...scene.line(), person }] });
    await scene.append(journal, 3);
    const rows = await scene.administrator('SELECT sealed FROM journal.payload WHERE line_index = $1', [
      line!.index,
    ]);
    const sealed = rows[0]!['sealed'] as Buffer;
    const mirrored = () => readFileSync(join(scene.stage.mirror, 'payload/000')).includes(sealed);
    expect(await journal.erasePayloads([line!.index])).toBe(1);
    expect(mirrored()).toBe(false);
    const [stored] = await journal.linesOf(person);
    expect(stored).toMatchObject({ index: line!.index, erased: true, leafHash: line!.leafHash });
    expect([stored!.payload.length, stored!.salt.length]).toEqual([0, 0]);
    const [proof] = await journal.prove([line!.index]);
    expect(proof!.leafHash).toBe(line!.leafHash.toString('base64'));
    const log = { source: folderSource(scene.stage.mirror), policy: scene.stage.policy() };
    expect(await verifyLog(log.source, log.policy, undefined, nodePrimitives)).toMatchObject({ ok: true });
    expect(await proveDropped(line!.receipt, log, nodePrimitives)).toMatchObject({ finding: 'present' });
  });

  it('does not come back with the mirror', async () => {
    const first = await scene.open();
    const lines = await scene.append(first, 20);
    await first.erasePayloads([lines[4]!.index]);
    await first.flush();
    await scene.close(first);
    await scene.administrator('TRUNCATE journal.line, journal.payload, journal.head');
    const { journal } = await Journal.resumeFromMirror(scene.stage.options());
    scene.keep(journal);
    const erased: number[] = [];
    for await (const line of journal.read(0, 21)) if (line.erased) erased.push(line.index);
    expect(erased).toEqual([lines[4]!.index]);
  });

  it('that was replaced by another line’s bytes does not open', async () => {
    const journal = await scene.open();
    await scene.append(journal, 2);
    await scene.administrator(`UPDATE journal.payload SET sealed =
      (SELECT sealed FROM journal.payload WHERE line_index = 1) WHERE line_index = 2`);
    const read = async () => {
      for await (const line of journal.read(2, 3)) void line;
    };
    await expect(read()).rejects.toMatchObject({ kind: 'seal-broken' });
  });
});
