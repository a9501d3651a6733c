import { describe, expect, it } from 'vitest';
import { folderSource, nodePrimitives } from '../index.ts';
import { proveDropped, verifyLog } from '../verify/index.ts';
import { Scene } from './scene.fixture.ts';

const scene = new Scene();
const log = () => ({ source: folderSource(scene.stage.mirror), policy: scene.stage.policy() });

/** Lines 1–10 durable with receipts, none integrated; then the process dies and the administrator has the database. */
async function durableOnly() {
  const journal = await scene.open({ integrateEveryMs: 3_600_000 });
  await journal.flush();
  const lines = await scene.append(journal, 10);
  // Died: the connection goes, and the lock with it; the old journal stands still and is never asked again.
  await scene.administrator(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND usename = 'sekisho_gate'`);
  return lines;
}

describe('a line dropped between durable and witnessed', () => {
  it('deleted at the tip: the next line takes its index, and its receipt proves it', async () => {
    const lines = await durableOnly();
    await scene.administrator('DELETE FROM journal.line WHERE line_index >= 8');
    await scene.administrator('DELETE FROM journal.payload WHERE line_index >= 8');
    const again = await scene.open();
    await scene.append(again, 5);
    await again.flush();
    expect(await verifyLog(log().source, log().policy, undefined, nodePrimitives)).toMatchObject({
      ok: true,
    });
    for (const { receipt, index } of lines) {
      const finding = await proveDropped(receipt, log(), nodePrimitives);
      expect(finding.finding).toBe(index < 8 ? 'present' : 'dropped');
      if (finding.finding === 'dropped') expect(finding.index).toBe(index);
    }
  });

  it('altered: its receipt proves it', async () => {
    const lines = await durableOnly();
    await scene.administrator(`UPDATE journal.line SET commitment = sha256('other') WHERE line_index = 4`);
    const again = await scene.open();
    await again.flush();
    const findings = await Promise.all(
      lines.map(({ receipt }) => proveDropped(receipt, log(), nodePrimitives)),
    );
    expect(findings.map(({ finding }) => finding).indexOf('dropped')).toBe(
      lines.findIndex(({ index }) => index === 4),
    );
    expect(findings.filter(({ finding }) => finding === 'dropped')).toHaveLength(1);
  });

  it('deleted in the middle: the log does not integrate past the gap', async () => {
    await durableOnly();
    await scene.administrator('DELETE FROM journal.line WHERE line_index = 4');
    const again = await scene.open();
    await expect(again.flush()).rejects.toMatchObject({
      kind: expect.stringMatching(/log-forked|witness-overdue/),
    });
    expect(() => again.assertFresh()).toThrow(/row-missing/);
  });

  it('deleted under a living sequencer: it takes no more lines', async () => {
    const journal = await scene.open({ integrateEveryMs: 3_600_000 });
    await scene.append(journal, 10);
    await scene.administrator('DELETE FROM journal.line WHERE line_index = 10');
    await expect(scene.append(journal, 1)).rejects.toMatchObject({ kind: 'journal-unavailable' });
    await expect.poll(() => scene.append(journal, 1).catch((error) => error.kind)).toBe('log-forked');
  });
});
