import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import { manualClock } from '../../ground/clock.ts';
import { type ErrorFacts, isSekishoError } from '../../ground/errors.ts';
import { type PersonId, uuidv7 } from '../../ground/ids.ts';
import { seededRandomness } from '../../ground/randomness.ts';
import { FileKeyStore } from './file-key-store.ts';
import { keyBackupMaximumMs } from './key-backup.ts';
import { sealMigrations } from './migrations.ts';
import { type PersonKey, PersonKeys } from './person-keys.ts';

const randomness = seededRandomness('key backup');
const store = new FileKeyStore(Buffer.from(randomness.bytes(32)), randomness.bytes(16), randomness);
const folder = mkdtempSync(join(tmpdir(), 'sekisho-backup-'));
const day = 86_400_000;
const databases: FreshDatabase[] = [];
let clock = manualClock();
let counter = 0;

afterAll(async () => {
  rmSync(folder, { recursive: true });
  await Promise.all(databases.map((database) => database.drop()));
});
beforeEach(() => {
  clock = manualClock();
});

async function emptyKeys(): Promise<PersonKeys> {
  const database = await freshDatabase([sealMigrations]);
  databases.push(database);
  return new PersonKeys(database.pool('keys'), store, clock, randomness);
}

async function refusal(work: Promise<unknown>): Promise<{ kind: string } & ErrorFacts> {
  try {
    await work;
  } catch (error) {
    if (isSekishoError(error)) return { kind: error.kind, ...error.facts };
    throw error;
  }
  return { kind: 'done' };
}

const draw = (count: number) => Array.from({ length: count }, () => uuidv7(clock, randomness) as PersonId);

/** A database of 2,100 keys (more than one page) with two versions of one and one erased, and its backup. */
async function backedUp(): Promise<{ keys: PersonKeys; made: PersonKey[]; file: string; erased: PersonId }> {
  const keys = await emptyKeys();
  const made = await keys.create(draw(2_100));
  await keys.rotate(made[0]!.person);
  const erased = made.pop()!.person;
  await keys.erase([erased], 4);
  const file = join(folder, `backup-${counter++}`);
  const backup = await keys.exportKeys(file, { expiresAt: clock.now() + day });
  expect(backup).toEqual({ file, keys: 2_100, erasures: 1, expiresAt: clock.now() + day });
  return { keys, made, file, erased };
}

describe('a backup of keys', () => {
  it('brings every key back into an empty database', async () => {
    const { made, file } = await backedUp();
    const restored = await emptyKeys();
    expect(await restored.importKeys(file, { erasures: [] })).toEqual({ keys: 2_100, erased: 0 });
    const wrapped = await restored.fetchVersions(made.map((key) => key.person));
    for (const key of made) expect(restored.unwrap(wrapped.get(key.person)!.at(-1)!)).toEqual(key.key);
    expect(wrapped.get(made[0]!.person)!.map((key) => key.version)).toEqual([2, 1]);
  });

  it('replays the erasures that came after it before anything is served', async () => {
    const { keys, made, file, erased } = await backedUp();
    const later = made[5]!.person;
    await keys.erase([later], 12);
    const restored = await emptyKeys();
    const erasures = [{ person: later, lineIndex: 12 }];
    expect(await restored.importKeys(file, { erasures })).toEqual({ keys: 2_100, erased: 1 });
    expect((await restored.fetchWrapped([later, erased, made[6]!.person])).size).toBe(1);
    expect((await refusal(restored.create([later]))).kind).toBe('key-erased');
    expect((await refusal(restored.create([erased]))).kind).toBe('key-erased');
  });

  it('is not seen half-way: while it goes in, a reader finds no key of an erased person', async () => {
    const { made, file } = await backedUp();
    const restored = await emptyKeys();
    const later = made[0]!.person;
    let done = false;
    const seen: number[] = [];
    const reading = (async () => {
      while (!done) seen.push((await restored.fetchWrapped([later])).size);
    })();
    await restored.importKeys(file, { erasures: [{ person: later, lineIndex: 1 }] });
    done = true;
    await reading;
    expect(seen.length).toBeGreaterThan(0);
    expect(Math.max(...seen)).toBe(0);
  });

  it('brought into the database it came from respects what that one erased since', async () => {
    const { keys, made, file } = await backedUp();
    const later = made[7]!.person;
    await keys.erase([later], 13);
    expect(await keys.importKeys(file, { erasures: [] })).toEqual({ keys: 1, erased: 1 });
    expect((await keys.fetchWrapped([later])).size).toBe(0);
  });

  it('holds no key in the open', async () => {
    const { made, file } = await backedUp();
    const text = readFileSync(file, 'utf8');
    for (const { key } of made.slice(0, 50)) {
      expect(text).not.toContain(key.toString('base64'));
      expect(text).not.toContain(key.toString('hex'));
    }
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });
});

describe('refused', () => {
  it('an expired backup, and nothing of it goes in', async () => {
    const { made, file } = await backedUp();
    const restored = await emptyKeys();
    clock.advance(day);
    expect(await refusal(restored.importKeys(file, { erasures: [] }))).toMatchObject({
      kind: 'keystore-unsafe',
      reason: 'expired',
    });
    expect((await restored.fetchWrapped(made.map((key) => key.person))).size).toBe(0);
  });

  it('a backup that would live longer than 35 days or not at all', async () => {
    const keys = await emptyKeys();
    const file = join(folder, 'never');
    for (const expiresAt of [
      clock.now(),
      clock.now() - 1,
      clock.now() + keyBackupMaximumMs + 1,
      Number.NaN,
    ]) {
      expect((await refusal(keys.exportKeys(file, { expiresAt }))).kind).toBe('bad-input');
    }
    expect(existsSync(file)).toBe(false);
  });

  it('a backup with its day of expiry put off', async () => {
    const { file } = await backedUp();
    const text = readFileSync(file, 'utf8');
    const until = String(clock.now() + day);
    expect(text).toContain(until);
    writeFileSync(file, text.replace(until, String(clock.now() + 30 * day)));
    clock.advance(2 * day);
    expect(await refusal((await emptyKeys()).importKeys(file, { erasures: [] }))).toMatchObject({
      kind: 'seal-broken',
      reason: 'mac',
    });
  });

  it('a backup with a line removed, doubled, changed, cut short or added', async () => {
    const { file } = await backedUp();
    const lines = readFileSync(file, 'utf8').split('\n');
    const restored = await emptyKeys();
    const variants: Record<string, string[]> = {
      'head removed': lines.slice(1),
      'erasure removed': lines.filter((line) => !line.includes('"kind":"erasure"')),
      'line doubled': [...lines.slice(0, 5), ...lines.slice(4)],
      'cut short': lines.slice(0, 1_000),
      'cut in a line': lines.slice(0, -2).concat(lines.at(-2)!.slice(0, 20)),
      'added after the end': [...lines.slice(0, -1), lines[3]!, ''],
      'person exchanged': lines.with(3, lines[3]!.replace(/[0-9a-f]{12}"/, '000000000000"')),
      empty: [],
      garbage: ['{"kind":"head"}', '\u0000'],
    };
    for (const [what, variant] of Object.entries(variants)) {
      writeFileSync(file, variant.join('\n'));
      expect((await refusal(restored.importKeys(file, { erasures: [] }))).kind, what).toBe('seal-broken');
    }
  });

  it('a backup of another key store', async () => {
    const { file } = await backedUp();
    const other = new FileKeyStore(Buffer.from(randomness.bytes(32)), randomness.bytes(16), randomness);
    const database = await freshDatabase([sealMigrations]);
    databases.push(database);
    const theirs = new PersonKeys(database.pool('keys'), other, clock, randomness);
    expect((await refusal(theirs.importKeys(file, { erasures: [] }))).kind).toBe('seal-broken');
  });

  it('a backup that others may read, that is absent, or that would overwrite another', async () => {
    const { keys, file } = await backedUp();
    chmodSync(file, 0o644);
    expect((await refusal(keys.importKeys(file, { erasures: [] }))).kind).toBe('keystore-unsafe');
    expect(await refusal(keys.importKeys(join(folder, 'absent'), { erasures: [] }))).toMatchObject({
      kind: 'keystore-missing',
      missing: 'key-backup',
    });
    expect((await refusal(keys.exportKeys(file, { expiresAt: clock.now() + day }))).kind).toBe(
      'already-exists',
    );
  });
});
