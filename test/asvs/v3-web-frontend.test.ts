import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { root } from '../papers.ts';
import { bareOffice, signedIn, town } from './office.ts';

let office: ReturnType<typeof bareOffice>;
afterEach(() => office?.end());

describe('v5.0.0-3.4.2 other origins', () => {
  it('are given no answer of the API, only the public files of the journal', async () => {
    office = bareOffice();
    const origin = { origin: 'https://elsewhere.example' };
    for (const url of ['/v1/purposes', '/health', '/v1/journals', '/metrics'])
      expect((await office.app.inject({ url, headers: origin })).headers, url).not.toHaveProperty(
        'access-control-allow-origin',
      );
    writeFileSync(join(office.journalFolder, town, 'checkpoint'), 'a head\n');
    const head = await office.app.inject({ url: `/journal/${town}/checkpoint`, headers: origin });
    expect(head.headers['access-control-allow-origin']).toBe('*');
  });
});

describe('v5.0.0-3.5.1 requests another page makes a browser send', () => {
  it('carry no session: there is no cookie, and a form’s media types are refused', async () => {
    office = bareOffice();
    const answer = await office.app.inject({
      method: 'POST',
      url: '/v1/sign-in/challenge',
      payload: { staff: 'x' },
    });
    expect(answer.headers).not.toHaveProperty('set-cookie');
    for (const type of [
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'text/plain',
    ]) {
      const sent = await office.app.inject({
        method: 'POST',
        url: '/v1/cases',
        headers: { ...signedIn, 'content-type': type },
        payload: '{"purpose":"residence-certificate","note":"x"}',
      });
      expect([type, sent.statusCode >= 400]).toEqual([type, true]);
    }
    expect(office.reached.filter((operation) => operation !== 'challenge')).toEqual([]);
  });
});

describe('v5.0.0-3.5.3 safe methods', () => {
  it('whatever opens, writes or searches is a POST', () => {
    const { paths } = JSON.parse(readFileSync(join(root, 'docs/openapi.json'), 'utf8'));
    const gets = Object.values<Record<string, { operationId: string }>>(paths).flatMap((each) =>
      'get' in each ? [each['get'].operationId] : [],
    );
    expect(gets.sort()).toEqual(
      [
        ...['cases', 'budget', 'grants', 'staff', 'terminals', 'contests', 'enrolments', 'lastVerification'],
        'currentSession',
        'grant',
        'health',
        'importState',
        'journalHeads',
        'proveLine',
        'purposes',
        'ready',
        'refusedRows',
      ].sort(),
    );
  });
});
