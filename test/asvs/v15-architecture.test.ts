import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { root } from '../papers.ts';
import { bareOffice, signedIn } from './office.ts';

let office: ReturnType<typeof bareOffice>;
afterEach(() => office?.end());

const person = '0190a000-0000-7000-8000-000000000001';

describe('v5.0.0-15.1.2 what it is built of', () => {
  it('every package stands in the lock file with its digest, and none comes from elsewhere than the registry', () => {
    const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
    const listed = Object.entries<{ resolved?: string; integrity?: string; inBundle?: boolean }>(
      packages,
    ).filter(([path, { inBundle }]) => path.startsWith('node_modules/') && inBundle !== true);
    expect(listed.length).toBeGreaterThan(100);
    for (const [path, { resolved, integrity }] of listed) {
      if (resolved !== undefined) expect(resolved, path).toMatch(/^https:\/\/registry\.npmjs\.org\//);
      expect(integrity, path).toMatch(/^sha512-/);
    }
  });

  it('direct dependencies are of one exact version', () => {
    const { dependencies, devDependencies, optionalDependencies } = JSON.parse(
      readFileSync(join(root, 'package.json'), 'utf8'),
    );
    for (const [name, version] of Object.entries({
      ...dependencies,
      ...devDependencies,
      ...optionalDependencies,
    }))
      expect(version, name).toMatch(/^\d+\.\d+\.\d+(?:-[\w.]+)?$/);
  });
});

describe('v5.0.0-15.3.6 prototypes', () => {
  it.each(['__proto__', 'constructor', 'prototype'])('a member named %s is refused', async (name) => {
    office = bareOffice();
    const answer = await office.app.inject({
      method: 'POST',
      url: `/v1/residents/${person}/open`,
      headers: { ...signedIn, 'content-type': 'application/json' },
      payload: `{"caseId":"case-1","groups":["name"],"${name}":{"prototype":{"polluted":true}}}`,
    });
    expect(answer.statusCode).toBe(400);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(office.reached).toEqual([]);
  });
});

describe('v5.0.0-15.3.7 parameters given twice', () => {
  it('are refused, and none of them wins', async () => {
    office = bareOffice();
    const answer = await office.app.inject({
      url: `/v1/imports/${person}/refused?limit=1&limit=2`,
      headers: signedIn,
    });
    expect(answer.statusCode).toBe(400);
    expect(office.reached).toEqual([]);
  });
});
