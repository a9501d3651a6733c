import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { japanDate, manualClock, systemClock } from './clock.ts';
import { isUuid, putUuid, uuidBytes, uuidv7 } from './ids.ts';
import { seededRandomness } from './randomness.ts';

describe('uuidv7', () => {
  it('is the example of RFC 9562, appendix A.6, for its time and random bits', () => {
    const clock = manualClock(0x017f22e279b0);
    const bytes = Buffer.from('0000000000000cc318c4dc0c0c07398f', 'hex');
    expect(uuidv7(clock, { bytes: () => bytes })).toBe('017f22e2-79b0-7cc3-98c4-dc0c0c07398f');
    // What was drawn is not written over: others may hold the same pool.
    expect(bytes.toString('hex')).toBe('0000000000000cc318c4dc0c0c07398f');
  });

  it('is always of version 7 and variant 10, sorts by time, and goes to bytes and back', () => {
    const randomness = seededRandomness('ids');
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 48 - 2 }), (ms) => {
        const first = uuidv7(manualClock(ms), randomness);
        const later = uuidv7(manualClock(ms + 1), randomness);
        expect(isUuid(first)).toBe(true);
        expect(first[14]).toBe('7');
        expect(first < later).toBe(true);
        expect(uuidBytes(first).length).toBe(16);
        expect(uuidBytes(first).toString('hex')).toBe(first.replaceAll('-', ''));
      }),
    );
  });
});

describe('isUuid', () => {
  it.each([
    '',
    '017f22e2-79b0-7cc3-98c4-dc0c0c07398',
    '017F22E2-79B0-7CC3-98C4-DC0C0C07398F',
    '017f22e279b07cc398c4dc0c0c07398f',
    '017f22e2-79b0-9cc3-98c4-dc0c0c07398f',
    '017f22e2-79b0-7cc3-c8c4-dc0c0c07398f',
    '017f22e2-79b0-7cc3-98c4-dc0c0c07398f\n',
  ])('refuses %j', (text) => expect(isUuid(text)).toBe(false));
});

describe('clocks', () => {
  it('the manual one stands still until told', () => {
    const clock = manualClock();
    expect(new Date(clock.now()).toISOString()).toBe('2026-03-31T23:00:00.000Z');
    clock.advance(5);
    clock.advance(-2);
    expect(clock.now()).toBe(1_774_998_000_003);
    clock.set(0);
    expect(clock.now()).toBe(0);
  });

  it('the system’s goes forward', () => {
    expect(systemClock.now()).toBeGreaterThan(Date.UTC(2026, 0));
  });

  it.each([
    ['2026-03-31T14:59:59.999Z', '2026-03-31'],
    ['2026-03-31T15:00:00.000Z', '2026-04-01'],
    ['2027-12-31T15:00:00.000Z', '2028-01-01'],
  ])('%s is %s in Japan', (utc, date) => expect(japanDate(Date.parse(utc))).toBe(date));
});

describe('putUuid', () => {
  it('writes what the text says at its place, and nothing beside it', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.nat(9), (uuid, at) => {
        const target = Buffer.alloc(32, 0xee);
        expect(putUuid(target, at, uuid)).toBe(true);
        expect(target.toString('hex')).toBe(
          'ee'.repeat(at) + uuid.replaceAll('-', '') + 'ee'.repeat(16 - at),
        );
      }),
    );
  });

  it('takes nothing that is no UUID in lower case', () => {
    const digit = fc.constantFrom(...'0123456789abcdefABCDEFg-\u00e9\u3042 ');
    fc.assert(
      fc.property(fc.uuid(), fc.nat(35), digit, (uuid, at, other) => {
        const text = uuid.slice(0, at) + other + uuid.slice(at + 1);
        const whole = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(text);
        expect(putUuid(Buffer.alloc(16), 0, text)).toBe(whole);
      }),
    );
    for (const text of ['', '0', `${'0'.repeat(36)}`]) expect(putUuid(Buffer.alloc(16), 0, text)).toBe(false);
  });
});
