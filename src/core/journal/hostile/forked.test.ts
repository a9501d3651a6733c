import { readFileSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { signCheckpoint } from '../checkpoint.ts';
import { folderSource, Journal, nodePrimitives } from '../index.ts';
import { verifyLog } from '../verify/index.ts';
import { Scene } from './scene.fixture.ts';

const scene = new Scene();
const verdict = () =>
  verifyLog(folderSource(scene.stage.mirror), scene.stage.policy(), undefined, nodePrimitives);

/** 301 witnessed lines, closed. */
async function witnessed(): Promise<void> {
  const journal = await scene.open();
  await scene.append(journal, 300);
  await journal.flush();
  await scene.close(journal);
}

describe('a log that no longer is what was signed', () => {
  it('a row altered: named at the opening', async () => {
    await witnessed();
    await scene.administrator(`UPDATE journal.line SET commitment = sha256('x') WHERE line_index = 123`);
    await expect(Journal.open(scene.stage.options())).rejects.toMatchObject({
      ...{ kind: 'log-forked', facts: { reason: 'row-differs', index: 123 } },
    });
  });

  it('a row deleted: named at the opening', async () => {
    await witnessed();
    await scene.administrator('DELETE FROM journal.line WHERE line_index = 123');
    await expect(Journal.open(scene.stage.options())).rejects.toMatchObject({
      ...{ kind: 'log-forked', facts: { reason: 'row-missing', index: 123 } },
    });
  });

  it('all rows rewritten and the mirror thrown away: the witness remembers', async () => {
    await witnessed();
    await scene.administrator(`UPDATE journal.line SET commitment = sha256(commitment)`);
    await scene.administrator('DELETE FROM journal.head');
    const { rmSync } = await import('node:fs');
    rmSync(scene.stage.mirror, { recursive: true });
    await expect(Journal.open(scene.stage.options())).rejects.toMatchObject({
      ...{ kind: 'log-forked', facts: { reason: 'root-differs', size: 301 } },
    });
  });

  it('a witness that holds another checkpoint of ours at the same size', async () => {
    await witnessed();
    const head = { origin: scene.stage.policy().origin, size: 300, root: Buffer.alloc(32, 7) };
    const other = await signCheckpoint(head, scene.stage.signer);
    const client = scene.stage.witness.client();
    const two = {
      name: 'w2',
      addCheckpoint: client.addCheckpoint.bind(client),
      latest: async () => other.note,
    };
    await expect(Journal.open(scene.stage.options({ witnesses: [two] }))).rejects.toMatchObject({
      kind: 'log-forked',
    });
  });

  it('a witness that answers with a checkpoint of another key is not believed', async () => {
    await witnessed();
    const { stagedSigner } = await import('../staging.fixture.ts');
    const head = { origin: scene.stage.policy().origin, size: 999, root: Buffer.alloc(32, 7) };
    const forged = await signCheckpoint(head, stagedSigner(head.origin, 'other'));
    const liar = {
      name: 'w2',
      addCheckpoint: async () => ({ outcome: 'unreachable' }) as const,
      latest: async () => forged.note,
    };
    await expect(Journal.open(scene.stage.options({ witnesses: [liar] }))).rejects.toMatchObject({
      kind: 'bad-input',
    });
  });

  it('a witness that says 422 stops the signing at once', async () => {
    const client = scene.stage.witness.client();
    const strict = {
      name: client.name,
      addCheckpoint: async () => ({ outcome: 'inconsistent' }) as const,
      latest: async () => undefined,
    };
    const journal = await scene.open({ witnesses: [strict] });
    await expect
      .poll(() =>
        scene.append(journal, 1).then(
          () => '',
          (error) => error.kind,
        ),
      )
      .toBe('log-forked');
    expect(() => journal.assertFresh()).toThrow(/log-forked/);
  });
});

describe('a mirror that is damaged while the rows are whole', () => {
  it.each(['tile/0/001.p/45', 'tile/1/000.p/1', 'tile/entries/001.p/45', 'payload/000'])(
    '%s missing: written anew at the opening',
    async (path) => {
      await witnessed();
      unlinkSync(join(scene.stage.mirror, path));
      const journal = await scene.open();
      await scene.append(journal, 5);
      await journal.flush();
      expect(await verdict()).toMatchObject({ ok: true, size: 306 });
    },
  );

  it('a truncated tile on the right edge: written anew', async () => {
    await witnessed();
    truncateSync(join(scene.stage.mirror, 'tile/0/001.p/45'), 100);
    await scene.open();
    expect(await verdict()).toMatchObject({ ok: true });
  });

  it('one flipped bit on the right edge: written anew', async () => {
    await witnessed();
    const path = join(scene.stage.mirror, 'tile/0/001.p/45');
    const bytes = readFileSync(path);
    bytes[99]! ^= 1;
    writeFileSync(path, bytes);
    await scene.open();
    expect(await verdict()).toMatchObject({ ok: true });
  });
});
