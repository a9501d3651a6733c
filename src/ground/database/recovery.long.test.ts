import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../clock.ts';
import { SekishoError } from '../errors.ts';
import { serverPid } from './postmaster.ts';
import { Clusters, failure } from './recovery.fixture.ts';

const clusters = new Clusters();
afterEach(() => clusters.removeAll());
const cluster = () => clusters.make();

describe('a recovery to a moment', () => {
  it('reaches a moment after the last commit, when nothing has happened since', async () => {
    const house = await cluster();
    await house.backup();
    const moment = await house.remember('the last');
    await house.goBack(moment);
    expect(await house.remembered()).toEqual(['the last']);
  });

  it('can be followed by a second one: to a moment before, after, and on the timeline left behind', async () => {
    const house = await cluster();
    await house.backup();
    const one = await house.remember('one');
    const two = await house.remember('two');
    expect((await house.goBack(one)).timeline).toBe(2);
    const three = await house.remember('three');
    await house.remember('four');
    expect((await house.goBack(three)).timeline).toBe(3);
    expect(await house.remembered()).toEqual(['one', 'three']);
    // The house as it was at `two` lived on the first timeline, which the first recovery had left.
    expect(await house.goBack(two)).toMatchObject({ fromTimeline: 1, timeline: 4 });
    expect(await house.remembered()).toEqual(['one', 'two']);
    const base = await house.backup();
    expect(base.manifest.timeline).toBe(4);
    const five = await house.remember('five');
    await house.remember('six');
    expect((await house.goBack(five)).base).toBe(base.name);
    expect(await house.remembered()).toEqual(['five', 'one', 'two']);
  });

  it('shows the recovered server before anything is swapped, and a no leaves the house as it was', async () => {
    const house = await cluster();
    await house.backup();
    const moment = await house.remember('kept');
    await house.remember('not undone');
    await house.server.stop();
    const error = await failure(
      house.recover(moment, {
        beforeSwap: async (server) => {
          const found = server.places.cluster;
          expect(existsSync(join(found, 'PG_VERSION'))).toBe(true);
          throw new SekishoError('log-forked', {});
        },
      }),
    );
    expect(error.kind).toBe('log-forked');
    await house.start();
    expect(await house.remembered()).toEqual(['kept', 'not undone']);
    expect(readdirSync(dirname(house.server.places.cluster)).sort()).toEqual(['cluster']);
    // The timeline that the refused attempt opened was never the house's.
    const later = await house.remember('later');
    await house.goBack(later);
    expect(await house.remembered()).toEqual(['kept', 'later', 'not undone']);
  });
});

describe('a cluster that is lost', () => {
  it('comes back as far as the archive reaches, on a machine that has not even the password', async () => {
    const house = await cluster();
    await house.backup();
    await house.remember('in the archive');
    await house.server.stop();
    rmSync(house.database, { recursive: true });
    const recovered = await house.recover(systemClock.now());
    expect(recovered).toMatchObject({ reached: 'archive-end', aside: undefined });
    await house.start();
    expect(await house.remembered()).toEqual(['in the archive']);
    // The house has a password of its own now; the base copy still knows the lost one.
    const later = await house.remember('later');
    await house.goBack(later);
    expect(await house.remembered()).toEqual(['in the archive', 'later']);
  });

  it('that does not start gives what its own WAL files still hold', async () => {
    const house = await cluster();
    await house.backup();
    await house.remember('only in pg_wal');
    process.kill(serverPid(house.server.places.cluster)!, 'SIGQUIT'); // no shutdown checkpoint, nothing more archived
    await house.server.stop();
    rmSync(join(house.server.places.cluster, 'global/pg_control'));
    const recovered = await house.goBack(systemClock.now());
    expect(recovered.reached).toBe('archive-end');
    expect(await house.remembered()).toEqual(['only in pg_wal']);
  });

  it('is never replaced by a fresh one when the machine stops between the two renames', async () => {
    const house = await cluster();
    await house.backup();
    const moment = await house.remember('one');
    await house.remember('two');
    await house.goBack(moment);
    await house.server.stop();
    // As after a power cut: the old cluster is aside, the recovered one not yet in its place.
    const home = dirname(house.server.places.cluster);
    const restores = join(house.bases, 'restores.json');
    const [made] = JSON.parse(readFileSync(restores, 'utf8'));
    const intent = { restores_file: restores, restore: made };
    mkdirSync(join(home, 'restoring'));
    renameSync(join(home, 'cluster'), join(home, 'restoring/cluster'));
    rmSync(restores);
    writeFileSync(join(home, 'swap.json'), JSON.stringify(intent));
    await house.start();
    expect(await house.remembered()).toEqual(['one']);
    expect(existsSync(restores)).toBe(true);
    expect(existsSync(join(home, 'swap.json'))).toBe(false);
  });
});
