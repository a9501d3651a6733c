import { describe, expect, it } from 'vitest';
import { textParsersWithstandGarbage } from '../../test/garbage.ts';
import { isSekishoError } from '../ground/errors.ts';
import { parseDatabaseUrl } from './house-database.ts';

describe('an address of a database', () => {
  it.each([
    [
      'postgres://me:s%40c%2Fret@db.invalid:6543/town',
      { host: 'db.invalid', port: 6543, user: 'me', password: 's@c/ret', database: 'town' },
    ],
    ['postgresql://me@[::1]/town', { host: '::1', port: 5432, user: 'me', password: '', database: 'town' }],
    [
      'postgres:///town?host=/run/postgresql',
      { host: '/run/postgresql', port: 5432, user: '', password: '', database: 'town' },
    ],
    [
      'postgres://me:x@db.invalid/town?sslmode=require',
      { host: 'db.invalid', port: 5432, user: 'me', password: 'x', database: 'town', ssl: true },
    ],
    [
      'postgres://me:x@db.invalid/town?sslmode=prefer',
      { host: 'db.invalid', port: 5432, user: 'me', password: 'x', database: 'town' },
    ],
  ])('%s', (url, parts) => {
    expect(parseDatabaseUrl(url)).toEqual(parts);
  });

  it.each([
    ['not an address', 'not-a-url'],
    ['https://me:hunter2@db.invalid/town', 'protocol'],
    ['postgres://me:hunter2@db.invalid', 'database-missing'],
    // A percent sign of the password that was not written as %25.
    ['postgres://me:hunter2%@db.invalid/town', 'percent-encoding'],
    ['postgres://me:hunter2@db.invalid/%ff', 'percent-encoding'],
  ])('%s is refused: %s, and is not quoted', (url, reason) => {
    let thrown: unknown;
    try {
      parseDatabaseUrl(url);
    } catch (error) {
      thrown = error;
    }
    expect(isSekishoError(thrown, 'config-invalid')).toBe(true);
    expect(thrown).toMatchObject({ facts: { key: 'DATABASE_URL', reason } });
    expect(String(thrown)).not.toContain('hunter2');
  });
});

textParsersWithstandGarbage([
  {
    name: 'parseDatabaseUrl',
    specimen: 'postgres://me:s%40cret@127.0.0.1:5432/town?sslmode=require',
    parse: parseDatabaseUrl,
  },
]);
