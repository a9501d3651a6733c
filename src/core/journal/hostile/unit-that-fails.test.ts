import { beforeEach, describe, expect, it } from 'vitest';
import { SekishoError } from '../../../ground/errors.ts';
import { type AppendUnit, decodeLine, type Journal } from '../index.ts';
import { Scene } from './scene.fixture.ts';

const scene = new Scene();
beforeEach(async () => {
  await scene.administrator(`CREATE TABLE public.work (id int PRIMARY KEY, line bigint);
    GRANT ALL ON public.work TO sekisho_gate`);
});

const writing =
  (id: number): NonNullable<AppendUnit['within']> =>
  async (tx, [index]) => {
    await tx.query('INSERT INTO public.work VALUES ($1, $2)', [id, index]);
  };
const worked = () => scene.administrator('SELECT id, line::int FROM public.work ORDER BY id');

describe('a unit with work of its own', () => {
  it('commits its rows with its line, under the index it was told', async () => {
    const journal = await scene.open();
    const [line] = await journal.append({ lines: [scene.line()], within: writing(1) });
    expect(await worked()).toEqual([{ id: 1, line: line!.index }]);
  });

  it('may fill in the body: it is read afterwards', async () => {
    const journal = await scene.open();
    const body: Record<string, unknown> = {};
    const [line] = await journal.append({
      lines: [{ kind: 'record.changed', body }],
      within: async (_tx, [index]) => {
        body['after'] = `digest of a row with line ${index}`;
      },
    });
    for await (const stored of journal.read(line!.index, line!.index + 1))
      expect(decodeLine(stored.payload).body['after']).toBe(`digest of a row with line ${line!.index}`);
  });

  it('that throws is rolled back alone and takes no index', async () => {
    const journal = await scene.open();
    const failing = (id: number) =>
      journal.append({
        lines: [scene.line()],
        within: async (tx, indexes) => {
          await writing(id)(tx, indexes);
          throw new SekishoError('conflict', { id });
        },
      });
    const done = await Promise.allSettled([
      journal.append({ lines: [scene.line()], within: writing(1) }),
      failing(2),
      journal.append({ lines: [scene.line()] }),
      failing(3),
      journal.append({ lines: [scene.line(), scene.line()], within: writing(4) }),
    ]);
    expect(done.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    expect(done[1]).toMatchObject({ reason: { kind: 'conflict', facts: { id: 2 } } });
    const indexes = done.flatMap((one) =>
      one.status === 'fulfilled' ? one.value.map(({ index }) => index) : [],
    );
    expect(indexes).toEqual([1, 2, 3, 4]);
    expect(await worked()).toEqual([
      { id: 1, line: 1 },
      { id: 4, line: 3 },
    ]);
  });

  it('whose statement fails is rolled back alone, even where it keeps silent about it', async () => {
    const journal = await scene.open();
    await journal.append({ lines: [scene.line()], within: writing(1) });
    const silent = journal.append({
      lines: [scene.line()],
      within: async (tx, indexes) => {
        await writing(1)(tx, indexes).catch(() => {});
      },
    });
    const good = journal.append({ lines: [scene.line()], within: writing(2) });
    await expect(silent).rejects.toMatchObject({ kind: 'internal' });
    expect((await good)[0]!.index).toBe(2);
    expect(await worked()).toHaveLength(2);
  });

  it('that leaves a body nobody knows is refused with its rows', async () => {
    const journal = await scene.open();
    const body: Record<string, unknown> = {};
    const unit = journal.append({
      lines: [{ kind: 'record.changed', body }],
      within: async (tx, indexes) => {
        await writing(1)(tx, indexes);
        body['unknownField'] = 1;
      },
    });
    await expect(unit).rejects.toMatchObject({ kind: 'bad-input' });
    expect(await worked()).toEqual([]);
  });

  it('alone and failing leaves nothing open', async () => {
    const journal = await scene.open();
    const no = () =>
      journal.append({ lines: [scene.line()], within: () => Promise.reject(new SekishoError('conflict')) });
    await expect(no()).rejects.toMatchObject({ kind: 'conflict' });
    await expect(no()).rejects.toMatchObject({ kind: 'conflict' });
    expect((await scene.append(journal, 1))[0]!.index).toBe(1);
  });
});

describe('onBatch', () => {
  const counted = async (journal: Journal) => {
    await Promise.all(
      Array.from({ length: 20 }, (_, i) => journal.append({ lines: [scene.line()], tag: i })),
    );
  };

  it('writes in the batch’s transaction, told of the units that stayed', async () => {
    const tags: unknown[] = [];
    const journal = await scene.open({
      onBatch: async (tx, units) => {
        tags.push(...units.map(({ tag }) => tag));
        await tx.query('INSERT INTO public.work SELECT coalesce(max(id), 0) + 1, $1 FROM public.work', [
          units.length,
        ]);
      },
    });
    await counted(journal);
    const lines = (await worked()).reduce((sum, row) => sum + (row['line'] as number), 0);
    expect(lines).toBe(21);
    expect(tags.filter((tag) => tag !== undefined)).toEqual(Array.from({ length: 20 }, (_, i) => i));
  });

  it('that throws fails the batch, and the next goes on', async () => {
    let fail = false;
    const journal = await scene.open({
      onBatch: async () => {
        if (fail) throw new SekishoError('internal', { reason: 'budget-store' });
      },
    });
    fail = true;
    await expect(scene.append(journal, 1)).rejects.toMatchObject({ kind: 'journal-unavailable' });
    fail = false;
    await expect
      .poll(() =>
        scene.append(journal, 1).then(
          ([line]) => line!.index,
          () => -1,
        ),
      )
      .toBe(1);
  });
});
