import { tmpdir } from 'node:os';
import { GateClient } from '../src/core/gate/index.ts';
import { systemClock } from '../src/ground/clock.ts';
import { openPool } from '../src/ground/database/index.ts';
import type { TlsMaterial } from '../src/ground/http/index.ts';
import type { MunicipalityCode } from '../src/ground/ids.ts';
import { systemRandomness } from '../src/ground/randomness.ts';
import type { Connection } from '../src/processes/house-database.ts';
import {
  fileSource,
  type ImportGate,
  importResidents,
  RegisterStore,
} from '../src/records/register/index.ts';
import { task, tell } from './processes.ts';

/** The importer in a process of its own, as the office runs it. */
export interface ImportTask {
  gateUrl: string;
  tls: TlsMaterial;
  office: Connection;
  session: string;
  caseId: string;
  municipality: MunicipalityCode;
  file: string;
}

export interface ImportDone {
  state: string;
  rows: number;
  created: number;
  refused: number;
  ms: number;
  checkMs: number;
  cpuMs: number;
  peakMb: number;
}

const given = await task<ImportTask>();
const pool = openPool(given.office, { max: 4, name: 'bench-import' });
const gate = new GateClient({ url: given.gateUrl, tls: given.tls, timeoutMs: 60_000 });
const from = performance.now();
let checkMs = 0;
const result = await importResidents({
  gate: gate as ImportGate,
  store: new RegisterStore(pool),
  session: given.session,
  caseId: given.caseId,
  staff: 'demo-registrar',
  municipality: given.municipality,
  source: await fileSource(given.file),
  clock: systemClock,
  randomness: systemRandomness(),
  temporaryFolder: tmpdir(),
  onProgress: ({ phase }) => {
    if (phase === 'writing' && checkMs === 0) checkMs = performance.now() - from;
  },
});
const { user, system } = process.cpuUsage();
tell({
  state: result.state,
  rows: result.rowsRead,
  created: result.rowsCreated,
  refused: result.rowsRefused,
  ms: performance.now() - from,
  checkMs,
  cpuMs: (user + system) / 1_000,
  // Linux counts in kB of 1,024 bytes.
  peakMb: (process.resourceUsage().maxRSS * 1_024) / 1e6,
} satisfies ImportDone);
await gate.close();
await pool.end();
process.disconnect();
