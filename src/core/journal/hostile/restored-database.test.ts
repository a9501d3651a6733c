import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeLine, folderSource, Journal, logVerifierKey, nodePrimitives } from '../index.ts';
import { verifyLog, verifyNote } from '../verify/index.ts';
import { Scene } from './scene.fixture.ts';

const scene = new Scene();

/** Takes the tables back to their first `size` lines, as a restore of an old backup does. */
async function restoredTo(size: number, head: string | undefined): Promise<void> {
  await scene.administrator('DELETE FROM journal.line WHERE line_index >= $1', [size]);
  await scene.administrator('DELETE FROM journal.payload WHERE line_index >= $1', [size]);
  await scene.administrator('DELETE FROM journal.head');
  if (head === undefined) return;
  const note = `${head.split('\n— witness')[0]}\n`;
  await scene.administrator(`INSERT INTO journal.head VALUES ('131016', 1, $1, $2)`, [
    Number(head.split('\n')[1]),
    note,
  ]);
}

/** 101 lines witnessed, then 400 more witnessed, then the database is put back to the first 101. */
async function behind(): Promise<void> {
  const journal = await scene.open();
  await scene.append(journal, 100);
  await journal.flush();
  const { checkpoint } = journal.head();
  await scene.append(journal, 400);
  await journal.flush();
  await scene.close(journal);
  await restoredTo(101, checkpoint);
}

const verdict = () =>
  verifyLog(folderSource(scene.stage.mirror), scene.stage.policy(), undefined, nodePrimitives);

describe('a database restored from an old backup', () => {
  it('is behind the witness: nothing opens, nothing is signed', async () => {
    await behind();
    await expect(Journal.open(scene.stage.options())).rejects.toMatchObject({
      kind: 'log-behind-witness',
      facts: { witnessed: 501, durable: 101 },
    });
    expect(await scene.administrator('SELECT size::int FROM journal.head')).toEqual([{ size: 101 }]);
  });

  it('is behind even with an empty mirror and no head of its own', async () => {
    await behind();
    rmSync(scene.stage.mirror, { recursive: true });
    await restoredTo(0, undefined);
    await expect(Journal.open(scene.stage.options())).rejects.toMatchObject({ kind: 'log-behind-witness' });
  });

  it('gets its lines back from the mirror and goes on from the tip', async () => {
    await behind();
    const { journal, from, to } = await Journal.resumeFromMirror(scene.stage.options());
    scene.keep(journal);
    expect([from, to]).toEqual([101, 501]);
    const lines = [];
    for await (const line of journal.read(0, 600)) lines.push(decodeLine(line.payload));
    expect(lines).toHaveLength(502);
    expect(lines.at(-1)).toMatchObject({ kind: 'log.resumed', body: { from: 101, to: 501 } });
    const [one] = lines.slice(300);
    expect((await journal.linesOf(one!.person!))[0]).toMatchObject({ index: 300 });
    await journal.flush();
    expect(await verdict()).toMatchObject({ ok: true, size: 502 });
  });

  it('gets back even a log that is gone from the database altogether', async () => {
    await behind();
    await restoredTo(0, undefined);
    const { journal, from, to } = await Journal.resumeFromMirror(scene.stage.options());
    scene.keep(journal);
    expect([from, to, journal.head().size]).toEqual([0, 501, 502]);
  });

  it('resumes nothing where nothing is missing', async () => {
    const first = await scene.open();
    await scene.append(first, 10);
    await scene.close(first);
    const { journal, from, to } = await Journal.resumeFromMirror(scene.stage.options());
    scene.keep(journal);
    expect([from, to, journal.head().size]).toEqual([11, 11, 11]);
  });

  it('takes nothing from a mirror that was doctored', async () => {
    await behind();
    const path = join(scene.stage.mirror, 'tile/entries/000');
    const { readFileSync, writeFileSync } = await import('node:fs');
    const bytes = readFileSync(path);
    bytes[200 * 35 + 10]! ^= 1;
    writeFileSync(path, bytes);
    await expect(Journal.resumeFromMirror(scene.stage.options())).rejects.toMatchObject({
      kind: 'proof-invalid',
    });
    expect(await scene.administrator('SELECT max(line_index)::int AS last FROM journal.line')).toEqual([
      { last: 100 },
    ]);
  });

  it('whose mirror is lost too can only be succeeded', async () => {
    await behind();
    rmSync(scene.stage.mirror, { recursive: true });
    await expect(Journal.resumeFromMirror(scene.stage.options())).rejects.toMatchObject({
      kind: 'log-behind-witness',
    });
    const { journal, succession } = await Journal.succeed(scene.stage.options());
    scene.keep(journal);
    expect(journal.origin).toBe('journal.example/131016/2');
    const signer = { ...scene.stage.signer, name: journal.origin };
    const note = verifyNote(succession, [logVerifierKey(signer)], nodePrimitives);
    expect(note).toMatchObject({ ok: true });
    expect(succession.split('\n').slice(0, 5)).toEqual([
      ...[
        'sekisho-succession/v1',
        'journal.example/131016',
        '501',
        expect.any(String),
        'journal.example/131016/2',
      ],
    ]);
    for await (const line of journal.read(0, 1)) {
      expect(decodeLine(line.payload)).toMatchObject({
        kind: 'log.succeeded',
        body: { oldOrigin: 'journal.example/131016', oldSize: 501, oldRoot: succession.split('\n')[3] },
      });
    }
    await scene.append(journal, 300);
    await journal.flush();
    const policy = { ...scene.stage.policy(), origin: journal.origin, logKey: logVerifierKey(signer) };
    const source = folderSource(join(scene.stage.mirror, '2'));
    expect(await verifyLog(source, policy, undefined, nodePrimitives)).toMatchObject({ ok: true, size: 301 });
    await scene.close(journal);
    expect((await scene.open()).origin).toBe('journal.example/131016/2');
  });

  it('that was behind only the mirror is found out as well', async () => {
    await behind();
    const forgetful = { ...clientLike(), latest: async () => undefined };
    await expect(Journal.open(scene.stage.options({ witnesses: [forgetful] }))).rejects.toMatchObject({
      kind: 'log-behind-witness',
    });
  });

  it('is found out by a witness that serves no checkpoint: it is asked with our last one', async () => {
    await behind();
    rmSync(scene.stage.mirror, { recursive: true });
    const client = scene.stage.witness.client();
    const postOnly = {
      name: client.name,
      addCheckpoint: client.addCheckpoint.bind(client),
      latest: async () => undefined,
    };
    await expect(Journal.open(scene.stage.options({ witnesses: [postOnly] }))).rejects.toMatchObject({
      kind: 'log-behind-witness',
    });
  });
});

function clientLike() {
  return {
    name: 'witness.example/new',
    addCheckpoint: async () => ({ outcome: 'conflict', size: 0 }) as const,
  };
}
