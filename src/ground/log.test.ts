import { Writable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SekishoError } from './errors.ts';
import { createLog, type Log, silentLog } from './log.ts';
import { cleanFields, fieldRules } from './log-fields.ts';
import { Masked } from './masked.ts';

/** A log and what it has printed so far. */
function recorded(level?: string): { log: Log; text(): string; last(): Record<string, unknown> } {
  let text = '';
  const destination = new Writable({
    write(chunk, _, done) {
      text += chunk;
      done();
    },
  });
  const log = createLog({ process: 'gate', destination, ...(level === undefined ? {} : { level }) });
  return { log, text: () => text, last: () => JSON.parse(text.trimEnd().split('\n').at(-1)!) };
}

describe('a log line', () => {
  it('is JSON with time, level, process, event and the fields in snake_case', () => {
    const { log, last } = recorded();
    log.info('batch-committed', { lines: 42, durationMs: 1.23456, reused: true, reason: 'full' });
    const { time, ...rest } = last();
    expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(rest).toEqual({
      level: 'info',
      process: 'gate',
      event: 'batch-committed',
      lines: 42,
      duration_ms: 1.235,
      reused: true,
      reason: 'full',
    });
  });

  it('carries the room of a child', () => {
    const { log, last } = recorded();
    log.child('journal').warn('witness-late', { peer: 'witness-1' });
    expect(last()).toMatchObject({ level: 'warn', room: 'journal', peer: 'witness-1' });
    log.child('山田').warn('x');
    expect(last()).toMatchObject({ room: '‹masked›' });
  });

  it('is left out below the level', () => {
    const { log, text } = recorded('error');
    log.info('a');
    log.warn('b');
    expect(text()).toBe('');
    log.error('c');
    expect(text()).toContain('"c"');
  });

  it('a level that is none is config-invalid', () => {
    expect(() => recorded('loud')).toThrow('level-unknown');
  });

  it('silentLog takes everything', () => {
    silentLog.child('x').error('a', new Error('b'));
  });
});

/** What must never be seen. None is anybody's: the numbers fail their check digits. */
const secrets = [
  '123456789012', // individual number
  '1234 5678 9012',
  '1234-5678-9012',
  '１２３４５６７８９０１２',
  '12345678901', // resident record code
  '1234-567890', // pension number
  '関所太郎',
  'セキショ タロウ',
  'Sekisho Taro',
  'SEKISHO',
  'Sekisho',
  'sekisho taro',
  'taro@example.jp',
  '千代田区1-1',
];
const visible = (text: string) => {
  const digits = text.normalize('NFKC').replace(/[^0-9]/g, '');
  return secrets.filter(
    (secret) => text.includes(secret) || (secret.length > 9 && digits.includes('123456789012')),
  );
};

describe('hostile: a secret handed to the log', () => {
  const places: [string, (log: Log, secret: string) => void][] = [
    ['as the event', (log, secret) => log.info(secret)],
    ['inside the event', (log, secret) => log.info(`opened-${secret}`)],
    ['as an unknown field', (log, secret) => log.info('x', { name: secret })],
    ['as the name of a field', (log, secret) => log.info('x', { [secret]: 1 })],
    [
      'in every known field',
      (log, secret) => log.info('x', Object.fromEntries([...fieldRules.keys()].map((key) => [key, secret]))),
    ],
    ['nested in a field', (log, secret) => log.info('x', { reason: { name: secret }, what: [secret] })],
    ['as a number', (log) => log.info('x', { count: 123456789012, size: 1234567890, bytes: -123456789012 })],
    [
      'as a bigint, symbol, function',
      (log, secret) => log.info('x', { count: 123456789012n, what: Symbol(secret), reason: () => secret }),
    ],
    [
      'masked',
      (log, secret) =>
        log.info('x', { reason: new Masked('name', secret), name: new Masked('name', secret) }),
    ],
    ['behind toJSON', (log, secret) => log.info('x', { reason: { toJSON: () => secret } })],
    ['as a String object', (log, secret) => log.info('x', { reason: new String(secret) })],
    ['as the room of a child', (log, secret) => log.child(secret).info('x')],
    ['instead of fields', (log, secret) => log.info('x', secret as never)],
    ['as fields in a list', (log, secret) => log.info('x', [secret] as never)],
    ['in an error’s message', (log, secret) => log.error('x', new Error(secret))],
    ['as a thrown text', (log, secret) => log.error('x', secret)],
    ['as a thrown object', (log, secret) => log.error('x', { message: secret, stack: secret })],
    [
      'in the name of an error',
      (log, secret) => log.error('x', Object.assign(new Error('a'), { name: secret })),
    ],
    [
      'in the name of an error’s class',
      (log, secret) => log.error('x', new { [secret]: class extends Error {} }[secret]!('a')),
    ],
    [
      'in other properties of an error',
      (log, secret) =>
        log.error('x', Object.assign(new Error('a'), { code: secret, detail: secret, sqlstate: secret })),
    ],
    [
      'in facts',
      (log, secret) =>
        log.error('x', new SekishoError('bad-input', { reason: secret, value: secret, [secret]: 1 })),
    ],
    [
      'in a cause',
      (log, secret) =>
        log.error('x', new SekishoError('internal', {}, { cause: new Error(secret, { cause: secret }) })),
    ],
    [
      'in an aggregate',
      (log, secret) => log.error('x', new AggregateError([new Error(secret), secret], secret)),
    ],
    [
      'in a stack of its own',
      (log, secret) =>
        log.error(
          'x',
          Object.assign(new Error('a'), { stack: `Error: ${secret}\n    at ${secret} (/${secret}.ts:1:1)` }),
        ),
    ],
    [
      'in a message that looks like a frame',
      (log, secret) =>
        log.error(
          'x',
          new Error(`a\n    at ${secret} (${import.meta.filename}:1:1)\n    at (/x/${secret}:1:1)`),
        ),
    ],
    [
      'in a frame below our own root',
      (log, secret) =>
        log.error(
          'x',
          new Error(
            `a\n    at x (${process.cwd()}/data/${secret}.ts:1:1)\n    at x (${process.cwd()}/src/${secret}.ts:1:1)`,
          ),
        ),
    ],
    [
      'as a line number of a frame',
      (log) => log.error('x', new Error(`a\n    at x (${import.meta.filename}:123456789012:1)`)),
    ],
    ['in the kind of an error', (log, secret) => log.error('x', new SekishoError(secret as never))],
    ['as a JSON text', (log, secret) => log.info('x', { reason: JSON.stringify({ secret }) })],
  ];
  it.each(places)('%s', (_, put) => {
    for (const secret of secrets) {
      const { log, text } = recorded();
      put(log, secret);
      expect(text()).not.toBe('');
      expect(visible(text())).toEqual([]);
    }
  });

  it('in a getter that throws: the line is written all the same', () => {
    const { log, last } = recorded();
    const fields = {
      get reason(): string {
        throw new RangeError('123456789012');
      },
    };
    log.info('still-here', fields);
    expect(last()).toMatchObject({ event: 'still-here', masked_fields: 1 });
  });

  it('in an error that fights back', () => {
    const { log, last } = recorded();
    const error = new Error('a');
    Object.defineProperty(error, 'stack', {
      get() {
        throw new RangeError('123456789012');
      },
    });
    log.error('still-here', error);
    expect(last()).toMatchObject({ event: 'still-here', error: { kind: 'internal' } });
  });

  it('in causes that go round in a circle', () => {
    const { log, text } = recorded();
    const a = new Error('関所太郎');
    a.cause = a;
    log.error('x', a);
    expect(visible(text())).toEqual([]);
  });
});

describe('an error in the log', () => {
  it('shows kind, facts, the places of the stack and the causes', () => {
    const { log, last } = recorded();
    const cause = Object.assign(new TypeError('secret'), { code: 'ECONNRESET' });
    log.error(
      'append-failed',
      new SekishoError('database-unavailable', { sqlstate: '57P01', line: 7 }, { cause }),
      { attempt: 2 },
    );
    expect(last()).toMatchObject({
      event: 'append-failed',
      attempt: 2,
      error: {
        kind: 'database-unavailable',
        facts: { sqlstate: '57P01', line: 7 },
        cause: { kind: 'internal', type: 'TypeError', facts: { code: 'ECONNRESET' } },
      },
    });
    const { stack } = last()['error'] as { stack: string[] };
    expect(stack[0]).toMatch(/^src\/ground\/log\.test\.ts:\d+:\d+$/);
  });

  it('shows the SQLSTATE of the database', () => {
    const { log, last } = recorded();
    log.error('x', Object.assign(new Error('Key (name)=(関所太郎)'), { code: '23505' }));
    expect(last()).toMatchObject({ error: { facts: { sqlstate: '23505' } } });
  });
});

describe('cleanFields', () => {
  it.each([
    ['reason', 'check-digit', 'check-digit'],
    ['what', 'embedded-postgres', 'embedded-postgres'],
    ['route', '/v1/residents/:person/fields', '/v1/residents/:person/fields'],
    ['route', '/v1/residents/123456789012', '‹masked›'],
    ['municipality', '131016', '131016'],
    ['municipality', '1310161', '‹masked›'],
    ['requestId', '018f0000-0000-7000-8000-000000000000', '018f0000-0000-7000-8000-000000000000'],
    ['release', '0.1.0', '0.1.0'],
    ['release', '1234.5678.9012', '‹masked›'],
    ['file', '001-person-key.sql', '001-person-key.sql'],
    ['file', '名簿.xlsx', '‹masked›'],
    ['signal', 'SIGTERM', 'SIGTERM'],
    ['method', 'TRACE', '‹masked›'],
    ['count', Number.NaN, '‹masked›'],
    ['count', 999_999_999, 999_999_999],
    ['bytes', 123_456_789_012, 123_000_000_000],
    ['reason', null, null],
  ])('%s %s → %s', (name, value, expected) => {
    expect(Object.values(cleanFields({ [name]: value }))).toEqual([expected]);
  });

  it('prints no number of ten digits and more, whatever the field', () => {
    const names = fc.constantFrom(...fieldRules.keys());
    const digits = fc.integer({ min: 10 ** 9, max: 10 ** 12 });
    fc.assert(
      fc.property(names, digits, fc.constantFrom('', '-', '.', '/', '_'), (name, number, joint) => {
        const split = String(number)
          .match(/.{1,4}/g)!
          .join(joint);
        for (const value of [number, String(number), split, `x${split}`, `/x/${split}`, `x-${split}.sql`]) {
          const shown = String(Object.values(cleanFields({ [name]: value }))[0]);
          expect(shown.replace(/\D/g, '').replace(/0+$/, '').length).toBeLessThan(9);
        }
      }),
    );
  });

  it('prints nothing outside ASCII but the mask', () => {
    fc.assert(
      fc.property(fc.constantFrom(...fieldRules.keys()), fc.string({ unit: 'grapheme' }), (name, value) => {
        expect(JSON.stringify(cleanFields({ [name]: value })).replaceAll('‹masked›', '')).toMatch(
          /^[\x20-\x7e]*$/,
        );
      }),
    );
  });
});
