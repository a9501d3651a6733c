import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** The README's first screen, told as a newcomer would do it: real processes, real command line, real database. */
const sekisho = resolve('src/doors/cli/main.ts');
const folder = mkdtempSync(join(tmpdir(), 'sekisho-main-job-'));
chmodSync(folder, 0o755); // the database's account must be able to enter
const data = join(folder, 'data');
const residents = 60;

interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

function run(...args: string[]): Promise<Ran> {
  return new Promise((done) => {
    const env = { PATH: process.env['PATH'], LANG: 'en_US.UTF-8' };
    execFile(process.execPath, [sekisho, '--data', data, ...args], { env }, (error, stdout, stderr) => {
      done({ code: error === null ? 0 : Number(error.code ?? -1), stdout, stderr });
    });
  });
}

// biome-ignore lint/suspicious/noExplicitAny: answers of the command line, looked at field by field
async function json(...args: string[]): Promise<any> {
  const ran = await run('--json', ...args);
  expect(ran, `${args.join(' ')}: ${ran.stderr}`).toMatchObject({ code: 0 });
  return JSON.parse(ran.stdout);
}

/** Starts `sekisho up` and waits for its answer; the last JSON line says where it serves. */
async function up(): Promise<{ house: ChildProcess; answer: Record<string, unknown> }> {
  const args = [sekisho, '--data', data, '--json', 'up', '--residents', String(residents)];
  const house = spawn(process.execPath, args, {
    env: { PATH: process.env['PATH'], SEKISHO_OFFICE_PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let complaint = '';
  house.stderr!.on('data', (chunk) => {
    complaint += String(chunk);
  });
  const answer = await new Promise<Record<string, unknown>>((done, fail) => {
    house.stdout!.on('data', (chunk) => {
      out += String(chunk);
      const line = out.split('\n').find((each) => each.includes('"officeUrl"'));
      if (line !== undefined) done(JSON.parse(line) as Record<string, unknown>);
    });
    house.once('exit', (code) => fail(new Error(`up ended with ${code}: ${complaint}`)));
  });
  return { house, answer };
}

async function down(house: ChildProcess): Promise<number | null> {
  const ended = new Promise<number | null>((done) => house.once('exit', (code) => done(code)));
  house.kill('SIGINT');
  return ended;
}

/** Processes of this house that are still there: a configuration or a cluster of this folder on the command line. */
function left(): string[] {
  const cluster = existsSync(join(data, 'postgres')) ? data : 'nothing';
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid)
    .flatMap((pid) => {
      try {
        return [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')];
      } catch {
        return [];
      }
    })
    .filter((line) => line.includes(cluster));
}

const who = ['--as', 'clerk', '--purpose', 'residence-certificate', '--note', 'counter 1'];

describe('the main job, from a resident file to a proven disclosure', () => {
  let house: ChildProcess;
  let answer: Record<string, unknown>;
  let person = '';
  let line = 0;

  beforeAll(async () => {
    ({ house, answer } = await up());
  }, 120_000);
  afterAll(async () => {
    if (house?.exitCode === null) await down(house);
    rmSync(folder, { recursive: true, force: true });
  });

  it('the first start makes a house and says who may sign in', () => {
    expect(answer).toMatchObject({ isNew: true });
    expect(answer['staff']).toContainEqual({ name: 'clerk', role: 'clerk' });
    expect(existsSync(join(data, 'sample', '202029.csv'))).toBe(true);
  });

  it('secrets are for their owner alone', () => {
    for (const name of ['secrets', 'staff', 'run', 'keystore']) {
      expect(statSync(join(data, name)).mode & 0o077, name).toBe(0);
    }
  });

  it('importing the same file again changes nothing', async () => {
    const file = join(data, 'sample', '202029.csv');
    const state = await json('register', 'import', file, '--as', 'registrar', '--note', 'again');
    expect(state).toMatchObject({
      rowsRead: residents,
      rowsCreated: 0,
      rowsChanged: 0,
      rowsUnchanged: residents,
    });
  });

  it('finds a resident by reading and birth date, masked', async () => {
    const [known] = (
      await run('--json', 'sample', 'show', '--count', '1', '--residents', String(residents))
    ).stdout
      .trim()
      .split('\n')
      .map((each) => JSON.parse(each) as { reading: string; birthDate: string; name: string });
    const found = await json(
      'register',
      'find',
      ...who,
      '--reading',
      known!.reading,
      '--birth-date',
      known!.birthDate,
    );
    expect(found.hits).toHaveLength(1);
    expect(JSON.stringify(found)).not.toContain(known!.name);
    person = found.hits[0].person;
  });

  it('opens one group of fields, with a receipt and the budget left', async () => {
    const opened = await json('register', 'show', person, ...who, '--groups', 'name');
    expect(Object.keys(opened.fields)).toEqual(['name']);
    expect(opened.fields.name.name).not.toBe('');
    expect(opened.receipt.signature).toMatch(/^[A-Za-z0-9+/]{86}==$/);
    expect(opened.budget.session).toBeLessThan(40);
    line = opened.receipt.index;
  });

  it('refuses what no legal basis allows, and puts the refusal on record', async () => {
    const refused = await run('register', 'show', person, ...who, '--groups', 'number', '--json');
    expect(refused.code).toBe(4);
    expect(refused.stdout).not.toMatch(/\d{12}/);
    const history = await json(
      ...[
        'register',
        'history',
        person,
        '--as',
        'officer',
        '--purpose',
        'own-record-at-desk',
        '--note',
        'asked',
      ],
    );
    const kinds = history.lines.map((each: { kind: string }) => each.kind);
    expect(kinds).toEqual(expect.arrayContaining(['field.opened', 'field.refused', 'record.created']));
  });

  it('the journal verifies, independently of its writer', async () => {
    const verified = await json('journal', 'verify', join(data, 'journal', '202029'));
    expect(verified.size ?? verified.lines).toBeGreaterThan(line);
  });

  it('one line can be proven by itself', async () => {
    const proof = await run('journal', 'prove', String(line), '--as', 'clerk');
    expect(proof, proof.stderr).toMatchObject({ code: 0 });
    expect(proof.stdout).toContain('c2sp.org/tlog-proof@v1');
  });

  it('every stored record is as its line says', async () => {
    const verified = await json('register', 'verify', '--as', 'officer');
    expect(verified.verified).toMatchObject({ rows: residents, findings: 0 });
  });

  it('Ctrl-C stops everything and leaves no process behind', async () => {
    expect(await down(house)).toBe(0);
    expect(left()).toEqual([]);
    expect(existsSync(join(data, 'run', 'house.json'))).toBe(false);
    const offline = await run('register', 'verify', '--as', 'officer');
    expect(offline.code).toBe(7);
  });

  it('a second start keeps the data', async () => {
    ({ house, answer } = await up());
    expect(answer).toMatchObject({ isNew: false });
    const opened = await json('register', 'show', person, ...who, '--groups', 'address');
    expect(opened.fields.address.address).not.toBe('');
    expect(opened.receipt.index).toBeGreaterThan(line);
    expect(await down(house)).toBe(0);
  }, 60_000);
});
