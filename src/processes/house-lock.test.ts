import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { holdHouse } from './house-lock.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sekisho-lock-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));
const file = () => join(root, 'house.lock');
const lock = (pid: number, identity: string) => writeFileSync(file(), JSON.stringify({ pid, identity }));

describe('one supervisor a data folder', () => {
  it('a second one is refused, and told who holds it', () => {
    holdHouse(root);
    const facts = { what: 'running-house', process_id: process.pid };
    expect(() => holdHouse(root)).toThrow(expect.objectContaining({ kind: 'conflict', facts }));
    expect(readdirSync(root)).toEqual(['house.lock']);
  });

  it('let go, it can be held again', () => {
    holdHouse(root)();
    expect(readdirSync(root)).toEqual([]);
    holdHouse(root)();
  });

  it('makes a folder that is not there yet', () => {
    holdHouse(join(root, 'a', 'b'))();
    expect(readdirSync(join(root, 'a', 'b'))).toEqual([]);
  });

  it('letting go twice does not take another’s', () => {
    const release = holdHouse(root);
    release();
    lock(1, 'another');
    release();
    expect(JSON.parse(readFileSync(file(), 'utf8')).pid).toBe(1);
  });
});

describe('a lock that was left behind', () => {
  it('by a killed process is taken over', async () => {
    const program = `import('${join(process.cwd(), 'src/processes/house-lock.ts')}').then((m) => {
      m.holdHouse(${JSON.stringify(root)}); console.log('held'); setInterval(() => {}, 1000); });`;
    const other = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(other.stdout, 'data');
    expect(() => holdHouse(root)).toThrow('conflict');
    other.kill('SIGKILL');
    await once(other, 'exit');
    holdHouse(root);
    expect(JSON.parse(readFileSync(file(), 'utf8')).pid).toBe(process.pid);
  });

  it('under a number that another process has now is taken over', () => {
    lock(process.ppid, 'started at another time');
    holdHouse(root);
    expect(JSON.parse(readFileSync(file(), 'utf8')).pid).toBe(process.pid);
  });

  it.each([
    ['empty', ''],
    ['cut off', '{"pid":'],
    ['of no process', '{"pid":-1,"identity":""}'],
  ])('that is %s is taken over', (_name, text) => {
    writeFileSync(file(), text);
    holdHouse(root);
    expect(JSON.parse(readFileSync(file(), 'utf8')).pid).toBe(process.pid);
    expect(readdirSync(root)).toEqual(['house.lock']);
  });
});
