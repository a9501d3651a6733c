import { createDecipheriv } from 'node:crypto';
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { folderSource, nodePrimitives, type Receipt } from '../../src/core/journal/index.ts';
import { proveDropped, type Verdict, verifyLog, verifyReceipt } from '../../src/core/journal/verify/index.ts';
import type { PersonId } from '../../src/ground/ids.ts';
import { matsumoto, TestHouse } from '../house.ts';
import { dumpSchemas, haystackOf, readTree } from './dump.ts';
import { findNeedles, needlesOf, textsOf } from './plaintexts.ts';

/**
 * Row 7 of the attacker table: the journal store, that is its tables and the mirror folder, to read and to write.
 * Salted commitments and sealed payloads; a line changed, dropped or put elsewhere is found by who was not asked.
 */

let house: TestHouse;
let persons: PersonId[];
/** What the residents and desks were given at once. */
const receipts: { receipt: Receipt; person: PersonId }[] = [];
beforeAll(async () => {
  // A batch's worth of lines, so that there are full tiles as well as partial ones.
  house = await TestHouse.start({ budgets: 'unlimited' });
  await house.importTown(300);
  persons = await house.persons();
  const desk = await house.openCase('residence-certificate');
  for (const person of persons.slice(0, 20)) {
    const { receipt } = await house.gate.open({ ...desk, person, groups: ['name', 'address'] });
    receipts.push({ receipt, person });
  }
  await house.service().find(desk, { address: house.residents[0]!.address });
  await house.journal().flush();
});
afterAll(() => house[Symbol.asyncDispose]());

let copies = 0;
/** A copy of the mirror that an intruder works on. */
function mirrorCopy(): string {
  const copy = join(house.folder, `mirror-${copies++}`);
  cpSync(house.mirror(), copy, { recursive: true });
  return copy;
}

const check = async (folder: string): Promise<Verdict<unknown>> =>
  verifyLog(folderSource(folder), await house.policy(), undefined, nodePrimitives);

/** Bundles of C2SP tlog-tiles: entries, each with its length in two bytes. */
function entriesOf(bytes: Buffer): Buffer[] {
  const entries: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt16BE(at);
    entries.push(bytes.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return entries;
}

function bundleOf(entries: readonly Buffer[]): Buffer {
  return Buffer.concat(
    entries.flatMap((entry) => {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(entry.length);
      return [length, entry];
    }),
  );
}

describe('who reads the journal store', () => {
  it('finds no value of any resident in the tables or in the mirrored files', async () => {
    const cells = await dumpSchemas(house.superuser, ['journal']);
    const files = [...readTree(house.mirror())].map(([table, value]) => ({
      table,
      column: '',
      row: 0,
      value,
    }));
    expect(files.length).toBeGreaterThan(3);
    expect(
      findNeedles(haystackOf([...cells, ...files]), needlesOf(house.residents.flatMap(textsOf))),
    ).toEqual([]);
  });

  it('finds no id of a person, of a member of staff or of a case either: who was looked at by whom is sealed', async () => {
    const { caseId } = await house.openCase('move-in');
    await house.journal().flush();
    const ids = [...persons, caseId].flatMap((id): [string, string][] => [
      ['id', id],
      ['id-compact', id.replaceAll('-', '')],
    ]);
    ids.push(['staff', `clerk@${matsumoto}`], ['kind', 'field.opened'], ['purpose', 'residence-certificate']);
    const binary = persons.map((id) => ({
      what: 'id-bytes',
      bytes: Buffer.from(id.replaceAll('-', ''), 'hex'),
    }));
    const cells = await dumpSchemas(house.superuser, ['journal']);
    const files = [...readTree(house.mirror())].map(([table, value]) => ({
      table,
      column: '',
      row: 0,
      value,
    }));
    const found = findNeedles(haystackOf([...cells, ...files]), [...needlesOf(ids), ...binary]);
    expect(found).toEqual([]);
  });

  it('cannot test a guess against a commitment: the same line written twice commits to two values', async () => {
    const { rows } = await house.superuser.query<{ total: number; apart: number }>(
      'SELECT count(*)::int AS total, count(DISTINCT commitment)::int AS apart FROM journal.line',
    );
    expect(rows[0]!.apart).toBe(rows[0]!.total);
    const leaf = await house.superuser.query<{ sealed: Buffer; commitment: Buffer }>(
      'SELECT sealed, commitment FROM journal.payload JOIN journal.line USING (municipality_code, log_number, line_index) LIMIT 1',
    );
    const { sealed, commitment } = leaf.rows[0]!;
    const decipher = createDecipheriv('aes-256-gcm', commitment, sealed.subarray(1, 13));
    decipher.setAuthTag(sealed.subarray(-16));
    decipher.update(sealed.subarray(13, -16));
    expect(() => decipher.final()).toThrow();
  });
});

describe('who writes the journal store', () => {
  it('as it stands the log verifies, and each receipt holds', async () => {
    expect(await check(mirrorCopy())).toMatchObject({ ok: true });
    const { origin, logKey } = await house.policy();
    for (const { receipt } of receipts) {
      expect(verifyReceipt(receipt, { origin, logKey }, nodePrimitives)).toMatchObject({ ok: true });
    }
  });

  it('changes one bit of any mirrored tile, bundle or checkpoint, and the check fails', async () => {
    const { witnessedSize: size } = house.journal().head();
    // Partial tiles of earlier sizes lie about until the full one comes; nobody reads them.
    const widths = new Set([String(size % 256), String(Math.floor(size / 256) % 256)]);
    const paths = [...readTree(house.mirror()).keys()].filter((path) => {
      const partial = /\.p\/(\d+)$/.exec(path)?.[1];
      return (
        path === 'checkpoint' || (path.startsWith('tile') && (partial === undefined || widths.has(partial)))
      );
    });
    expect(paths.length).toBeGreaterThan(4);
    expect(paths.some((path) => path.startsWith('tile/entries'))).toBe(true);
    for (const path of paths) {
      const folder = mirrorCopy();
      const bytes = Buffer.from(readTree(folder).get(path)!);
      bytes[bytes.length >> 1]! ^= 0x04;
      writeFileSync(join(folder, path), bytes);
      expect(await check(folder), path).toMatchObject({ ok: false });
    }
  });

  it('drops a line and closes up, and the check fails', async () => {
    const folder = mirrorCopy();
    const path = 'tile/entries/000';
    const entries = entriesOf(readTree(folder).get(path)!);
    expect(entries).toHaveLength(256);
    writeFileSync(
      join(folder, path),
      bundleOf([...entries.slice(0, 40), ...entries.slice(41), entries[40]!]),
    );
    expect(await check(folder)).toMatchObject({ ok: false });
  });

  it('swaps two lines, and the check fails', async () => {
    const folder = mirrorCopy();
    const path = 'tile/entries/000';
    const entries = entriesOf(readTree(folder).get(path)!);
    [entries[10], entries[11]] = [entries[11]!, entries[10]!];
    writeFileSync(join(folder, path), bundleOf(entries));
    expect(await check(folder)).toMatchObject({ ok: false });
  });

  it('puts an older, honestly signed head back with everything after it gone, and the holder of a later receipt proves it', async () => {
    const old = mirrorCopy();
    const desk = await house.openCase('residence-certificate');
    const { receipt } = await house.gate.open({ ...desk, person: persons[30]!, groups: ['name'] });
    await house.journal().flush();
    const policy = await house.policy();
    // The old head is a true one: alone it is only old. So the receipt is `not-yet` until somebody shows a head
    // that is large enough, and the witness has one: it will never cosign the old one again.
    const finding = await proveDropped(receipt, { source: folderSource(old), policy }, nodePrimitives);
    expect(finding).toMatchObject({ finding: 'not-yet' });
    const seen = await house.witnessClient().latest(house.origin());
    const size = Number(seen!.split('\n')[1]);
    expect(size).toBeGreaterThan(receipt.index);
  });

  it('who rewrites database and mirror together meets the witness: the gate finds the log forked and does not open', async () => {
    const mirror = readTree(house.mirror());
    await house.closeGate();
    const { rows } = await house.superuser.query<{ commitment: Buffer; line_index: string }>(
      'SELECT line_index, commitment FROM journal.line ORDER BY line_index DESC LIMIT 1',
    );
    const { commitment, line_index } = rows[0]!;
    const changed = Buffer.from(commitment);
    changed[0]! ^= 1;
    const set = 'UPDATE journal.line SET commitment = $2 WHERE line_index = $1';
    await house.superuser.query(set, [line_index, changed]);
    await expect(house.openGate()).rejects.toMatchObject({ kind: 'log-forked' });
    await house.superuser.query(set, [line_index, commitment]);
    expect(mirror.size).toBeGreaterThan(0);
    await house.openGate();
  });

  it('deletes the newest lines from the tables: the gate finds itself behind its witness and does not open', async () => {
    await house.closeGate();
    const keep = await house.superuser.query('SELECT * FROM journal.line ORDER BY line_index DESC LIMIT 3');
    const kept = await house.superuser.query(
      'SELECT * FROM journal.payload ORDER BY line_index DESC LIMIT 3',
    );
    const least = Math.min(...keep.rows.map((row) => Number(row.line_index)));
    await house.superuser.query('DELETE FROM journal.payload WHERE line_index >= $1', [least]);
    await house.superuser.query('DELETE FROM journal.line WHERE line_index >= $1', [least]);
    await expect(house.openGate()).rejects.toMatchObject({ kind: 'log-behind-witness' });
    for (const [table, rows] of [
      ['line', keep.rows],
      ['payload', kept.rows],
    ] as const) {
      for (const row of rows) {
        const columns = Object.keys(row);
        await house.superuser.query(
          `INSERT INTO journal.${table} (${columns.join(', ')}) VALUES (${columns.map((_, i) => `$${i + 1}`).join(', ')})`,
          Object.values(row),
        );
      }
    }
    await house.openGate();
    house.forgetDesks();
  });

  it('deletes a line in the middle while the gate runs: a resident’s history and the verification name it', async () => {
    const victim = receipts[5]!;
    const take = await house.superuser.query(
      'DELETE FROM journal.payload WHERE line_index = $1 RETURNING *',
      [victim.receipt.index],
    );
    const line = await house.superuser.query('DELETE FROM journal.line WHERE line_index = $1 RETURNING *', [
      victim.receipt.index,
    ]);
    expect(line.rows).toHaveLength(1);
    const verify = async () => {
      for await (const _ of house.gate.verify(matsumoto)) void _;
    };
    await expect(verify()).rejects.toMatchObject({
      kind: 'log-forked',
      facts: { index: victim.receipt.index },
    });
    // The mirror still has it, and the receipt finds it there.
    const present = await proveDropped(
      victim.receipt,
      { source: folderSource(house.mirror()), policy: await house.policy() },
      nodePrimitives,
    );
    expect(present).toMatchObject({ finding: 'present' });
    for (const [table, row] of [
      ['line', line.rows[0]],
      ['payload', take.rows[0]],
    ] as const) {
      const columns = Object.keys(row);
      await house.superuser.query(
        `INSERT INTO journal.${table} (${columns.join(', ')}) VALUES (${columns.map((_, i) => `$${i + 1}`).join(', ')})`,
        Object.values(row),
      );
    }
  });

  it('puts one line’s sealed payload under another: it opens nowhere, so no line can be made to say what another said', async () => {
    const [a, b] = receipts.map(({ receipt }) => receipt.index);
    const swap = `UPDATE journal.payload AS p SET sealed = o.sealed FROM journal.payload o
      WHERE p.line_index IN ($1, $2) AND o.line_index IN ($1, $2) AND p.line_index <> o.line_index`;
    await house.superuser.query(swap, [a, b]);
    await expect(house.journal().linesOf(receipts[0]!.person)).rejects.toMatchObject({ kind: 'seal-broken' });
    await house.superuser.query(swap, [a, b]);
    expect(await house.journal().linesOf(receipts[0]!.person)).not.toHaveLength(0);
  });
});

describe('without its witness', () => {
  it('the gate stops releasing within seconds, and goes on when the witness is back', async () => {
    const desk = await house.openCase('residence-certificate');
    const open = () => house.gate.open({ ...desk, person: persons[0]!, groups: ['name'] });
    await house.journal().flush();
    await house.stopWitness();
    await open();
    house.manualClock.advance(5_001);
    await expect(open()).rejects.toMatchObject({ kind: 'witness-overdue' });
    await expect(house.service().find(desk, { addressNumber: '9900000001' })).rejects.toMatchObject({
      kind: 'witness-overdue',
    });
    const refusals = (await house.lines()).slice(-2);
    expect(refusals.map(({ kind }) => kind)).toEqual(['field.refused', 'search.refused']);
    await house.startWitness();
    await expect
      .poll(
        () =>
          open().then(
            () => true,
            () => false,
          ),
        { timeout: 10_000 },
      )
      .toBe(true);
    expect(await house.inspect()).toMatchObject({ log: { ok: true }, findings: [] });
  });
});
