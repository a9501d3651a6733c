import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { bareOffice, town } from './office.ts';

let office: ReturnType<typeof bareOffice>;
afterEach(() => office?.end());

describe('v5.0.0-5.3.2 paths out of requests', () => {
  it.each([
    `/journal/${town}/../settings.json`,
    `/journal/${town}/..%2f..%2fsettings.json`,
    `/journal/${town}/%2e%2e/secret`,
    `/journal/${town}/tile/../../secret`,
    `/journal/${town}/payload/000`,
    '/journal/..%2f/checkpoint',
    `/journal/${town}/checkpoint%00.txt`,
  ])('%s leads nowhere', async (url) => {
    office = bareOffice();
    mkdirSync(join(office.journalFolder, town, 'payload'), { recursive: true });
    writeFileSync(join(office.journalFolder, '..', 'settings.json'), 'secret');
    writeFileSync(join(office.journalFolder, town, 'payload', '000'), 'secret');
    const answer = await office.app.inject({ url });
    expect(answer.statusCode).toBeGreaterThanOrEqual(400);
    expect(answer.body).not.toContain('secret');
  });
});

describe('v5.0.0-13.4.3 listings and v5.0.0-13.4.1 source control', () => {
  it.each([
    `/journal/${town}/`,
    `/journal/${town}`,
    '/journal/',
    '/.git/config',
    '/package.json',
    '/src/ground/errors.ts',
  ])('%s is not there', async (url) => {
    office = bareOffice();
    expect((await office.app.inject({ url })).statusCode).toBe(404);
  });
});
