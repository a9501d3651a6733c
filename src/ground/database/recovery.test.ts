import {
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../clock.ts';
import { SekishoError } from '../errors.ts';
import { openFileSink } from './base-copy-files.ts';
import { ArchivedCluster, Clusters, failure } from './recovery.fixture.ts';

const clusters = new Clusters();
afterEach(() => clusters.removeAll());
const cluster = () => clusters.make();

describe('a recovery to a moment', () => {
  it('keeps the rows before it and none after, and puts the old cluster aside whole', async () => {
    const house = await cluster();
    await house.remember('before the base copy');
    const base = await house.backup();
    const moment = await house.remember('before the moment');
    await house.remember('after the moment');
    const recovered = await house.goBack(moment);
    expect(await house.remembered()).toEqual(['before the base copy', 'before the moment']);
    expect(recovered).toMatchObject({ base: base.name, fromTimeline: 1, timeline: 2, reached: 'target' });
    expect(existsSync(join(recovered.aside!, 'PG_VERSION'))).toBe(true);
    expect(await house.remember('written afterwards')).toBeGreaterThan(moment);
  });
});

describe('refusals that touch nothing', () => {
  let house: ArchivedCluster;
  let moment: number;
  /** The segment that holds the row `third`. */
  let second: string;
  beforeEach(async () => {
    if (house !== undefined) return;
    house = await ArchivedCluster.make();
    await house.remember('first');
    await house.backup();
    for (const name of ['second', 'third', 'fourth']) {
      moment = await house.remember(name);
      const rows = await house.sql('SELECT pg_walfile_name(pg_switch_wal()) AS segment');
      if (name === 'third') second = String(rows[0]?.['segment']);
    }
    await house.server.stop();
  });
  afterAll(async () => {
    await house.remove();
  });
  /** After every refusal the house starts as before. */
  afterEach(async () => {
    await house.start();
    const remembered = await house.remembered();
    await house.server.stop();
    expect(remembered).toEqual(['first', 'fourth', 'second', 'third']);
    expect(readdirSync(dirname(house.server.places.cluster))).toEqual(['cluster']);
    expect(existsSync(join(house.database, 'restoring'))).toBe(false);
  });

  it('a moment in the future', async () => {
    const error = await failure(house.recover(systemClock.now() + 60_000));
    expect([error.kind, error.facts['reason']]).toEqual(['bad-input', 'future']);
  });

  it('a moment before the first base copy, with the earliest that can be had', async () => {
    const error = await failure(house.recover(systemClock.now() - 86_400_000));
    expect([error.kind, error.facts['reason']]).toEqual(['bad-input', 'before-first-base']);
    expect(Date.parse(String(error.facts['earliest']))).toBeLessThan(moment);
  });

  it('no base copy at all', async () => {
    const error = await failure(house.recover(moment, { bases: join(house.folder, 'nowhere') }));
    expect([error.kind, error.facts['what']]).toEqual(['not-found', 'base-copy']);
  });

  it('a house that runs', async () => {
    await house.start();
    const error = await failure(house.recover(moment));
    expect([error.kind, error.facts['reason']]).toEqual(['conflict', 'running']);
    expect(await house.remembered()).toHaveLength(4);
    await house.server.stop();
  });

  it('a truncated file of the base copy, by its place', async () => {
    const [base] = readdirSync(house.bases).filter((name) => name.startsWith('base-'));
    const file = join(house.bases, base!, 'cluster/global/1262');
    const kept = `${file}.kept`;
    renameSync(file, kept);
    writeFileSync(file, readFileSync(kept).subarray(0, 4096), { mode: 0o600 });
    const error = await failure(house.recover(moment));
    rmSync(file);
    expect([error.kind, error.facts['reason'], error.facts['place']]).toEqual([
      'backup-broken',
      'file-size',
      'global/1262',
    ]);
    expect((await failure(house.recover(moment))).facts['reason']).toBe('file-missing');
    renameSync(kept, file);
  });

  it('a missing WAL segment before the moment, by its name', async () => {
    const file = join(house.archive, second);
    renameSync(file, `${file}.hidden`);
    const error = await failure(house.recover(moment));
    renameSync(`${file}.hidden`, file);
    expect([error.kind, error.facts['reason'], error.facts['place']]).toEqual([
      'backup-broken',
      'wal-missing',
      second,
    ]);
  });

  it('a missing WAL segment of the base copy itself', async () => {
    const [base] = readdirSync(house.bases).filter((name) => name.startsWith('base-'));
    const label = readFileSync(join(house.bases, base!, 'cluster/backup_label'), 'utf8');
    const name = /file ([0-9A-F]{24})/.exec(label)![1]!;
    renameSync(join(house.archive, name), join(house.archive, `${name}.hidden`));
    const error = await failure(house.recover(moment));
    renameSync(join(house.archive, `${name}.hidden`), join(house.archive, name));
    expect([error.facts['reason'], error.facts['place']]).toEqual(['wal-missing', name]);
  });

  it('a WAL segment cut short', async () => {
    const file = join(house.archive, second);
    copyFileSync(file, `${file}.kept`);
    truncateSync(file, 1_000_000);
    const error = await failure(house.recover(moment));
    renameSync(`${file}.kept`, file);
    expect([error.kind, error.facts['reason'], error.facts['place']]).toEqual([
      'backup-broken',
      'wal-damaged',
      second,
    ]);
  });

  it('WAL with flipped bytes ends replay before the moment and is named', async () => {
    const file = join(house.archive, second);
    copyFileSync(file, `${file}.kept`);
    const handle = openSync(file, 'r+');
    writeSync(handle, Buffer.alloc(16_384, 0x5a), 0, 16_384, 0);
    closeSync(handle);
    const error = await failure(house.recover(moment));
    renameSync(`${file}.kept`, file);
    expect([error.kind, error.facts['reason']]).toEqual(['backup-broken', 'wal-damaged']);
  });

  it('a disk that fills while the base copy is laid out', async () => {
    let left = 3_000_000;
    const error = await failure(
      house.recover(moment, {
        openSink: async (path) => {
          const sink = await openFileSink(path);
          return {
            ...sink,
            write: async (chunk) => {
              left -= chunk.length;
              if (left < 0) throw Object.assign(new SekishoError('internal'), { code: 'ENOSPC' });
              await sink.write(chunk);
            },
          };
        },
      }),
    );
    expect(error.kind).toBe('disk-full');
  });
});
