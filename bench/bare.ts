import { readFileSync } from 'node:fs';
import { readJson, tlsFile } from '../src/processes/settings.ts';
import type { BareTask } from './bare-endpoint.ts';
import { type Helper, startHelper } from './processes.ts';
import type { Town } from './town.ts';

/** Starts the bare endpoint on the house's database and keys. */
export async function startBare(town: Town): Promise<{ helper: Helper; port: number }> {
  const { layout, database, settings } = town.house;
  const helper = startHelper('./bare-endpoint.ts', {
    tls: await readJson(layout.tls('gate'), 'certificate', tlsFile),
    gate: database.connection('gate'),
    keys: database.connection('keys'),
    keystoreFile: layout.keystoreFile,
    passphraseFile: layout.passphraseFile,
    municipality: town.municipality,
    origin: settings.municipalities[0]!.origin,
  } satisfies BareTask);
  const { url } = await helper.next<{ url: string }>();
  return { helper, port: Number(new URL(url).port) };
}

/** The tail of a process's log, for the error of a bench that went wrong. */
export function gateLogTail(town: Town): string {
  try {
    return readFileSync(`${town.house.layout.logs}/gate.log`, 'utf8').slice(-2_000);
  } catch {
    return '';
  }
}
