import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ErrorKind, isSekishoError, SekishoError } from '../errors.ts';
import { openFileSink } from './base-copy-files.ts';
import {
  type BaseCopy,
  listBaseCopies,
  nameOfBase,
  readBaseCopy,
  verifyBaseCopy,
} from './base-copy-manifest.ts';
import { ArchivedCluster } from './recovery.fixture.ts';
import { segmentName } from './recovery-wal.ts';

let house: ArchivedCluster;
let base: BaseCopy;
beforeAll(async () => {
  house = await ArchivedCluster.make();
  base = await house.backup();
});
afterAll(async () => {
  await house.remove();
});

const kindOf = (promise: Promise<unknown>): Promise<ErrorKind | undefined> =>
  promise.then(
    () => undefined,
    (error: unknown) => (isSekishoError(error) ? error.kind : Promise.reject(error)),
  );

describe('a base copy', () => {
  it('is whole by its own manifest, readable for its owner alone, and leaves out what belongs to the server', async () => {
    await verifyBaseCopy(base);
    const files = base.manifest.files.map(({ path }) => path);
    expect(files).toContain('backup_label');
    expect(files).toContain('global/pg_control');
    expect(files.filter((path) => /^(pg_wal|pg_replslot|pg_notify|pg_subtrans)\//.test(path))).toEqual([]);
    expect(
      files.filter((path) => /pg_internal\.init|postmaster\.|pgsql_tmp|tablespace_map/.test(path)),
    ).toEqual([]);
    expect(base.manifest.folders).toContain('pg_wal');
    expect(statSync(base.folder).mode & 0o077).toBe(0);
    expect(statSync(join(base.folder, 'cluster/global/pg_control')).mode & 0o077).toBe(0);
    expect(readFileSync(join(base.folder, 'cluster/backup_label'), 'utf8')).toContain(
      `START WAL LOCATION: ${base.manifest.start_lsn} `,
    );
    const [system] = await house.sql('SELECT system_identifier::text AS id FROM pg_control_system()');
    expect(base.manifest.system_identifier).toBe(system?.['id']);
  });

  it('has all its WAL in the archive when it is done', async () => {
    const { manifest } = base;
    const high = (text: string) => Number.parseInt(text.split('/')[1]!, 16);
    const size = manifest.wal_segment_size_bytes;
    for (
      let n = Math.floor(high(manifest.start_lsn) / size);
      n <= Math.floor((high(manifest.stop_lsn) - 1) / size);
      n++
    )
      expect(statSync(join(house.archive, segmentName(manifest.timeline, BigInt(n), size))).size).toBe(size);
  });

  it('that meets a full disk leaves nothing, and the next one is whole', async () => {
    const before = readdirSync(house.bases);
    let left = 2_000_000;
    const full = house.backup({
      openSink: async (path) => {
        const sink = await openFileSink(path);
        return {
          ...sink,
          write: async (chunk) => {
            left -= chunk.length;
            if (left < 0)
              throw Object.assign(new SekishoError('internal'), { code: 'ENOSPC', kind: undefined });
            await sink.write(chunk);
          },
        };
      },
    });
    expect(await kindOf(full)).toBe('disk-full');
    expect(readdirSync(house.bases)).toEqual(before);
    await verifyBaseCopy(await house.backup());
  });

  it('cut off from its connection half way is no base copy', async () => {
    const before = readdirSync(house.bases);
    let killed = false;
    const cut = house.backup({
      onProgress: (done) => {
        if (done < 100 || killed) return;
        killed = true;
        void house.sql(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'sekisho-backup'`,
        );
      },
      openSink: async (path) => {
        if (killed) await sleep(5);
        return openFileSink(path);
      },
    });
    expect(await kindOf(cut)).toBe('database-unavailable');
    expect(readdirSync(house.bases)).toEqual(before);
  });

  it('killed with its process is not listed, and is swept by the next', async () => {
    const left = join(house.bases, 'unfinished-999999');
    mkdirSync(join(left, 'cluster'), { recursive: true });
    writeFileSync(join(left, 'manifest.json'), '{}');
    const names = (await listBaseCopies(house.bases)).map(({ name }) => name);
    expect(names.filter((name) => !name.startsWith('base-'))).toEqual([]);
    await house.backup();
    expect(existsSync(left)).toBe(false);
  });

  it('is refused while another one runs', async () => {
    let second: Promise<ErrorKind | undefined> | undefined;
    await house.backup({
      onProgress: () => {
        second ??= kindOf(house.backup());
      },
      openSink: async (path) => {
        await second;
        return openFileSink(path);
      },
    });
    expect(await second).toBe('conflict');
  });

  it('is refused when the archive does not take its WAL', async () => {
    const slow = {
      ...house.server,
      places: { ...house.server.places, archive: join(house.folder, 'elsewhere') },
    };
    mkdirSync(join(house.folder, 'elsewhere'), { recursive: true });
    const before = readdirSync(house.bases);
    expect(await kindOf(house.backup({ server: slow, archiveWaitMs: 100 }))).toBe('timeout');
    expect(readdirSync(house.bases)).toEqual(before);
  });

  it('is refused with a tablespace outside the cluster, which it would lack', async () => {
    const link = join(house.server.places.cluster, 'pg_tblspc/99999');
    symlinkSync(house.folder, link);
    expect(await kindOf(house.backup())).toBe('unsupported');
    rmSync(link);
  });

  it('is not held up by a segment that was archived just before the server died', async () => {
    // The archiver renamed the segment but could not note it: it is handed the same one again.
    const [row] = await house.sql('SELECT pg_walfile_name(pg_current_wal_lsn()) AS name');
    const name = String(row?.['name']);
    await house.sql('SELECT pg_current_xact_id()');
    await house.sql('SELECT pg_switch_wal()');
    for (let waited = 0; !existsSync(join(house.archive, name)) && waited < 200; waited++) await sleep(50);
    const status = join(house.server.places.cluster, 'pg_wal/archive_status');
    for (let waited = 0; !existsSync(join(status, `${name}.done`)) && waited < 200; waited++) await sleep(50);
    renameSync(join(status, `${name}.done`), join(status, `${name}.ready`));
    await verifyBaseCopy(await house.backup());
    expect(existsSync(join(status, `${name}.ready`))).toBe(false);
  });

  it('is refused without an archive', async () => {
    const without = { ...house.server, places: { ...house.server.places, archive: undefined } };
    expect(await kindOf(house.backup({ server: without }))).toBe('config-invalid');
  });

  it('is refused at once when the server runs without archiving', async () => {
    await house.server.stop();
    await house.start(false);
    const { archive } = house;
    const server = { ...house.server, places: { ...house.server.places, archive } };
    expect(await kindOf(house.backup({ server }))).toBe('config-invalid');
    await house.server.stop();
    await house.start();
  });
});

describe('a damaged base copy is named with the place', () => {
  it.each([
    [
      'a flipped bit',
      'file-changed',
      (file: string) => {
        const bytes = readFileSync(file);
        bytes[100]! ^= 1;
        writeFileSync(file, bytes);
      },
    ],
    ['a file cut short', 'file-size', (file: string) => writeFileSync(file, readFileSync(file).subarray(1))],
    ['a file that is gone', 'file-missing', (file: string) => rmSync(file)],
  ])('%s', async (_name, reason, damage) => {
    const file = join(base.folder, 'cluster/global/pg_control');
    copyFileSync(file, `${file}.kept`);
    damage(file);
    await expect(verifyBaseCopy(base)).rejects.toMatchObject({
      kind: 'backup-broken',
      facts: { reason, base: base.name, place: 'global/pg_control' },
    });
    renameSync(`${file}.kept`, file);
  });

  it.each([
    ['no manifest', undefined, 'manifest-missing'],
    ['half a manifest', '{"format":"sekisho-base-', 'manifest'],
    ['a manifest that leads outside', undefined, 'manifest'],
  ])('%s', async (name, text, reason) => {
    const file = join(base.folder, 'manifest.json');
    copyFileSync(file, `${file}.kept`);
    const outside = { ...base.manifest, files: [{ ...base.manifest.files[0]!, path: '../../etc/passwd' }] };
    if (name === 'no manifest') rmSync(file);
    else writeFileSync(file, text ?? JSON.stringify(outside));
    await expect(readBaseCopy(house.bases, base.name)).rejects.toMatchObject({
      kind: 'backup-broken',
      facts: { reason, base: base.name },
    });
    renameSync(`${file}.kept`, file);
  });
});

it('a base copy is named for the moment it became consistent', () => {
  expect(nameOfBase('2026-04-01T01:02:03.004Z')).toBe('base-20260401T010203004Z');
});
