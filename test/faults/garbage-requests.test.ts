import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Gate } from '../../src/core/gate/index.ts';
import { isSekishoError } from '../../src/ground/errors.ts';
import { PeerClient, type TlsMaterial } from '../../src/ground/http/index.ts';
import type { PersonId } from '../../src/ground/ids.ts';
import { matsumoto, TestHouse } from '../house.ts';
import { type ServedGate, serveGate } from './gate-over-tls.ts';

/**
 * Garbage, truncated and mistyped requests at the gate's door, by a caller whose certificate is good and whose session
 * holds: typed refusals, a gate that lives on, and not one field opened.
 */

let house: TestHouse;
let served: ServedGate;
let office: TlsMaterial;
let desk: { session: string; caseId: string };
let person: PersonId;
beforeAll(async () => {
  house = await TestHouse.start({ budgets: 'unlimited' });
  await house.importTown(10);
  served = await serveGate(house);
  office = await served.certificate('office');
  desk = await house.openCase('residence-certificate');
  person = (await house.persons())[0]!;
});
afterAll(async () => {
  await served.close();
  await house[Symbol.asyncDispose]();
});

const opened = async () => (await house.lines()).filter(({ kind }) => kind === 'field.opened').length;

const sound = () => JSON.stringify({ ...desk, person, groups: ['name'] });
const request = (body: string | Buffer, headers: Record<string, string | number> = {}) => {
  const given = {
    host: 'localhost',
    'content-type': 'application/json',
    'content-length': body.length,
    ...headers,
  };
  const head = Object.entries(given).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([
    Buffer.from(`POST /gate/v1/open HTTP/1.1\r\n${head.join('')}connection: close\r\n\r\n`),
    Buffer.from(body),
  ]);
};
const statusOf = (answer: Buffer) => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer.toString('latin1'))?.[1] ?? 0);

describe('bytes that are no request', () => {
  it('a sound one of the kind tried here is answered, so that the others fail for what is wrong with them', async () => {
    const before = await opened();
    expect(statusOf(await served.raw(request(sound()), office))).toBe(200);
    expect(await opened()).toBe(before + 1);
  });

  it('cut off at any place open nothing', async () => {
    const whole = request(sound());
    const before = await opened();
    const cuts = Array.from({ length: 24 }, (_, i) => Math.floor((whole.length * i) / 24));
    const answers = await Promise.all(cuts.map((at) => served.raw(whole.subarray(0, at), office)));
    for (const answer of answers) expect([0, 400, 408]).toContain(statusOf(answer));
    expect(await opened()).toBe(before);
  });

  it('random bytes open nothing, and the gate answers the next', async () => {
    const before = await opened();
    const garbage = Array.from({ length: 12 }, (_, i) => house.randomness.bytes(1 + i * 97));
    for (const bytes of garbage)
      expect([0, 400]).toContain(statusOf(await served.raw(Buffer.from(bytes), office)));
    expect(await opened()).toBe(before);
    expect(statusOf(await served.raw(request(sound()), office))).toBe(200);
  });

  it.each([
    ['a body that is no JSON', () => request('{"session":'), 400],
    ['JSON in UTF-16', () => request(Buffer.from(sound(), 'utf16le')), 400],
    ['JSON nested ten thousand deep', () => request('['.repeat(10_000) + ']'.repeat(10_000)), 400],
    [
      'a prototype in the JSON',
      () => request(sound().replace('{', '{"__proto__":{"role":"supervisor"},')),
      400,
    ],
    ['a key too many', () => request(sound().replace('{', '{"role":"supervisor",')), 400],
    ['another media type', () => request(sound(), { 'content-type': 'text/plain' }), 400],
    ['a length that is a lie', () => request(sound(), { 'content-length': 10 }), 400],
    ['two lengths', () => request(sound(), { 'Content-Length': 5 }), 400],
    ['a body beyond all bounds', () => request(`{"x":"${'x'.repeat(70_000_000)}"}`), 413],
  ] as const)('%s', async (_, make, status) => {
    const before = await opened();
    const answer = await served.raw(make(), office);
    // The gate may hang up on what is too large before it has said so.
    expect([status, 0]).toContain(statusOf(answer));
    expect(await opened()).toBe(before);
  });
});

/** Values that belong nowhere. */
const junk = fc.oneof(
  fc.constantFrom(null, true, '', ' ', '\0', 'ｓ', '../..', '$(x)', "' OR 1=1 --", '=1+1', [], {}, -1, 1e308),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.uuid(),
  fc.integer(),
  fc.array(fc.string(), { maxLength: 3 }),
);

describe('requests whose values are junk', () => {
  it('end in a typed refusal, whatever operation they are for, and open nothing', async () => {
    const peer = new PeerClient({ url: served.url, tls: await served.certificate('cli-admin') });
    const shapes: [keyof Gate, Record<string, unknown>][] = [
      ['challenge', { staff: 'x' }],
      ['signIn', { staff: 'x', terminal: 'x', nonce: 'x', signature: 'x', pin: 'x' }],
      ['openCase', { session: 'x', purpose: 'x', note: 'x' }],
      ['search', { ...desk, by: { number: 'x' } }],
      ['search', { ...desk, by: { reading: 'x', birthDate: 'x' }, limit: 1 }],
      ['open', { ...desk, person, groups: ['number'] }],
      [
        'write',
        {
          ...desk,
          ops: [{ requestId: 'x', table: 'x', kind: 'x', municipality: matsumoto, fields: {}, clear: {} }],
        },
      ],
      ['erase', { ...desk, person, reason: 'x' }],
      ['askGrant', { ...desk, groups: ['x'], count: 1, endsAt: 1, reason: 'x' }],
      ['approveGrant', { session: desk.session, grant: person }],
      ['history', { ...desk, person }],
      [
        'enrolStaff',
        { municipality: matsumoto, staff: 'x', role: 'clerk', office: 'x', publicKey: 'x', pin: 'x' },
      ],
      ['suspend', { session: desk.session, staff: 'x' }],
      ['verifyRecords', { session: desk.session }],
      ['head', { municipality: '000000' }],
    ];
    const before = await opened();
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...shapes),
        fc.nat(),
        junk,
        async ([operation, shape], pick, value) => {
          const keys = Object.keys(shape);
          const key = keys[pick % keys.length]!;
          const route = `/gate/v1/${operation.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
          const answer = await peer.post(route, { ...shape, [key]: value }).then(
            () => undefined,
            (error: unknown) => error,
          );
          // What went through is no disclosure; all else is one of our kinds, and none of them is a breakdown.
          if (answer === undefined) return;
          expect(isSekishoError(answer)).toBe(true);
          expect(isSekishoError(answer, 'internal'), `${operation}.${key}`).toBe(false);
        },
      ),
      { numRuns: 300 },
    );
    await peer.close();
    expect(await opened()).toBe(before);
    expect(await house.inspect()).toMatchObject({ log: { ok: true }, findings: [] });
  });
});
