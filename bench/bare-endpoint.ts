import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { placeOf } from '../src/core/gate/index.ts';
import { decodeLine } from '../src/core/journal/index.ts';
import { leafHashOfCommitment } from '../src/core/journal/leaf.ts';
import { openField, openFileKeyStore, PersonKeys, readPassphraseFile } from '../src/core/seal/index.ts';
import { systemClock } from '../src/ground/clock.ts';
import { openPool } from '../src/ground/database/index.ts';
import { httpShell, type TlsMaterial } from '../src/ground/http/index.ts';
import { isUuid, type MunicipalityCode, type PersonId } from '../src/ground/ids.ts';
import { silentLog } from '../src/ground/log.ts';
import { systemRandomness } from '../src/ground/randomness.ts';
import type { Connection } from '../src/processes/house-database.ts';
import { journalPorts } from '../src/processes/journal-ports.ts';
import { residentTable } from '../src/records/register/index.ts';
import { task, tell } from './processes.ts';

/**
 * The reference for a disclosure and for a history: the same HTTP shell with mutual TLS and a validated body, the rows by
 * primary key, the fields decrypted. No session, authority, budget, journal, receipt or proof, and no cleverness: each
 * request asks the database for itself, row and wrapped key at the same time.
 */
export interface BareTask {
  tls: TlsMaterial;
  gate: Connection;
  keys: Connection;
  keystoreFile: string;
  passphraseFile: string;
  municipality: MunicipalityCode;
  origin: string;
}

const given = await task<BareTask>();
const randomness = systemRandomness();
const passphrase = await readPassphraseFile(given.passphraseFile, { production: false });
const store = await openFileKeyStore(given.keystoreFile, { passphrase }, { production: false });
const pool = openPool(given.gate, { max: 12, name: 'bench-bare' });
const keyPool = openPool(given.keys, { max: 12, name: 'bench-bare-keys' });
const keys = new PersonKeys(keyPool, store, systemClock, randomness);
const { municipality } = given;
const ports = await journalPorts(store, municipality, given.origin, randomness);
const app = httpShell({ name: 'bare', log: silentLog, tls: given.tls });

const id = z.string().min(1).max(200);
const uuid = z.string().refine(isUuid, 'uuid');
const body = z.strictObject({
  session: id,
  caseId: uuid,
  person: uuid,
  groups: z.array(z.string().min(1).max(64)).min(1).max(32),
});

app.post('/bare/open', { schema: { body } }, async (request) => {
  const { person, groups } = request.body;
  const columns = groups.map((group) => residentTable.groups[group]!.column);
  const [found, [wrapped]] = await Promise.all([
    pool.query<Record<string, Buffer>>({
      name: `bare-row-${columns.join('-')}`,
      text: `SELECT key_version, ${columns.join(', ')} FROM register.resident
        WHERE municipality_code = $1 AND person_id = $2`,
      values: [municipality, person],
    }),
    keyPool
      .query<{ key_version: number; shard: number; wrapped: Buffer }>({
        name: 'bare-key',
        text: 'SELECT key_version, shard, wrapped FROM keys.person_key WHERE person_id = $1',
        values: [person],
      })
      .then(({ rows }) => rows),
  ]);
  const { shard, wrapped: bytes, key_version: version } = wrapped!;
  const key = await keys.unwrap({ person: person as PersonId, version, shard, wrapped: bytes });
  const fields: Record<string, unknown> = {};
  for (const [i, group] of groups.entries()) {
    const sealed = found.rows[0]![columns[i]!]!;
    const place = placeOf(residentTable, municipality, columns[i]!, person as PersonId, version);
    fields[group] = sealed === null ? {} : JSON.parse(openField(key, place, sealed).toString('utf8'));
  }
  key.fill(0);
  return { fields, id: randomUUID() };
});

app.post('/bare/history', { schema: { body: z.strictObject({ person: uuid }) } }, async (request) => {
  const person = request.body.person as PersonId;
  const { rows } = await pool.query<{
    line_index: string;
    at_ms: string;
    commitment: Buffer;
    sealed: Buffer;
  }>({
    name: 'bare-history',
    text: `SELECT line_index, at_ms, commitment, sealed FROM journal.line JOIN journal.payload
        USING (municipality_code, log_number, line_index)
      WHERE municipality_code = $1 AND log_number = 1 AND person_token = $2 ORDER BY line_index DESC LIMIT 50`,
    values: [municipality, ports.personToken(person)],
  });
  const lines = rows.map(({ line_index, at_ms, commitment, sealed }) => {
    const plain = ports.sealer.open(leafHashOfCommitment(commitment), Number(at_ms), sealed);
    const { kind, body } = decodeLine(plain.subarray(32));
    return { index: Number(line_index), at: Number(at_ms), kind, body };
  });
  return { lines };
});

tell({ url: await app.listen({ host: '127.0.0.1', port: 0 }) });
