import type pg from 'pg';
import type { MunicipalityCode } from '../../ground/ids.ts';
import type { NationalIndex, RecordStore, WholeRow } from './record-store.ts';
import type { Planned } from './write-op.ts';

/** Writes planned rows with all that belongs to them, within the transaction of their lines. */
export async function writeRows(
  tx: pg.PoolClient,
  records: RecordStore,
  municipality: MunicipalityCode,
  planned: readonly Planned[],
  lines: { log: number; indexes: readonly number[] },
): Promise<void> {
  const { log, indexes } = lines;
  await writeNational(tx, records, municipality, planned);
  const rows = planned.map((each, i): [Planned, WholeRow] => [
    each,
    { person: each.person, log, lineIndex: indexes[i]!, values: each.values },
  ]);
  await records.insert(
    tx,
    municipality,
    rows.flatMap(([each, row]) => (each.base === null ? [row] : [])),
  );
  await records.replace(
    tx,
    municipality,
    rows.flatMap(([each, row]) => (each.base === null ? [] : [{ ...row, from: each.base }])),
  );
  await writeArrivals(tx, municipality, planned);
  await writeDepartures(tx, municipality, planned);
  await records.storeOutcomes(
    tx,
    municipality,
    planned.map((each, i) => ({
      requestId: each.work.op.requestId,
      outcome: each.outcome,
      person: each.person,
      log,
      lineIndex: indexes[i]!,
      state: each.after,
      request: each.request,
    })),
  );
}

/** Nation-wide indexes: new ones are claimed, replaced ones retired for ever, a mover's led to his new municipality. */
async function writeNational(
  tx: pg.PoolClient,
  records: RecordStore,
  municipality: MunicipalityCode,
  planned: readonly Planned[],
): Promise<void> {
  for (const { column, national } of Object.values(records.table.indexes)) {
    if (!national) continue;
    const which: NationalIndex = national;
    const claims: { index: Buffer; person: Planned['person'] }[] = [];
    const retired: Buffer[] = [];
    const moves: { index: Buffer; from: MunicipalityCode; to: MunicipalityCode }[] = [];
    for (const each of planned) {
      const value = each.values[column] as Buffer | null;
      const old = ((each.origin?.row ?? each.base)?.values[column] ?? null) as Buffer | null;
      const same = value !== null && old !== null && value.equals(old);
      if (same && each.origin) moves.push({ index: value, from: each.origin.municipality, to: municipality });
      if (same) continue;
      if (old !== null) retired.push(old);
      if (value !== null) claims.push({ index: value, person: each.person });
    }
    await records.retire(tx, which, retired);
    await records.claim(tx, which, municipality, claims);
    await records.lead(tx, which, moves);
  }
}

/** Who comes home is no longer to be written out here, should that not have been done yet. */
async function writeArrivals(
  tx: pg.PoolClient,
  municipality: MunicipalityCode,
  planned: readonly Planned[],
): Promise<void> {
  const home = planned.filter((each) => each.origin !== null && each.base !== null);
  if (home.length === 0) return;
  await tx.query('DELETE FROM gate.departure WHERE municipality_code = $1 AND person_id = ANY($2::uuid[])', [
    municipality,
    home.map((each) => each.person),
  ]);
}

/** Where a mover came from he is still to be written out, by a line of that municipality's own journal. */
async function writeDepartures(
  tx: pg.PoolClient,
  municipality: MunicipalityCode,
  planned: readonly Planned[],
): Promise<void> {
  const movers = planned.filter((each) => each.origin && each.origin.row.values['status'] !== 'moved-out');
  if (movers.length === 0) return;
  await tx.query(
    `INSERT INTO gate.departure (municipality_code, person_id, arrived_in, event_date)
     SELECT * FROM unnest($1::text[], $2::uuid[], $3::text[], $4::text[])
     ON CONFLICT (municipality_code, person_id) DO NOTHING`,
    [
      movers.map((each) => each.origin!.municipality),
      movers.map((each) => each.person),
      movers.map(() => municipality),
      movers.map((each) => each.values['event_date'] ?? null),
    ],
  );
}
