import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../test/database.ts';
import { gateServer } from '../core/gate/index.ts';
import { otherTown, Stage, stageRooms, town } from '../core/gate/staging/stage.fixture.ts';
import { decodeLine } from '../core/journal/index.ts';
import { systemClock } from '../ground/clock.ts';
import { createAuthority, type HttpShell, issueCertificate } from '../ground/http/index.ts';
import type { MunicipalityCode } from '../ground/ids.ts';
import { silentLog } from '../ground/log.ts';
import { systemRandomness } from '../ground/randomness.ts';
import { initHouse } from './init.ts';
import { houseLayout } from './layout.ts';
import { noteBackups } from './note-backups.ts';
import { writeJson } from './settings.ts';

let database: FreshDatabase;
let stage: Stage;
let server: HttpShell;
let url: string;
const folder = () => join(stage.folder, 'house');
const layout = () => houseLayout(folder());

beforeAll(async () => {
  database = await freshDatabase(stageRooms);
  const municipalities = [town, otherTown];
  stage = await new Stage({
    ...{ gatePool: database.pool('gate', 8), keysPool: database.pool('keys'), municipalities },
  }).start();
  await initHouse({
    ...{
      folder: folder(),
      municipalities,
      originPrefix: 'test.sekisho.invalid',
      mode: 'demo',
      database: 'embedded',
    },
  });
  const authority = await createAuthority(systemClock, systemRandomness());
  const hosts = ['localhost', '127.0.0.1'];
  server = gateServer({
    gate: stage.gate,
    log: silentLog,
    tls: await issueCertificate(authority, 'gate', hosts),
  });
  url = (await server.listen({ host: '127.0.0.1', port: 0 })).replace('http://', 'https://');
  await writeJson(layout().tls('cli-admin'), await issueCertificate(authority, 'cli-admin', hosts));
});
afterAll(async () => {
  await server.close();
  await stage.end();
  await database.drop();
});

/** A base copy as it lies there, without its cluster. */
async function baseCopy(at: string, journals?: unknown): Promise<string> {
  const name = `base-${at.replace(/[-:.]/g, '')}`;
  const place = join(layout().backup, 'base', name);
  mkdirSync(place, { recursive: true });
  const manifest = {
    ...{
      format: 'sekisho-base-copy/1',
      label: 'sekisho',
      timeline: 1,
      start_lsn: '0/1000000',
      started_at: at,
    },
    ...{ system_identifier: '1', server_version: 180_000, wal_segment_size_bytes: 4_194_304 },
    ...{ stopped_at: at, stop_lsn: '0/1000100', folders: [], files: [] },
  };
  writeFileSync(join(place, 'manifest.json'), JSON.stringify(manifest));
  if (journals !== undefined) await writeJson(join(place, 'journals.json'), journals);
  return name;
}
const runs = () => writeJson(layout().houseFile, { gateUrl: url, pid: process.pid });
async function lines(of: MunicipalityCode) {
  const found = [];
  const journal = stage.gate.journal(of);
  for await (const line of journal.read(0, journal.head().size)) {
    const { kind, body } = decodeLine(line.payload);
    if (kind === 'backup.made') found.push(body);
  }
  return found;
}

describe('base copies that no line tells of', () => {
  let first: string;
  it('wait while the house stands still', async () => {
    first = await baseCopy('2026-04-01T00:00:00.000Z', [{ municipality: town, size: 12, checkpoint: 'x' }]);
    expect(await noteBackups(folder())).toEqual([]);
    expect(await lines(town)).toEqual([]);
  });

  it('are told of in the journal of each municipality once it runs', async () => {
    await runs();
    expect(await noteBackups(folder())).toEqual([first]);
    const [line] = await lines(town);
    expect(line).toMatchObject({
      backup: first,
      size: 12,
      to: Date.parse('2026-04-01'),
      caller: 'cli-admin',
    });
    expect(line!['digest']).toMatch(/^[0-9a-f]{64}$/);
    expect(await lines(otherTown)).toEqual([expect.objectContaining({ backup: first, size: 0 })]);
  });

  it('are told of once', async () => {
    const second = await baseCopy('2026-04-02T00:00:00.000Z');
    expect(await noteBackups(folder())).toEqual([second]);
    expect(await noteBackups(folder())).toEqual([]);
    expect((await lines(town)).map(({ backup }) => backup)).toEqual([first, second]);
    const noted = readFileSync(join(layout().backup, 'base', second, 'noted.json'), 'utf8');
    expect(Object.keys(JSON.parse(noted)).sort()).toEqual([town, otherTown].sort());
  });

  it('stay untold where the gate does not answer, and are told of later', async () => {
    const third = await baseCopy('2026-04-03T00:00:00.000Z');
    await writeJson(layout().houseFile, { gateUrl: 'https://127.0.0.1:9', pid: process.pid });
    await expect(noteBackups(folder())).rejects.toMatchObject({ kind: 'unreachable' });
    await runs();
    expect(await noteBackups(folder())).toEqual([third]);
    rmSync(layout().houseFile);
  });
});
