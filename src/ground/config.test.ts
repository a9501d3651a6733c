import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { aliases, configSchema, environmentName, loadConfig } from './config.ts';
import { isSekishoError } from './errors.ts';

const folder = mkdtempSync(join(tmpdir(), 'sekisho-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

let counter = 0;
function file(content: unknown): string {
  const path = join(folder, `config-${counter++}.json`);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}
const load = (env: Record<string, string> = {}, content?: unknown) =>
  loadConfig({ env, workingFolder: '/house', ...(content === undefined ? {} : { file: file(content) }) });
function refusal(env: Record<string, string>, content?: unknown) {
  try {
    load(env, content);
  } catch (error) {
    if (isSekishoError(error, 'config-invalid')) return { ...error.facts, text: inspect(error) };
    throw error;
  }
  return expect.unreachable();
}

const production = {
  mode: 'production',
  municipality: '131016',
  origin: 'sekisho.example/131016',
  databaseUrl: 'postgres://admin:secret@db/sekisho',
};

describe('loadConfig', () => {
  it('has a default for all a demo needs', () => {
    expect(load()).toMatchObject({
      mode: 'demo',
      dataFolder: '/house/data',
      logLevel: 'info',
    });
    expect(load().databaseUrl).toBeUndefined();
  });

  it('takes the environment over the file over the default', () => {
    const config = load(
      { SEKISHO_OFFICE_PORT: '1', SEKISHO_LOG_LEVEL: 'warn' },
      { officePort: 2, overdueMs: 300 },
    );
    expect(config).toMatchObject({ officePort: 1, overdueMs: 300, logLevel: 'warn' });
  });

  it('knows the short names, and the long ones win over them', () => {
    expect(load({ SEKISHO_DATA: 'elsewhere' }).dataFolder).toBe('/house/elsewhere');
    expect(load({ SEKISHO_DATA: 'a', SEKISHO_DATA_FOLDER: '/b' }).dataFolder).toBe('/b');
    expect(load({ DATABASE_URL: 'postgresql://h/d' }).databaseUrl!.reveal()).toBe('postgresql://h/d');
  });

  it('an empty variable is as good as none', () => {
    expect(load({ SEKISHO_MODE: '', DATABASE_URL: '' })).toMatchObject({
      mode: 'demo',
      databaseUrl: undefined,
    });
  });

  it('reads numbers and flags from text', () => {
    expect(load({ SEKISHO_ARCHIVE: 'false', SEKISHO_OVERDUE_MS: '500' })).toMatchObject({
      archive: false,
      overdueMs: 500,
    });
    expect(load({}, { archive: false })).toMatchObject({ archive: false });
    expect(load({ SEKISHO_BACKUP_EVERY_HOURS: '0', SEKISHO_WAL_LIMIT_MB: '64' })).toMatchObject({
      ...{ backupEveryHours: 0, walLimitMb: 64 },
    });
    expect(refusal({ SEKISHO_BACKUP_EVERY_HOURS: '-1' })).toMatchObject({ key: 'backupEveryHours' });
  });

  it('leaves alone what belongs to others', () => {
    expect(load({ SEKISHO_TEST_DATABASE_URL: 'x', PATH: '/bin' }).mode).toBe('demo');
  });

  it('never shows the database’s password', () => {
    const config = load({ DATABASE_URL: 'postgres://admin:secret@db/sekisho' });
    expect(`${inspect(config)} ${JSON.stringify(config)} ${config.databaseUrl}`).not.toContain('secret');
  });

  it('every key has one environment name, and every alias a key', () => {
    const keys = Object.keys(configSchema.shape);
    expect(new Set(keys.map(environmentName)).size).toBe(keys.length);
    expect(environmentName('databaseUrl')).toBe('SEKISHO_DATABASE_URL');
    for (const key of Object.values(aliases)) expect(keys).toContain(key);
  });
});

describe('an error names key, reason and source, and not the value', () => {
  it.each([
    ['unknown mode', { SEKISHO_MODE: 'secret' }, undefined, 'mode', 'invalid-value', 'environment'],
    ['port too high', { SEKISHO_OFFICE_PORT: '70000' }, undefined, 'officePort', 'too-big', 'environment'],
    [
      'port no number',
      { SEKISHO_OFFICE_PORT: 'secret' },
      undefined,
      'officePort',
      'invalid-type',
      'environment',
    ],
    ['code too short', {}, { municipality: '13101' }, 'municipality', 'invalid-format', 'file'],
    [
      'address of another database',
      { DATABASE_URL: 'mysql://u:secret@h/d' },
      undefined,
      'databaseUrl',
      'invalid-format',
      'environment',
    ],
    ['key misspelt in the file', {}, { ofice_port: 'secret' }, 'ofice_port', 'unrecognized-keys', 'file'],
    ['file no JSON', {}, '{"databaseUrl": "secret', '', 'file-not-a-json-object', 'file'],
    ['file a list', {}, '["secret"]', '', 'file-not-a-json-object', 'file'],
  ] as const)('%s', (_, env, content, key, reason, source) => {
    const facts = refusal(env, content);
    expect(facts).toMatchObject({ key, reason, source });
    expect(facts.text).not.toContain('secret');
  });

  it('file not there', () => {
    expect(() => loadConfig({ env: {}, workingFolder: '/', file: 'nothing.json' })).toThrow(
      'file-unreadable',
    );
  });
});

describe('production', () => {
  it('starts when all is told', () => {
    expect(load({}, production).mode).toBe('production');
  });

  it.each(['municipality', 'origin', 'databaseUrl'] as const)('refuses to start without %s', (key) => {
    const { [key]: _, ...rest } = production;
    expect(refusal({}, rest)).toMatchObject({ key, reason: 'required-in-production' });
  });

  it('refuses the passphrase inside the data folder', () => {
    expect(refusal({}, { ...production, passphraseFile: './data/secrets/passphrase' })).toMatchObject({
      key: 'passphraseFile',
      reason: 'inside-data-folder',
    });
    expect(load({}, { ...production, passphraseFile: '/run/credentials/passphrase' }).passphraseFile).toBe(
      '/run/credentials/passphrase',
    );
  });
});
