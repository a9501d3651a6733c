import { beforeEach, describe, expect, it } from 'vitest';
import { folderSource, type Journal, nodePrimitives } from '../index.ts';
import { verifyLog } from '../verify/index.ts';
import { Scene } from './scene.fixture.ts';

const scene = new Scene();
beforeEach(async () => {
  // A row that only COMMIT refuses.
  await scene.administrator(`CREATE TABLE public.late (id int PRIMARY KEY,
      other int REFERENCES public.late DEFERRABLE INITIALLY DEFERRED);
    GRANT ALL ON public.late TO sekisho_gate`);
});

/** Appends until the journal takes lines again. */
async function again(journal: Journal): Promise<number> {
  for (;;) {
    const taken = await scene.append(journal, 1).catch(() => undefined);
    if (taken !== undefined) return taken[0]!.index;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe('a COMMIT that fails', () => {
  it('fails every caller of the batch, leaves no line, and the journal goes on', async () => {
    const journal = await scene.open();
    await scene.append(journal, 3);
    const units = [
      ...Array.from({ length: 5 }, () => journal.append({ lines: [scene.line()] })),
      journal.append({
        lines: [scene.line()],
        within: async (tx) => {
          await tx.query('INSERT INTO public.late VALUES (1, 77)');
        },
      }),
    ];
    for (const one of await Promise.allSettled(units))
      expect(one).toMatchObject({ status: 'rejected', reason: { kind: 'journal-unavailable' } });
    expect(await again(journal)).toBe(4);
    expect(await scene.administrator('SELECT 1 FROM public.late')).toEqual([]);
    await journal.flush();
    const verdict = await verifyLog(
      folderSource(scene.stage.mirror),
      scene.stage.policy(),
      undefined,
      nodePrimitives,
    );
    expect(verdict).toMatchObject({ ok: true, size: 5 });
  });
});

describe('a connection that dies', () => {
  const kill = () =>
    scene.administrator(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND usename = 'sekisho_gate'`,
    );

  it('in the middle of a batch: callers are told, nothing half written, the journal comes back', async () => {
    const journal = await scene.open();
    const unit = journal.append({
      lines: [scene.line()],
      within: async (tx) => {
        await tx.query('INSERT INTO public.late VALUES (1, NULL)');
        await kill();
        await tx.query('SELECT 1');
      },
    });
    const other = journal.append({ lines: [scene.line()] });
    await expect(unit).rejects.toMatchObject({ kind: 'journal-unavailable' });
    await expect(other).rejects.toMatchObject({ kind: 'journal-unavailable' });
    expect(await again(journal)).toBe(1);
    expect(await scene.administrator('SELECT 1 FROM public.late')).toEqual([]);
  });

  it('and a database that stays away: callers are refused, and closing does not wait for it', async () => {
    const journal = await scene.open();
    const name = scene.database.name;
    const elsewhere = (sql: string) => scene.postgres(sql);
    await elsewhere(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
    await kill().catch(() => {});
    await elsewhere(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`);
    await expect(scene.append(journal, 1)).rejects.toMatchObject({ kind: 'journal-unavailable' });
    await expect(scene.append(journal, 1)).rejects.toMatchObject({ kind: 'journal-unavailable' });
    await scene.close(journal);
    await elsewhere(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`);
  });

  it('again and again under load: every acknowledged line is there, at its index, under the root', async () => {
    const journal = await scene.open();
    const held = new Map<number, Buffer>();
    let failed = 0;
    let stop = false;
    const caller = async () => {
      while (!stop) {
        try {
          const [line] = await journal.append({ lines: [scene.line()] });
          expect(held.has(line!.index)).toBe(false);
          held.set(line!.index, line!.leafHash);
        } catch (error) {
          expect(error).toMatchObject({ kind: 'journal-unavailable' });
          failed++;
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      }
    };
    const callers = Array.from({ length: 32 }, caller);
    for (let round = 0; round < 8; round++) {
      await new Promise((resolve) => setTimeout(resolve, 60));
      await kill();
    }
    stop = true;
    await Promise.all(callers);
    await again(journal);
    await expect
      .poll(() =>
        journal.flush().then(
          () => true,
          () => false,
        ),
      )
      .toBe(true);
    expect(failed).toBeGreaterThan(0);
    for await (const { index, leafHash } of journal.read(0, journal.head().size)) {
      const promised = held.get(index);
      if (promised !== undefined) expect(leafHash.equals(promised)).toBe(true);
      held.delete(index);
    }
    expect(held.size).toBe(0);
    const verdict = await verifyLog(
      folderSource(scene.stage.mirror),
      scene.stage.policy(),
      undefined,
      nodePrimitives,
    );
    expect(verdict).toMatchObject({ ok: true, size: journal.head().size });
  });
});
