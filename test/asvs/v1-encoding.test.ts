import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isSekishoError } from '../../src/ground/errors.ts';
import { TestHouse } from '../house.ts';
import { root } from '../papers.ts';

const sources = globSync('src/**/*.ts', { cwd: root })
  .filter((path) => !/\.(?:test|fixture|gen)\.ts$/.test(path))
  .map((path): [string, string] => [path, readFileSync(join(root, path), 'utf8')]);

describe('v5.0.0-1.2.4 database injection', () => {
  let house: TestHouse;
  beforeAll(async () => {
    house = await TestHouse.start({ budgets: 'unlimited' });
    await house.importTown(5);
  });
  afterAll(() => house[Symbol.asyncDispose]());

  const hostile = [
    `' OR 1=1 --`,
    `'); DROP TABLE register.resident; --`,
    `\\'; SELECT pg_sleep(9) --`,
    '$1',
    '%',
    '_',
  ];

  it.each(hostile)('a search for %j finds nobody', async (words) => {
    const desk = await house.openCase('residence-certificate');
    for (const by of [
      { address: words },
      { addressNumber: words },
      { reading: words, birthDate: '1980-01-02' },
    ]) {
      const found = await house
        .service()
        .find(desk, by)
        .catch((error: unknown) => {
          if (!isSekishoError(error, 'bad-input')) throw error;
          return { hits: [] };
        });
      expect(found.hits).toEqual([]);
    }
  });

  it('the register is whole afterwards', async () => {
    expect((await house.inspect()).findings).toEqual([]);
    expect((await house.persons()).length).toBeGreaterThan(4);
  });
});

describe('v5.0.0-1.2.5 operating system commands', () => {
  it('no shell is ever asked: processes are started with a list of arguments', () => {
    const shells = sources.filter(([, text]) => /child_process/.test(text));
    expect(shells.length).toBeGreaterThan(0);
    for (const [path, text] of shells) expect(text, path).not.toMatch(/\bexec(?:Sync)?\(|shell:\s*true/);
  });
});

describe('v5.0.0-1.3.2 code from data', () => {
  it('nothing is evaluated as code', () => {
    for (const [path, text] of sources) expect(text, path).not.toMatch(/\beval\(|new Function\(|node:vm/);
  });
});

describe('v5.0.0-1.3.6 requests to where the caller says', () => {
  it('no operation of the API takes an address to call', () => {
    const whole = JSON.parse(readFileSync(join(root, 'docs/openapi.json'), 'utf8'));
    // An invitation tells an address and takes none: it stands in answers alone.
    const asked = JSON.stringify(
      Object.values<object>(whole.paths).flatMap((of) =>
        Object.values(of).map(({ requestBody }) => requestBody),
      ),
    );
    expect(asked).not.toContain('/Invited"');
    delete whole.components.schemas.Invited;
    const document = JSON.stringify(whole, null, 2);
    expect(document).not.toMatch(/"format":\s*"(?:uri|url|hostname|ipv4|ipv6)"/);
    expect(document).not.toMatch(/"(?:url|uri|host|callback|webhook)":\s*\{\s*"type"/i);
  });
});
