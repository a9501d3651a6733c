import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../test/database.ts';
import { gateServer } from '../core/gate/index.ts';
import { Stage, stageRooms, town } from '../core/gate/staging/stage.fixture.ts';
import { systemClock } from '../ground/clock.ts';
import { SekishoError } from '../ground/errors.ts';
import { createAuthority, type HttpShell, issueCertificate } from '../ground/http/index.ts';
import { silentLog } from '../ground/log.ts';
import { systemRandomness } from '../ground/randomness.ts';
import { demoStaff } from './demo-staff.ts';
import { enrolDemoStaff } from './enrol-demo-staff.ts';
import { houseLayout, makeFolders } from './layout.ts';
import { type HouseSettings, writeJson } from './settings.ts';

let database: FreshDatabase;
let stage: Stage;
let server: HttpShell;
let url: string;
const layout = () => houseLayout(join(stage.folder, 'house'));
const settings = { municipalities: [{ code: town, origin: 'journal.example' }] } as unknown as HouseSettings;
const enrol = () => enrolDemoStaff(layout(), settings, url, systemRandomness());

beforeAll(async () => {
  database = await freshDatabase(stageRooms);
  stage = await new Stage({ gatePool: database.pool('gate', 8), keysPool: database.pool('keys') }).start();
  const authority = await createAuthority(systemClock, systemRandomness());
  const hosts = ['localhost', '127.0.0.1'];
  const tls = await issueCertificate(authority, 'gate', hosts);
  server = gateServer({ gate: stage.gate, log: silentLog, tls });
  url = (await server.listen({ host: '127.0.0.1', port: 0 })).replace('http://', 'https://');
  makeFolders(layout());
  await writeJson(layout().tls('cli-admin'), await issueCertificate(authority, 'cli-admin', hosts));
});
afterAll(async () => {
  await server.close();
  await stage.end();
  await database.drop();
});

describe('enrolling the demonstration’s staff', () => {
  // Each run is cut short one person later than the run before.
  it.each(demoStaff.map((_, done) => done))(
    'cut short after %i of them goes on where it stopped',
    async (done) => {
      const { enrolStaff } = stage.gate;
      let calls = 0;
      stage.gate.enrolStaff = (...given) =>
        calls++ < done ? enrolStaff(...given) : Promise.reject(new SekishoError('unreachable'));
      await expect(enrol()).rejects.toMatchObject({ kind: 'unreachable' });
      stage.gate.enrolStaff = enrolStaff;
      expect(existsSync(join(layout().staff, 'enrolled'))).toBe(false);
    },
  );

  it('comes to its end in the last run, with everybody there', async () => {
    await enrol();
    expect(existsSync(join(layout().staff, 'enrolled'))).toBe(true);
    const { rows } = await database.pool('superuser').query('SELECT staff_id FROM gate.staff');
    expect(rows.map(({ staff_id }) => staff_id).sort()).toEqual(demoStaff.map(({ staff }) => staff).sort());
  });
});
