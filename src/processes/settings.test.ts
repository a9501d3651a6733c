import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import {
  checkJson,
  gateConfig,
  houseSettings,
  officeConfig,
  readJson,
  rolesSchema,
  witnessConfig,
  witnessKeySchema,
  writeJson,
} from './settings.ts';

const login = { host: '/run/pg', port: 5432, user: 'u', password: 'a-very-secret-word', database: 'd' };
const tls = { key: 'k', cert: 'c', ca: 'a' };
const listen = { host: '127.0.0.1', port: 0 };
const municipalities = [{ code: '202029', origin: 'example.jp/journal/202029' }];

/** A sound example of every file that a process reads. */
const sound: Record<string, [schema: z.ZodType, value: Record<string, unknown>]> = {
  gate: [
    gateConfig,
    {
      mode: 'demo',
      listen,
      tls,
      databases: { gate: login, keys: login },
      keystore: { kind: 'file', file: 'f', passphrase_file: 'p' },
      municipalities,
      mirror: 'm',
      witnesses: [{ name: 'w', url: 'http://127.0.0.1:1', public_key: 'k' }],
    },
  ],
  office: [
    officeConfig,
    {
      mode: 'production',
      listen,
      gate: { url: 'https://127.0.0.1:1', tls },
      database: login,
      municipalities,
      mirror: 'm',
      uploads: 'u',
    },
  ],
  witness: [
    witnessConfig,
    { listen, name: 'w', state: 's', key_file: 'k', logs: [{ origin: 'o', public_key: 'k' }] },
  ],
  house: [
    houseSettings,
    {
      format: 'sekisho-house/v1',
      mode: 'demo',
      municipalities,
      log_public_key: 'k',
      witness: { name: 'w', public_key: 'k' },
      database: 'embedded',
    },
  ],
  roles: [rolesSchema, { migrator: 'a', gate: 'b', keys: 'c', office: 'd', portal: 'e' }],
  'witness key': [witnessKeySchema, { private_key_pem: 'p', public_key: 'k' }],
};

/** Every required key of a value, down to the leaves, as a dotted path. */
function keysOf(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, below]) => [[...path, key], ...keysOf(below, [...path, key])]);
}
function without(value: unknown, path: readonly string[]): unknown {
  const copy = structuredClone(value) as Record<string, unknown>;
  const holder = path.slice(0, -1).reduce((at, key) => at[key] as Record<string, unknown>, copy);
  if (Array.isArray(holder)) holder.splice(Number(path.at(-1)), 1);
  else delete holder[path.at(-1)!];
  return copy;
}
function replaced(value: unknown, path: readonly string[], by: unknown): unknown {
  const copy = structuredClone(value) as Record<string, unknown>;
  const holder = path.slice(0, -1).reduce((at, key) => at[key] as Record<string, unknown>, copy);
  holder[path.at(-1)!] = by;
  return copy;
}
function faultOf(schema: z.ZodType, value: unknown): Record<string, unknown> {
  try {
    checkJson(JSON.stringify(value), 'example', schema);
    return {};
  } catch (error) {
    const { kind, facts } = error as { kind: string; facts: Record<string, unknown> };
    return { kind, ...facts };
  }
}

describe.each(Object.entries(sound))('the file of %s', (_name, [schema, value]) => {
  it('is taken as it should be', () => {
    expect(checkJson(JSON.stringify(value), 'example', schema)).toMatchObject(value);
  });

  it('with any key too few is refused by that key', () => {
    let tried = 0;
    for (const path of keysOf(value)) {
      // An element less of a list leaves a shorter list: what must not be empty is tried below.
      if (/^\d+$/.test(path.at(-1)!)) continue;
      const fault = faultOf(schema, without(value, path));
      expect([path.join('.'), fault['kind']]).toEqual([path.join('.'), 'config-invalid']);
      expect(String(fault['key']).split('.')[0]).toBe(path[0]);
      tried++;
    }
    expect(tried).toBeGreaterThan(1);
  });

  it('with a key too many is refused by that key, wherever it stands', () => {
    expect(faultOf(schema, { ...value, colour: 'red' })).toMatchObject({
      kind: 'config-invalid',
      key: 'colour',
    });
    for (const [key, below] of Object.entries(value)) {
      if (typeof below !== 'object' || below === null || Array.isArray(below)) continue;
      const fault = faultOf(schema, { ...value, [key]: { ...below, colour: 'red' } });
      expect(fault['key']).toBe(`${key}.colour`);
    }
  });

  it('with a value of the wrong type is refused by its key', () => {
    for (const path of keysOf(value)) {
      const fault = faultOf(schema, replaced(value, path, { not: 'this' }));
      expect([path.join('.'), fault['kind']]).toEqual([path.join('.'), 'config-invalid']);
      expect(String(fault['key'])).toContain(path[0]!);
    }
  });
});

describe('values that have the right type and are still wrong', () => {
  it.each<[string, readonly string[], unknown]>([
    ['gate', ['mode'], 'test'],
    ['gate', ['listen', 'port'], 70_000],
    ['gate', ['listen', 'port'], 1.5],
    ['gate', ['municipalities'], []],
    ['gate', ['municipalities', '0', 'code'], '2020'],
    ['gate', ['municipalities', '0', 'origin'], ''],
    ['gate', ['overdue_ms'], 0],
    ['gate', ['keystore', 'kind'], 'paper'],
    ['gate', ['witnesses', '0', 'url'], 'somewhere'],
    ['office', ['gate', 'url'], 'gate'],
    ['witness', ['logs'], []],
    ['house', ['format'], 'sekisho-house/v2'],
  ])('%s %j: %j', (name, path, by) => {
    const [schema, value] = sound[name]!;
    const fault = faultOf(schema, replaced(value, path, by));
    expect(fault['kind']).toBe('config-invalid');
    expect(String(fault['key'])).toBe(path.join('.'));
  });

  it('a fault never quotes a value', () => {
    const [schema, value] = sound['gate']!;
    const faults = keysOf(value).map((path) =>
      faultOf(schema, replaced(value, path, ['a-very-secret-word'])),
    );
    expect(JSON.stringify(faults)).not.toContain('secret');
    expect(() => checkJson('{"password":"a-very-secret-word', 'example', schema)).toThrow(
      expect.objectContaining({ facts: { what: 'example', reason: 'not-json' } }),
    );
  });
});

describe('files', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sekisho-settings-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const read = (file: string) => readJson(file, 'role-passwords', rolesSchema);

  it('are written for their owner alone, whole, and over an older one', async () => {
    const file = join(folder, 'roles.json');
    const [, value] = sound['roles']!;
    await writeJson(file, { ...value, gate: 'old' });
    await writeJson(file, value);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['roles.json']);
    expect(await read(file)).toEqual(value);
    expect(readFileSync(file, 'utf8').endsWith('}\n')).toBe(true);
  });

  it.each([0o640, 0o604, 0o620, 0o666])('of mode %o are refused', async (mode) => {
    const file = join(folder, 'roles.json');
    await writeJson(file, sound['roles']![1]);
    chmodSync(file, mode);
    await expect(read(file)).rejects.toMatchObject({
      kind: 'keystore-unsafe',
      facts: { reason: 'readable-by-others', mode: mode.toString(8).padStart(4, '0') },
    });
  });

  it('that are not there are told by what they are', async () => {
    await expect(read(join(folder, 'none.json'))).rejects.toMatchObject({
      kind: 'keystore-missing',
      facts: { missing: 'role-passwords', reason: 'not-found' },
    });
  });

  it('that are folders, or larger than any of ours', async () => {
    await expect(read(folder)).rejects.toMatchObject({ kind: 'keystore-unsafe' });
    const file = join(folder, 'large.json');
    writeFileSync(file, ' '.repeat(1_100_000), { mode: 0o600 });
    await expect(read(file)).rejects.toMatchObject({ kind: 'too-large' });
  });
});
