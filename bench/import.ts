import { createReadStream, createWriteStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { population, writeResidentFile } from '../src/sample/index.ts';
import type { Extent, Figure, Measured } from './figure.ts';
import type { ImportDone, ImportTask } from './importer.ts';
import { cpuMs, familyCpuMs, machineCpuMs, peakMb, startHelper } from './processes.ts';
import { profileIfAsked } from './profile.ts';
import { perSecond } from './statistics.ts';
import { benchSeed, type Town } from './town.ts';

const schemas = ['keys', 'journal', 'gate', 'national', 'register'];

/** Every table of the house and its rows. */
async function rowsByTable(client: pg.Client): Promise<Map<string, number>> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT format('%I.%I', nspname, relname) AS name FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
     WHERE relkind = 'r' AND nspname = ANY($1) ORDER BY 1`,
    [schemas],
  );
  const counts = new Map<string, number>();
  for (const { name } of rows) {
    const counted = await client.query<{ count: string }>(`SELECT count(*) FROM ${name}`);
    counts.set(name, Number(counted.rows[0]!.count));
  }
  return counts;
}

const plainName = (table: string): string => table.replaceAll('"', '').replace('.', '_');

/**
 * The reference: PostgreSQL's binary COPY of exactly the rows that the import stored, table after table, into empty
 * tables with the same columns, checks and indexes, one transaction each, on the same server.
 */
async function copyReference(town: Town, client: pg.Client, tables: readonly string[]) {
  const files = tables.map((table) => ({ table, file: town.file(`${plainName(table)}.copy`) }));
  await client.query('CREATE SCHEMA copied');
  let bytes = 0;
  for (const { table, file } of files) {
    await pipeline(
      client.query(copyTo(`COPY ${table} TO STDOUT (FORMAT binary)`)),
      createWriteStream(file, { highWaterMark: 1 << 20 }),
    );
    bytes += (await stat(file)).size;
    await client.query(`CREATE TABLE copied.${plainName(table)} (LIKE ${table} INCLUDING ALL)`);
  }
  await client.query('CHECKPOINT');
  const cpu = familyCpuMs(town.databasePid);
  const from = performance.now();
  for (const { table, file } of files) {
    await pipeline(
      createReadStream(file, { highWaterMark: 1 << 18 }),
      client.query(copyFrom(`COPY copied.${plainName(table)} FROM STDIN (FORMAT binary)`)),
    );
  }
  const ms = performance.now() - from;
  const used = familyCpuMs(town.databasePid) - cpu;
  await client.query('DROP SCHEMA copied CASCADE');
  for (const { file } of files) await rm(file);
  return { ms, bytes, databaseCpuMs: used };
}

/** A resident file in CP932 through the real importer and the real gate. */
export async function measureImport(town: Town, extent: Extent, residents: number): Promise<Measured> {
  const begun = performance.now();
  const { municipality } = town;
  const file = town.file('town.csv');
  extent.say(`import: writing a file of ${residents} residents`);
  await writeResidentFile({
    population: population({ seed: benchSeed, municipality, residents }),
    encoding: 'cp932',
    destination: file,
  });
  const session = await town.signInAs('registrar');
  const { caseId } = await town.gate.openCase({ session, purpose: 'register-keeping', note: 'bench' });
  const client = await town.superuser();
  const before = await rowsByTable(client);
  await client.query('CHECKPOINT');
  const clocks = () => ({
    gate: cpuMs(town.gatePid),
    database: familyCpuMs(town.databasePid),
    machine: machineCpuMs(),
    at: performance.now(),
  });
  const started = clocks();
  extent.say('import: importing');
  const importer = startHelper('./importer.ts', {
    gateUrl: town.gateUrl.href,
    tls: town.tls,
    office: town.house.database.connection('office'),
    ...{ session, caseId, municipality, file },
  } satisfies ImportTask);
  const [done] = await Promise.all([
    importer.next<ImportDone>(),
    profileIfAsked(town.gatePid, 20_000, 'import-gate'),
  ]);
  await importer.end();
  const ended = clocks();
  if (done.state !== 'finished' || done.created !== residents)
    throw new Error(`imported ${done.created} of ${residents}, ${done.refused} refused: ${done.state}`);
  const gatePeakMb = peakMb(town.gatePid);
  const after = await rowsByTable(client);
  const tables = [...after].filter(([table, rows]) => rows > before.get(table)!).map(([table]) => table);
  extent.say('import: the same rows by COPY');
  const copy = await copyReference(town, client, tables);
  await client.end();
  await rm(file);
  const rate = perSecond(residents, done.ms);
  const copyRate = perSecond(residents, copy.ms);
  const each = (ms: number) => (ms * 1_000) / residents;
  const figures: Figure[] = [
    {
      id: 'import-rate',
      what: `register import, CP932 file of ${residents.toLocaleString('en')} residents`,
      value: rate,
      unit: 'residents/s',
      reference: { what: 'COPY of exactly the rows stored', value: copyRate, unit: 'residents/s' },
      ratio: rate / copyRate,
      ratioTarget: { atLeast: 0.3 },
    },
    {
      id: 'import-gate-memory',
      what: `peak memory of the gate over an import of ${residents.toLocaleString('en')}`,
      value: gatePeakMb,
      unit: 'MB',
      target: { atMost: 700 },
    },
    {
      id: 'import-memory',
      what: `peak memory of the importer, ${residents.toLocaleString('en')} residents`,
      value: done.peakMb,
      unit: 'MB',
      target: { atMost: 700 },
    },
  ];
  const details = {
    ...{
      residents,
      tables,
      importMs: done.ms,
      checkMs: done.checkMs,
      copyMs: copy.ms,
      copyBytes: copy.bytes,
    },
    cpuMicrosecondsPerResident: {
      importer: each(done.cpuMs),
      gate: each(ended.gate - started.gate),
      database: each(ended.database - started.database),
      copyDatabase: each(copy.databaseCpuMs),
    },
  };
  const used = ended.gate - started.gate + ended.database - started.database + done.cpuMs;
  const had = (ended.at - started.at) * town.pids.cores;
  const othersShare = (ended.machine - started.machine - used) / had;
  return { name: 'import', figures, details, seconds: (performance.now() - begun) / 1_000, othersShare };
}
