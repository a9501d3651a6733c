import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { perSecond } from './statistics.ts';

export interface Machine {
  cpu: string;
  cores: number;
  memoryGb: number;
  node: string;
  /** 8 kB written and synced so many times a second, where the databases of this run lie. */
  syncsPerSecond: number;
  /** Load average of the last minute before the run: on a machine with other work every figure is lower. */
  loadBefore: number;
}

export function machine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? '',
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 1e9),
    node: process.version,
    syncsPerSecond: Math.round(syncs()),
    loadBefore: Math.round(loadavg()[0]! * 100) / 100,
  };
}

function syncs(): number {
  const folder = mkdtempSync(join(tmpdir(), 'sekisho-sync-'));
  const file = openSync(join(folder, 'file'), 'w');
  const page = Buffer.alloc(8_192, 1);
  const from = performance.now();
  let count = 0;
  while (performance.now() - from < 500) {
    writeSync(file, page);
    fdatasyncSync(file);
    count++;
  }
  const rate = perSecond(count, performance.now() - from);
  closeSync(file);
  rmSync(folder, { recursive: true });
  return rate;
}
