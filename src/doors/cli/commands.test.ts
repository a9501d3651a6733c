import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
// The command line against the API as it is served.
import { fakeOffice, person, session, town } from '../../../test/fake-office.fixture.ts';
import { type ErrorKind, errorKinds, SekishoError } from '../../ground/errors.ts';
import { exitCodes } from './exit-codes.ts';
import { main } from './program.ts';
import { recordedTerminal } from './recorded-terminal.fixture.ts';

const receipt = { statement: 's', signature: 'x', index: 7, leafHash: 'h', path: ['p'] };
const budget = { session: 3, terminal: 4, purpose: 5, office: 6 };
const signedIn = {
  challenge: { nonce: 'sekisho-sign-in/v1 clerk n' },
  signIn: { session, expiresAt: 4_000_000_000_000, role: 'clerk', office: 'desk' },
  signOut: () => undefined,
  openCase: { caseId: 'case-1', basis: 'jukiho-12' },
};

let data: string;
let office: ReturnType<typeof fakeOffice>;
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'sekisho-cli-'));
  mkdirSync(join(data, 'staff'));
  mkdirSync(join(data, 'run'));
  const { privateKey } = generateKeyPairSync('ed25519');
  const privateKeyPem = privateKey.export({ format: 'pem', type: 'pkcs8' });
  writeFileSync(
    join(data, 'staff', 'clerk.json'),
    JSON.stringify({ staff: 'clerk', terminal: 't-01', privateKeyPem }),
  );
});
afterEach(async () => {
  await office?.end();
  rmSync(data, { recursive: true, force: true });
});

async function serve(answers: Parameters<typeof fakeOffice>[0] = {}) {
  office = fakeOffice({ ...signedIn, ...answers });
  const officeUrl = await office.app.listen({ port: 0, host: '127.0.0.1' });
  writeFileSync(join(data, 'run', 'house.json'), JSON.stringify({ officeUrl }));
}

async function run(
  argv: string[],
  o: Parameters<typeof recordedTerminal>[0] = {},
  signal = new AbortController().signal,
) {
  const terminal = recordedTerminal({ ...o, env: { SEKISHO_PIN: '4711', ...o.env } });
  const code = await main([...argv, '--data', data], { terminal, signal });
  return { code, out: terminal.out(), err: terminal.err() };
}

const operations = () => office.asked.map(({ operation }) => operation);
const inputOf = (operation: string) => office.asked.find((asked) => asked.operation === operation)?.input;
const desk = ['--as', 'clerk', '--purpose', 'residence-certificate', '--note', '窓口'];
const show = ['register', 'show', person, '--groups', 'name,address'];

describe('register show', () => {
  const opened = { fields: { name: { name: '髙橋 花子' } }, receipt, budget };

  it('signs in with key and PIN, opens a case, opens the fields, signs out', async () => {
    await serve({ open: opened });
    const { code, out } = await run([...show, ...desk], { tty: true });
    expect(code).toBe(0);
    expect(operations()).toEqual(['challenge', 'signIn', 'openCase', 'open', 'signOut']);
    expect(inputOf('signIn')).toMatchObject({ staff: 'clerk', terminal: 't-01', pin: '4711' });
    expect(inputOf('open')).toEqual({ session, person, caseId: 'case-1', groups: ['name', 'address'] });
    expect(out).toContain('name.name  髙橋 花子');
    expect(out).toContain('journal line 7');
  });

  it('gives one JSON document on stdout and nothing else anywhere', async () => {
    await serve({ open: opened });
    const { out, err } = await run([...show, ...desk, '--json']);
    expect(JSON.parse(out)).toEqual({ person, caseId: 'case-1', ...opened });
    expect(err).toBe('');
  });

  it('hands no field to a pipe or a file unasked, and then opens nothing', async () => {
    await serve({ open: opened });
    const { code, out, err } = await run([...show, ...desk]);
    expect(code).toBe(exitCodes.usage);
    expect(out).toBe('');
    expect(err).toContain('--to-pipe');
    expect(office.asked).toEqual([]);
    expect((await run([...show, ...desk, '--to-pipe'])).out).toContain('髙橋 花子');
  });

  it('works in a case that is open', async () => {
    await serve({ open: opened });
    await run([...show, '--as', 'clerk', '--case', 'case-9', '--json']);
    expect(operations()).toEqual(['challenge', 'signIn', 'open', 'signOut']);
    expect(inputOf('open')).toMatchObject({ caseId: 'case-9' });
  });

  it('signs out also when the gate refuses', async () => {
    await serve({ open: new SekishoError('budget-spent', { scope: 'session' }) });
    const { code, out, err } = await run([...show, ...desk, '--json']);
    expect(code).toBe(exitCodes.refused);
    expect(out).toBe('');
    expect(JSON.parse(err)).toMatchObject({ error: { kind: 'budget-spent', facts: { scope: 'session' } } });
    expect(operations().at(-1)).toBe('signOut');
  });

  it('writes a name that would move the cursor as harmless text', async () => {
    await serve({ open: { ...opened, fields: { name: { name: 'a\u001b[2Jb' } } } });
    expect((await run([...show, ...desk], { tty: true })).out).toContain('a\ufffd[2Jb');
  });
});

describe('exit codes over the API', () => {
  it.each(Object.keys(errorKinds) as ErrorKind[])('%s', async (kind) => {
    await serve({ open: new SekishoError(kind) });
    const { code, out, err } = await run([...show, ...desk, '--json']);
    expect(code).toBe(exitCodes[errorKinds[kind]]);
    expect(out).toBe('');
    expect(JSON.parse(err).error.kind).toBe(kind);
  });

  it('nobody serves: 7, and what to do', async () => {
    const { code, err } = await run([...show, ...desk], { tty: true });
    expect(code).toBe(exitCodes.unavailable);
    expect(err).toContain('sekisho up');
  });

  it('an address where nobody listens: 7', async () => {
    expect((await run([...show, ...desk, '--json', '--url', 'http://127.0.0.1:9'])).code).toBe(7);
  });

  it('an address that is none: 3', async () => {
    expect((await run([...show, ...desk, '--json', '--url', 'ftp://x'])).code).toBe(3);
  });

  it('no --as: 2; an unknown name: 5; a name that is a path: 3', async () => {
    await serve();
    expect((await run([...show, '--json', '--case', 'c'])).code).toBe(2);
    expect((await run([...show, '--json', '--as', 'nobody', '--case', 'c'])).code).toBe(5);
    expect((await run([...show, '--json', '--as', '../run/house', '--case', 'c'])).code).toBe(3);
    expect(office.asked).toEqual([]);
  });

  it('interrupted before it began: 130', async () => {
    await serve();
    const { code } = await run([...show, ...desk, '--json'], {}, AbortSignal.abort());
    expect(code).toBe(exitCodes.interrupted);
  });

  it('interrupted while the gate thinks: 130, and signed out', async () => {
    const controller = new AbortController();
    await serve({
      open: () =>
        new Promise((_resolve, reject) => {
          controller.abort();
          setTimeout(() => reject(new SekishoError('timeout')), 200);
        }),
    });
    expect((await run([...show, ...desk, '--json'], {}, controller.signal)).code).toBe(130);
    expect(operations().at(-1)).toBe('signOut');
  });
});

describe('register find', () => {
  const hits = [{ person, masked: { reading: 'タ・・・', birth_decade: '1950s' }, status: 'resident' }];

  it('asks for a number unseen and shows it nowhere', async () => {
    await serve({ search: { hits, line: 9, budget } });
    const argv = ['register', 'find', '--number', '-', ...desk];
    const { code, out, err } = await run(argv, { tty: true, typed: '123456789018\r' });
    expect(code).toBe(0);
    expect(inputOf('search')).toMatchObject({ by: { number: '123456789018' } });
    expect(out).toContain('タ・・・');
    expect(out + err).not.toContain('1234');
  });

  it('reads the number from a pipe', async () => {
    await serve({ search: { hits, line: 9, budget } });
    await run(['register', 'find', '--number', '-', '--json', ...desk], { typed: '123456789018\n' });
    expect(inputOf('search')).toMatchObject({ by: { number: '123456789018' } });
  });

  it('nobody found: 5, and still an answer', async () => {
    await serve({ search: { hits: [], line: 9, budget } });
    const { code, out } = await run(['register', 'find', '--address', '一丁目', '--json', ...desk]);
    expect(code).toBe(exitCodes.missing);
    expect(JSON.parse(out)).toMatchObject({ hits: [], line: 9 });
  });

  it.each([
    [[]],
    [['--number', '1', '--address', 'x']],
    [['--reading', 'タカハシ']],
    [['--birth-date', '1950-01-01']],
  ])('%j is a usage error', async (more) => {
    await serve();
    expect((await run(['register', 'find', ...more, '--json', ...desk])).code).toBe(2);
    expect(office.asked).toEqual([]);
  });

  it('help says that arguments stay in the shell history', async () => {
    const { out } = await run(['register', 'find', '--help']);
    expect(out).toContain('shell history');
  });
});

describe('register verify', () => {
  it('exits 8 when a record was changed past the gate', async () => {
    const finding = { finding: 'changed', municipality: town, person, line: 4 };
    await serve({ verifyRecords: { verified: { lines: 10, rows: 3, findings: 1 }, findings: [finding] } });
    const { code, out } = await run(['register', 'verify', '--as', 'clerk']);
    expect(code).toBe(exitCodes.broken);
    expect(out).toContain('changed past the gate');
  });

  it('exits 0 when all is sound', async () => {
    await serve({ verifyRecords: { verified: { lines: 10, rows: 3, findings: 0 }, findings: [] } });
    expect((await run(['register', 'verify', '--as', 'clerk', '--json'])).code).toBe(0);
  });
});

describe('gate', () => {
  const grant = '0190a000-0000-7000-8000-00000000000a';
  const status = {
    grant,
    state: 'asked',
    purpose: 'p',
    groups: ['name'],
    count: 10,
    left: 10,
    endsAt: 1_800_000_000_000,
    askedBy: 'clerk',
    approvedBy: null,
  };

  it('asks for a grant and shows its state', async () => {
    await serve({ askGrant: { grant }, grant: status });
    const { code, out } = await run([
      'gate',
      'grant',
      'ask',
      '--groups',
      'name',
      '--count',
      '10',
      '--reason',
      'r',
      ...desk,
      '--json',
    ]);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual(status);
    expect(inputOf('askGrant')).toMatchObject({ caseId: 'case-1', groups: ['name'], count: 10, reason: 'r' });
  });

  it.each(['approve', 'revoke', 'status'])('%s', async (verb) => {
    await serve({ approveGrant: status, revokeGrant: status, grant: status });
    const { code, out } = await run(['gate', 'grant', verb, grant, '--as', 'clerk']);
    expect(code).toBe(0);
    expect(out).toContain('10 / 10');
  });

  it('suspends a member of staff or a terminal', async () => {
    await serve({ suspend: { sessionsEnded: 2 } });
    await run(['gate', 'staff', 'suspend', 'sato', '--reason', 'r', '--as', 'clerk']);
    expect(inputOf('suspend')).toEqual({ session, staff: 'sato', reason: 'r' });
    await run(['gate', 'staff', 'suspend', 't-02', '--what', 'terminal', '--reason', 'r', '--as', 'clerk']);
    expect(office.asked.filter(({ operation }) => operation === 'suspend')[1]?.input).toEqual({
      session,
      terminal: 't-02',
      reason: 'r',
    });
  });

  it('enrols: the key file is its owner’s alone, holds no PIN, and is never overwritten', async () => {
    await serve({ enrolStaff: () => ({ enrolment: null, expiresAt: null }) });
    const argv = [
      'gate',
      'staff',
      'enrol',
      'sato',
      '--role',
      'clerk',
      '--office',
      'desk',
      '--terminal',
      't-02',
      '--as',
      'clerk',
      '--json',
    ];
    expect((await run(argv, { typed: '999999\n' })).code).toBe(0);
    const file = join(data, 'staff', 'sato.json');
    const key = readFileSync(file, 'utf8');
    expect(key).not.toContain('999999');
    expect(inputOf('enrolStaff')).toMatchObject({ staff: 'sato', municipality: town, pin: '999999' });
    expect((await run(argv, { typed: '999999\n' })).code).toBe(exitCodes.conflict);
    expect(readFileSync(file, 'utf8')).toBe(key);
  });
});

describe('sample population', () => {
  it('writes the same file for the same seed, and nothing but the answer on stdout', async () => {
    const argv = (name: string) => ['sample', 'population', join(data, name), '--residents', '300', '--json'];
    const first = await run(argv('a.csv'));
    expect(JSON.parse(first.out)).toMatchObject({ residents: 300, synthetic: true, encoding: 'cp932' });
    await run(argv('b.csv'));
    expect(readFileSync(join(data, 'a.csv')).equals(readFileSync(join(data, 'b.csv')))).toBe(true);
    expect(readdirSync(data).filter((name) => name.includes('.part'))).toEqual([]);
  });

  it('interrupted leaves no half file', async () => {
    const { code } = await run(
      ['sample', 'population', join(data, 'c.csv'), '--residents', '5000'],
      {},
      AbortSignal.abort(),
    );
    expect(code).toBe(130);
    expect(readdirSync(data)).not.toContain('c.csv');
  });
});

describe('person erase', () => {
  it('needs --yes', async () => {
    await serve({ erase: { line: 3, receipt } });
    const argv = ['person', 'erase', person, '--reason', 'r', ...desk];
    expect((await run(argv)).code).toBe(2);
    expect(office.asked).toEqual([]);
    expect((await run([...argv, '--yes'])).code).toBe(0);
  });
});
