import { mkdirSync, rmSync } from 'node:fs';
import { GateClient, readStatuteTable } from '../core/gate/index.ts';
import { createApi, type RegisterDesk } from '../doors/api/index.ts';
import { systemClock } from '../ground/clock.ts';
import { openPool } from '../ground/database/index.ts';
import { SekishoError } from '../ground/errors.ts';
import type { MunicipalityCode } from '../ground/ids.ts';
import { createLog, type Log } from '../ground/log.ts';
import { systemRandomness } from '../ground/randomness.ts';
import { RegisterService, RegisterStore } from '../records/register/index.ts';
import { type Running, runProcess } from './main.ts';
import { pagesOf } from './pages.ts';
import { checkTls, type OfficeConfig, officeConfig } from './settings.ts';

/** An import's batch of rows is one call of the gate: it may take a while on a slow disk. */
const gateTimeoutMs = 60_000;

async function start(config: OfficeConfig, log: Log): Promise<Running> {
  checkTls(config.gate.tls, 'gate.tls');
  const clock = systemClock;
  const gate = new GateClient({ url: config.gate.url, tls: config.gate.tls, timeoutMs: gateTimeoutMs });
  const pool = openPool(config.database, { max: 8, name: 'office' });
  const store = new RegisterStore(pool);
  const registers = new Map<MunicipalityCode, RegisterDesk>();
  for (const { code } of config.municipalities) {
    const municipality = code as MunicipalityCode;
    registers.set(municipality, {
      service: new RegisterService({ gate, store, clock, municipality }),
      store,
    });
  }
  // What a killed office left behind is sealed under a key that died with it.
  rmSync(config.uploads, { recursive: true, force: true });
  mkdirSync(config.uploads, { recursive: true, mode: 0o700 });
  const first = config.municipalities[0]!.code as MunicipalityCode;
  const app = createApi({
    gate,
    registers,
    journalFolder: config.mirror,
    uploadFolder: config.uploads,
    statutes: readStatuteTable().statutes,
    clock,
    randomness: systemRandomness(),
    log,
    ...(config.site === undefined
      ? {}
      : { site: { origin: config.site.origin, pages: config.site.pages ?? pagesOf('desk') } }),
    ready: async () => {
      const [head] = await Promise.all([gate.head({ municipality: first }), pool.query('SELECT 1')]);
      // While a witness is overdue the gate opens nothing: that is not ready.
      if (head.overdue) throw new SekishoError('witness-overdue', { overdueMs: head.overdueMs });
    },
  });
  const url = await app.listen(config.listen);
  return {
    url,
    stop: async () => {
      await app.close();
      await gate.close();
      await pool.end();
    },
  };
}

await runProcess(officeConfig, () => createLog({ process: 'office' }), start);
