import { hash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { GateClient } from '../core/gate/index.ts';
import { listBaseCopies } from '../ground/database/index.ts';
import type { MunicipalityCode } from '../ground/ids.ts';
import { readSettings } from './init.ts';
import { houseLayout } from './layout.ts';
import { readJson, tlsFile, writeJson } from './settings.ts';

const runningHouse = z.looseObject({ gateUrl: z.string() });
const positions = z.array(z.looseObject({ municipality: z.string(), size: z.number() }));

/** What says that a base copy's lines are in the journals; beside its manifest. */
const notedFile = 'noted.json';

/**
 * Has the running house put down each base copy that no line tells of yet, in every municipality's journal; gives their
 * names. Of a house that does not run it gives none: what was copied meanwhile is told of when it runs again.
 * Errors: those of the gate.
 */
export async function noteBackups(folder: string): Promise<string[]> {
  const layout = houseLayout(folder);
  if (!existsSync(layout.houseFile)) return [];
  const bases = await listBaseCopies(join(layout.backup, 'base'));
  const untold = bases.filter((base) => !existsSync(join(base.folder, notedFile)));
  if (untold.length === 0) return [];
  const { gateUrl } = await readJson(layout.houseFile, 'house', runningHouse);
  const gate = new GateClient({
    url: gateUrl,
    tls: await readJson(layout.tls('cli-admin'), 'certificate', tlsFile),
  });
  try {
    const { municipalities } = await readSettings(folder);
    for (const base of untold) {
      const file = join(base.folder, 'journals.json');
      const sizes = existsSync(file) ? await readJson(file, 'journals', positions) : [];
      const digest = hash('sha256', await readFile(join(base.folder, 'manifest.json')), 'hex');
      const made = { backup: base.name, digest, to: Date.parse(base.manifest.stopped_at) };
      const lines: Record<string, number> = {};
      for (const { code } of municipalities) {
        const size = sizes.find((each) => each.municipality === code)?.size ?? 0;
        const { line } = await gate.noteBackup({ municipality: code as MunicipalityCode, size, ...made });
        lines[code] = line;
      }
      // Should the machine stop just before: told twice, which harms nobody.
      await writeJson(join(base.folder, notedFile), lines);
    }
    return untold.map(({ name }) => name);
  } finally {
    await gate.close();
  }
}
