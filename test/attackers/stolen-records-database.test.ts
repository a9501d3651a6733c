import { createCipheriv, createDecipheriv, createHash, createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { individualNumberCheckDigit } from '../../src/core/numbers/index.ts';
import { population } from '../../src/sample/index.ts';
import { chiyoda, matsumoto, TestHouse } from '../house.ts';
import { type Cell, dumpSchemas, haystackOf } from './dump.ts';
import { findNeedles, type Needle, needlesOf, textsOf } from './plaintexts.ts';

/**
 * Row 2 of the attacker table: a copy of the records database, or its backup. The dump holds every table that the gate
 * and the office use, read by a superuser; the schema `keys` is a database of its own in production and is row 3's.
 */

let house: TestHouse;
let cells: Cell[];
let numbers: string[];
beforeAll(async () => {
  house = await TestHouse.start({ municipalities: [matsumoto, chiyoda], budgets: 'unlimited' });
  await house.importTown(60);
  await house.importTown(60, { municipality: chiyoda, seed: 'other town' });
  numbers = await openedNumbers();
  // Searches, a change and a case note leave their traces too.
  const desk = await house.openCase('residence-certificate');
  for (const { nameKana, address } of house.residents.slice(0, 5)) {
    await house
      .service()
      .find(desk, { address })
      .catch(() => undefined);
    await house.gate.search({ ...desk, by: { reading: nameKana } }).catch(() => undefined);
  }
  const { session } = await house.desk('clerk');
  const note = `${house.residents[3]!.name} ${house.residents[3]!.address} ${numbers[3]}`;
  await house.gate.openCase({ session, purpose: 'move-in', note });
  cells = await dumpSchemas(house.superuser, ['register', 'national', 'gate', 'journal', 'public']);
});
afterAll(() => house[Symbol.asyncDispose]());

/** The numbers drawn at the import, read by those who may. */
async function openedNumbers(): Promise<string[]> {
  const found: string[] = [];
  const desk = await house.openCase('number-verification');
  for (const person of await house.persons()) {
    const { fields } = await house.gate.open({ ...desk, person, groups: ['number'] });
    found.push(fields['number']!['number']!);
  }
  return found;
}

const needles = (): Needle[] =>
  needlesOf([
    ...house.residents.flatMap(textsOf),
    ...numbers.map((number): [string, string] => ['individual-number', number]),
  ]);

const bytesOf = (table: string, column: string): Buffer[] =>
  cells.filter((cell) => cell.table === table && cell.column === column).map(({ value }) => value);

describe('a copy of the records database', () => {
  it('holds no name, reading, address, birth date, number or code of anybody, in any encoding, in any column', async () => {
    expect(numbers).toHaveLength(60);
    expect(cells.length).toBeGreaterThan(5_000);
    // The date of an event stands open; it may by chance be the day on which somebody else was born.
    const dates = cells.filter(({ column }) => column === 'event_date');
    expect(findNeedles(haystackOf(cells.filter((cell) => !dates.includes(cell))), needles())).toEqual([]);
    const births = await house.superuser.query(
      `SELECT 1 FROM register.resident WHERE event = 'birth' AND event_date IS NOT NULL`,
    );
    expect(births.rowCount).toBe(0);
  });

  it('is searched by a search that finds what is there', () => {
    const { name } = house.residents[0]!;
    for (const hidden of [
      Buffer.from(name),
      Buffer.from(Buffer.from(name, 'utf16le').toString('hex')),
      Buffer.from(Buffer.from(`x${name}`).toString('base64')),
    ]) {
      const planted = [...cells.slice(0, 100), { table: 't', column: 'c', row: 0, value: hidden }];
      expect(findNeedles(haystackOf(planted), needles())).not.toEqual([]);
    }
  });

  it('gives no number back to one who hashes all numbers without a key, or with any value of the dump as the key', () => {
    const indexes = new Set(
      [
        ...bytesOf('national.number_index', 'number_index'),
        ...bytesOf('register.resident', 'number_index'),
      ].map((value) => value.toString('hex')),
    );
    expect(indexes.size).toBe(120);
    // Whoever tries all 10^11 numbers tries these too: so it is enough to show that none of these matches.
    const keys = [...new Set(cells.filter(({ value }) => value.length >= 8).map(({ value }) => value))].slice(
      0,
      20_000,
    );
    let tried = 0;
    for (const number of numbers.slice(0, 3)) {
      for (const text of [number, `${number.slice(0, 4)} ${number.slice(4, 8)} ${number.slice(8)}`]) {
        for (const algorithm of ['md5', 'sha1', 'sha256', 'sha512', 'blake2b512', 'sha3-256']) {
          const digest = createHash(algorithm).update(text).digest('hex');
          tried++;
          expect(indexes.has(digest.slice(0, 32))).toBe(false);
        }
        for (const key of keys) {
          tried++;
          const digest = createHmac('sha256', key).update(text).digest('hex');
          if (indexes.has(digest.slice(0, 32))) expect.fail('a key lies beside its table');
        }
      }
    }
    expect(tried).toBeGreaterThan(10_000);
    expect(individualNumberCheckDigit(numbers[0]!.slice(0, 11))).toBe(Number(numbers[0]![11]));
  });

  it('opens no ciphertext with any value of the dump as the key', () => {
    const keys = [...new Set(cells.map(({ value }) => value.toString('hex')))]
      .filter((hex) => hex.length === 64)
      .map((hex) => Buffer.from(hex, 'hex'));
    const [sealed] = bytesOf('register.resident', 'name_sealed');
    const opens = (bytes: Buffer, key: Buffer, aad: Buffer): boolean => {
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(1, 13)).setAAD(aad);
      decipher.setAuthTag(bytes.subarray(-16));
      try {
        decipher.update(bytes.subarray(13, -16));
        decipher.final();
        return true;
      } catch {
        return false;
      }
    };
    expect(keys.length).toBeGreaterThan(100);
    expect(keys.filter((key) => opens(sealed!, key, Buffer.alloc(0)))).toEqual([]);
    // The trial itself can succeed.
    const cipher = createCipheriv('aes-256-gcm', keys[0]!, Buffer.alloc(12, 7));
    const own = Buffer.concat([
      Buffer.of(1),
      Buffer.alloc(12, 7),
      cipher.update('x'),
      cipher.final(),
      cipher.getAuthTag(),
    ]);
    expect(keys.some((key) => opens(own, key, Buffer.alloc(0)))).toBe(true);
  });

  it('joins no two towns by the index of a reading, a birth date, an address or an address number', async () => {
    const twins = [
      'reading_birth_index',
      'reading_index',
      'address_index',
      'address_number_index',
      'household_index',
    ];
    // The same file in both towns: were the keys the same, every row would meet its twin.
    const shared = population({ seed: 'house', municipality: matsumoto, residents: 60 });
    const readings = new Set([...shared].map(({ nameKana }) => nameKana));
    const others = house.residents.slice(60).filter(({ nameKana }) => readings.has(nameKana));
    const there = new Set(
      [...population({ seed: 'other town', municipality: chiyoda, residents: 60 })].map(
        (r) => r.addressNumber,
      ),
    );
    const both = house.residents.slice(0, 60).filter(({ addressNumber }) => there.has(addressNumber));
    expect(both.length).toBeGreaterThan(0);
    expect(others.length + both.length).toBeGreaterThan(0);
    for (const column of twins.slice(-2)) {
      const { rows } = await house.superuser.query(
        `SELECT count(*)::int AS count FROM register.resident a JOIN register.resident b USING (${column})
         WHERE a.municipality_code <> b.municipality_code`,
      );
      expect(rows).toEqual([{ count: 0 }]);
    }
    // Truncated to 3 or 4 bytes, strangers may meet by chance: fewer than one pair in a thousand.
    for (const column of twins.slice(0, 3)) {
      const { rows } = await house.superuser.query<{ count: number }>(
        `SELECT count(*)::int AS count FROM register.resident a JOIN register.resident b USING (${column})
         WHERE a.municipality_code < b.municipality_code`,
      );
      expect(rows[0]!.count).toBeLessThanOrEqual(2);
    }
  });

  it('tells neither sex nor number nor code by the length of a ciphertext', async () => {
    const { rows } = await house.superuser.query<Record<string, number>>(
      `SELECT octet_length(birth_sealed) AS birth, octet_length(number_sealed) AS number,
         octet_length(resident_code_sealed) AS code FROM register.resident`,
    );
    const sexes = new Set(house.residents.map(({ sex }) => sex));
    expect(sexes.size).toBe(2);
    for (const column of ['birth', 'number', 'code']) {
      expect(new Set(rows.map((row) => row[column])).size, column).toBe(1);
    }
  });

  it('tells people apart by status, event and date of event alone, and households by equality within one town', async () => {
    const open = await house.superuser.query<{ column_name: string }>(
      `SELECT column_name FROM information_schema.columns
       WHERE table_schema = 'register' AND table_name = 'resident' AND data_type <> 'bytea' ORDER BY 1`,
    );
    expect(open.rows.map((row) => row.column_name)).toEqual([
      'event',
      'event_date',
      'key_version',
      'line_index',
      'log_number',
      'municipality_code',
      'person_id',
      'status',
    ]);
  });
});
