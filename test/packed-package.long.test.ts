import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { packPackage } from '../packaging/pack.ts';

/** The package as somebody gets it who has no clone: installed from its tarball into an empty folder, without install scripts. */
let folder: string;
let sekisho: string;
let house: ChildProcess | undefined;

beforeAll(async () => {
  // Not in the checkout: nothing of it may be found by looking upward. Open to PostgreSQL's own account.
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'sekisho-packed-')));
  execFileSync('chmod', ['755', folder]);
  writeFileSync(join(folder, 'package.json'), '{"private":true}');
  const tarball = await packPackage();
  execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--omit=dev', tarball], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  sekisho = join(folder, 'node_modules/.bin/sekisho');
}, 600_000);

afterAll(async () => {
  if (house !== undefined && house.exitCode === null) {
    const ended = new Promise((resolve) => house!.once('exit', resolve));
    house.kill('SIGINT');
    await ended;
  }
  rmSync(folder, { recursive: true, force: true });
}, 120_000);

const run = (...words: string[]): string =>
  execFileSync(sekisho, ['--lang', 'en', '--json', ...words], { cwd: folder, encoding: 'utf8' });

it('holds JavaScript alone', () => {
  const found = execFileSync('find', [join(folder, 'node_modules/sekisho/src'), '-name', '*.ts']);
  expect(found.toString()).toBe('');
});

it('checks a number', () => {
  expect(JSON.parse(run('number', 'check', '123456789018'))).toMatchObject({ checked: 1, notValid: 0 });
});

it('starts a house, imports a town, opens a field and verifies the journal', async () => {
  const up = spawn(sekisho, ['--lang', 'en', '--json', 'up', '--residents', '60'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  house = up;
  const said = await new Promise<string>((resolve, reject) => {
    // One line of JSON an answer: the import's comes first.
    const lines = createInterface({ input: up.stdout });
    lines.on('line', (line) => line.includes('"officeUrl"') && resolve(line));
    up.once('exit', (code) => reject(new Error(`up ended with ${code}`)));
  });
  // The screens came along, ready built.
  const { sites, signInLinks } = JSON.parse(said) as { sites: { desk: string }; signInLinks: object[] };
  expect(sites.desk).toMatch(/^http:\/\/desk\.localhost:\d+$/);
  expect(signInLinks).toHaveLength(6);
  const resident = JSON.parse(run('sample', 'show', '--residents', '60', '--count', '1')) as {
    address: string;
  };
  const work = ['--as', 'clerk', '--purpose', 'residence-certificate', '--note', 'packed'];
  const found = JSON.parse(run('register', 'find', ...work, '--address', resident.address)) as {
    hits: { person: string }[];
  };
  const opened = JSON.parse(
    run('register', 'show', found.hits[0]!.person, ...work, '--groups', 'address'),
  ) as { fields: { address: { address: string } }; receipt: { index: number } };
  expect(opened.fields.address.address).not.toBe('');
  const verified = JSON.parse(run('journal', 'verify', 'data/journal/202029')) as { size?: number };
  expect(JSON.stringify(verified)).toContain('202029');
  expect(opened.receipt.index).toBeGreaterThan(0);
});
