import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readStatuteTable } from '../../src/core/gate/index.ts';
import { type ApiPorts, createApi, type RegisterDesk } from '../../src/doors/api/index.ts';
import { manualClock } from '../../src/ground/clock.ts';
import type { MunicipalityCode } from '../../src/ground/ids.ts';
import { silentLog } from '../../src/ground/log.ts';
import { seededRandomness } from '../../src/ground/randomness.ts';

export const town = '131016' as MunicipalityCode;
export const signedIn = { authorization: 'Bearer c2Vzc2lvbi1vZi1hLXRlc3Q' };

/** The office's API over a gate that only counts what reaches it: for what HTTP itself must refuse. */
export function bareOffice() {
  const folder = mkdtempSync(join(tmpdir(), 'sekisho-asvs-'));
  const journalFolder = join(folder, 'journal');
  mkdirSync(join(journalFolder, town, 'payload'), { recursive: true });
  mkdirSync(join(folder, 'uploads'));
  const reached: string[] = [];
  const gate = new Proxy({} as ApiPorts['gate'], {
    get: (_target, operation: string) => async () => {
      reached.push(operation);
      return { nonce: 'nonce' };
    },
  });
  const app = createApi({
    gate,
    registers: new Map([[town, {} as RegisterDesk]]),
    journalFolder,
    uploadFolder: join(folder, 'uploads'),
    statutes: readStatuteTable().statutes,
    clock: manualClock(),
    randomness: seededRandomness('asvs'),
    log: silentLog,
    ready: async () => {},
  });
  return {
    app,
    reached,
    journalFolder,
    async end() {
      await app.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
