import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../clock.ts';
import { listBaseCopies } from './base-copy-manifest.ts';
import { pruneBackups } from './base-copy-prune.ts';
import { ArchivedCluster } from './recovery.fixture.ts';

let house: ArchivedCluster;
beforeAll(async () => {
  house = await ArchivedCluster.make();
});
afterAll(async () => {
  await house.remove();
});

describe('a base copy', () => {
  it('taken while rows are written holds the rows committed before it, and each later moment can be had', async () => {
    await house.sql('CREATE TABLE written (n bigint PRIMARY KEY, filler text)');
    let stop = false;
    let n = 0;
    const client = new pg.Client(house.server.connection());
    await client.connect();
    const writer = (async () => {
      for (; !stop; n++)
        await client.query(
          `INSERT INTO written SELECT $1::bigint * 100 + g, repeat('x', 500) FROM generate_series(1, 50) g`,
          [n],
        );
    })();
    const before = n;
    const base = await house.backup();
    const rowsAt = await house.sql('SELECT count(*)::int AS rows FROM written');
    const moment = await house.remember('during the writes');
    await sleep(100);
    stop = true;
    await writer;
    await client.end();
    expect(n).toBeGreaterThan(before);
    const recovered = await house.goBack(moment);
    expect(recovered.base).toBe(base.name);
    const [found] = await house.sql('SELECT count(*)::int AS rows, count(*) % 50 AS half FROM written');
    expect(Number(found?.['rows'])).toBeGreaterThanOrEqual(Number(rowsAt[0]?.['rows']));
    expect(Number(found?.['rows'])).toBeLessThan(n * 50);
    expect(Number(found?.['half'])).toBe(0);
  });
});

describe('pruning', () => {
  it('removes old copies and the WAL only they needed, keeps the newest whatever its age, and asides of their time', async () => {
    await house.backup();
    await house.sql('SELECT pg_switch_wal()');
    const last = await house.backup();
    const cluster = house.server.places.cluster;
    const aside = join(cluster, '../before-restore-20200101T000000000Z');
    mkdirSync(aside);
    // By name, not by number: the server may archive another segment meanwhile.
    const segmentsBefore = readdirSync(house.archive).filter((name) => !name.endsWith('.part'));
    const options = { bases: house.bases, archive: house.archive, cluster, keepMs: 1000 };
    const pruned = await pruneBackups({ ...options, now: systemClock.now() + 3_600_000 });
    expect((await listBaseCopies(house.bases)).map(({ name }) => name)).toEqual([last.name]);
    expect(pruned.bases).not.toContain(last.name);
    expect(pruned.segments).toBeGreaterThan(0);
    const left = new Set(readdirSync(house.archive));
    expect(segmentsBefore.filter((name) => !left.has(name))).toHaveLength(pruned.segments);
    expect(pruned.asides).toContain('before-restore-20200101T000000000Z');
    expect(existsSync(aside)).toBe(false);
    const moment = await house.remember('after pruning');
    await house.goBack(moment);
    expect(await house.remembered()).toContain('after pruning');
  });

  it('leaves everything within its life alone', async () => {
    const before = [readdirSync(house.bases), readdirSync(house.archive)];
    const { places } = house.server;
    const options = {
      bases: house.bases,
      archive: house.archive,
      cluster: places.cluster,
      keepMs: 604_800_000,
    };
    const pruned = await pruneBackups({ ...options, now: systemClock.now() });
    expect([pruned.bases, pruned.asides]).toEqual([[], []]);
    expect(readdirSync(house.bases)).toEqual(before[0]);
  });
});
