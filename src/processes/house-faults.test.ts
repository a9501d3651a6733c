import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../doors/cli/index.ts';
import { recordedTerminal } from '../doors/cli/recorded-terminal.fixture.ts';

// `sekisho up` as it is typed, and what a machine does to it: a second one, killed processes, a killed supervisor, a taken port.

const sekisho = resolve('src/doors/cli/main.ts');
const folder = mkdtempSync(join(tmpdir(), 'sekisho-faults-'));
const data = join(folder, 'data');
const env = {
  PATH: process.env['PATH'] ?? '',
  LANG: 'en_US.UTF-8',
  SEKISHO_OVERDUE_MS: '60000',
  SEKISHO_ARCHIVE: 'false',
};

interface Up {
  house: ChildProcess;
  officeUrl: string;
  said: () => string;
}
let running: Up;

async function up(...more: string[]): Promise<Up> {
  const args = [sekisho, '--data', data, 'up', '--empty', '--json', ...more];
  const house = spawn(process.execPath, args, {
    env: { ...env, SEKISHO_OFFICE_PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, said] = ['', ''];
  house.stderr!.on('data', (chunk) => {
    said += String(chunk);
  });
  return new Promise((done, fail) => {
    house.stdout!.on('data', (chunk) => {
      out += String(chunk);
      if (out.includes('\n')) done({ house, officeUrl: JSON.parse(out).officeUrl, said: () => said });
    });
    house.once('exit', (code) => fail(new Error(`up ended with ${code}: ${said}`)));
  });
}

/** A command line in this process; `up` too, where it is refused. */
async function run(...argv: string[]): Promise<{ code: number; err: string }> {
  const terminal = recordedTerminal({ env: { ...env, SEKISHO_OFFICE_PORT: '0' } });
  const signal = AbortSignal.timeout(120_000);
  const code = await main([...argv, '--data', data], { terminal, signal });
  return { code, err: terminal.err() };
}

async function stop({ house }: Up): Promise<number | null> {
  if (house.exitCode !== null) return house.exitCode;
  house.kill('SIGINT');
  const [code] = await once(house, 'exit');
  return code as number | null;
}

/** Processes of this house by the main they run. */
function processes(): Map<string, number> {
  const found = new Map<string, number>();
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      const name = /(\w+)-main\.ts$/.exec(words[1] ?? '')?.[1];
      if (name !== undefined && words[2]?.startsWith(data)) found.set(name, Number(pid));
    } catch {
      // Ended meanwhile.
    }
  }
  return found;
}

/** Whether somebody can work: signs in, opens a case, searches. Nobody is there to be found: exit 5. */
const works = async () =>
  (
    await run(
      'register',
      'find',
      '--as',
      'clerk',
      '--purpose',
      'residence-certificate',
      '--note',
      'x',
      '--address',
      '松本市',
    )
  ).code === 5;
const poll = { timeout: 60_000, interval: 200 };

beforeAll(async () => {
  chmodSync(folder, 0o755); // the database's account must be able to enter
  running = await up();
}, 180_000);
afterAll(async () => {
  if (running !== undefined) await stop(running);
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

describe('a running house', { timeout: 180_000 }, () => {
  it('refuses a second `up` on its folder in words, and goes on as if nothing had been', async () => {
    const before = processes();
    const second = await run('up', '--empty');
    expect(second.code).toBe(6);
    expect(second.err).toContain('a house already runs on this data folder');
    expect(processes()).toEqual(before);
    expect(await works()).toBe(true);
  });

  it('refuses a second init: what is there is kept', async () => {
    const before = readFileSync(join(data, 'settings.json'), 'utf8');
    const second = await run('init', '--municipality', '202029', '--json');
    expect(second.code).toBe(6);
    expect(JSON.parse(second.err).error.kind).toBe('already-exists');
    expect(readFileSync(join(data, 'settings.json'), 'utf8')).toBe(before);
  });

  it.each(['witness', 'office', 'portal', 'gate'])(
    'a killed %s comes back, and the others go on with it',
    async (name) => {
      const before = processes();
      process.kill(before.get(name)!, 'SIGKILL');
      const isNew = () => ![undefined, before.get(name)].includes(processes().get(name));
      await expect.poll(isNew, poll).toBe(true);
      await expect.poll(works, poll).toBe(true);
      const after = processes();
      expect([...after.keys()].sort()).toEqual(['gate', 'office', 'portal', 'witness']);
      for (const other of after.keys()) if (other !== name) expect(after.get(other)).toBe(before.get(other));
    },
  );

  it('a session outlives the gate that opened it', async () => {
    const head = await fetch(`${running.officeUrl}/v1/journals`).then(
      (answer) => answer.json() as Promise<{ journals: { size: number }[] }>,
    );
    expect(head.journals[0]!.size).toBeGreaterThan(0);
    expect((await run('journal', 'verify', '--json')).code).toBe(0);
  });
});

describe('a house that is not there', { timeout: 180_000 }, () => {
  it('its supervisor killed, every process of it ends; the next `up` starts at once and keeps all', async () => {
    const server = Number(
      readFileSync(join(data, 'postgres/server/cluster/postmaster.pid'), 'utf8').split('\n')[0],
    );
    running.house.kill('SIGKILL');
    await once(running.house, 'exit');
    // At once, while the old processes may still be ending.
    running = await up();
    expect(await works()).toBe(true);
    expect(processes().size).toBe(4);
    // The database that was left over is the one that serves.
    expect(readFileSync(join(data, 'postgres/server/cluster/postmaster.pid'), 'utf8')).toContain(
      String(server),
    );
    expect((await run('register', 'verify', '--as', 'officer')).code).toBe(0);
  });

  it('Ctrl-C ends everything, and what is asked then is told that nobody serves', async () => {
    expect(await stop(running)).toBe(0);
    expect(processes().size).toBe(0);
    expect(existsSync(join(data, 'run', 'house.json'))).toBe(false);
    expect(existsSync(join(data, 'house.lock'))).toBe(false);
    expect(existsSync(join(data, 'postgres/server/cluster/postmaster.pid'))).toBe(false);
    const asked = await run('register', 'verify', '--as', 'officer');
    expect(asked.code).toBe(7);
    expect(asked.err).toContain('sekisho up');
  });

  it('a port that is taken is refused in words, and everything started is stopped again', async () => {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as { port: number };
    const refused = await run('up', '--empty', '--json', '--port', String(port));
    server.close();
    expect(refused.code).not.toBe(0);
    const { error } = JSON.parse(refused.err.trim().split('\n').at(-1)!);
    expect(error.facts).toMatchObject({ process: 'office' });
    expect(error).toMatchObject({ kind: 'config-invalid', facts: { reason: 'port-taken' } });
    expect(processes().size).toBe(0);
    expect(existsSync(join(data, 'house.lock'))).toBe(false);
  });

  it('a secret that others may read stops the start before anything is opened', async () => {
    const passphrase = join(data, 'secrets', 'passphrase');
    chmodSync(passphrase, 0o644);
    const refused = await run('up', '--empty', '--json');
    chmodSync(passphrase, 0o600);
    expect(refused.code).toBe(4);
    const { error } = JSON.parse(refused.err.trim().split('\n').at(-1)!);
    expect([error.kind, error.facts.reason]).toEqual(['keystore-unsafe', 'readable-by-others']);
    expect(processes().size).toBe(0);
  });

  it('a settings file that somebody wrote into by hand is named with its key', async () => {
    const file = join(data, 'settings.json');
    const sound = readFileSync(file, 'utf8');
    const { witness, ...rest } = JSON.parse(sound);
    writeFileSync(file, JSON.stringify({ ...rest, witnes: witness }), { mode: 0o600 });
    const refused = await run('up', '--empty', '--json');
    writeFileSync(file, sound);
    expect(refused.code).toBe(3);
    const { error } = JSON.parse(refused.err.trim().split('\n').at(-1)!);
    expect(error).toMatchObject({ kind: 'config-invalid', facts: { key: 'witness' } });
  });

  it('tables of a newer program are not touched', async () => {
    running = await up();
    const roles = JSON.parse(readFileSync(join(data, 'secrets', 'roles.json'), 'utf8'));
    const { gate } = JSON.parse(readFileSync(join(data, 'run', 'gate.json'), 'utf8')).databases;
    const client = new pg.Client({ ...gate, user: 'sekisho_migrator', password: roles.migrator });
    await client.connect();
    await client.query(
      `INSERT INTO public.sekisho_migration (room, number, name, checksum) VALUES ('gate', 999, 'from-the-future', 'x')`,
    );
    await client.end();
    await stop(running);
    const refused = await run('up', '--empty', '--json');
    expect(refused.code).toBe(8);
    expect(JSON.parse(refused.err.trim().split('\n').at(-1)!).error.kind).toBe('schema-mismatch');
    expect(processes().size).toBe(0);
  });
});
