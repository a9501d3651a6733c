import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ErrorKind, SekishoError } from '../ground/errors.ts';

/** What a process tells its parent: that it serves, or why it will not. */
export type ChildMessage =
  | { type: 'ready'; url: string }
  | { type: 'refused'; kind: ErrorKind; facts: Record<string, string | number | boolean | null> };

export interface ChildOptions {
  /** Name of the process and of its main: `<name>-main.ts` beside this file. */
  name: string;
  configFile: string;
  logFolder: string;
  readyWithinMs: number;
  /** Called when a process that had been ready ends without being asked to. */
  onExit(code: number | null): void;
}

/** A running process of the house. */
export interface Child {
  readonly name: string;
  readonly url: string;
  readonly pid: number;
  /** Asks it to end (SIGTERM), waits, and kills it after `graceMs`. */
  stop(graceMs?: number): Promise<void>;
}

const here = fileURLToPath(new URL('.', import.meta.url));
// `.ts` in a checkout, `.js` in the packed package.
const extension = extname(import.meta.url);

/** Starts one process and waits until it serves. Errors: the one it reports, `timeout`, or `unreachable` if it just ends. */
export function startChild(options: ChildOptions): Promise<Child> {
  const child = spawn(
    process.execPath,
    [join(here, `${options.name}-main${extension}`), options.configFile],
    {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // A process inherits nothing it does not need: no database URL, no passphrase, no HOME.
      env: { PATH: process.env.PATH, TZ: process.env.TZ, NODE_ENV: process.env.NODE_ENV },
      // Ctrl-C goes to the supervisor alone, which ends the processes in their order.
      detached: process.platform !== 'win32',
    },
  );
  const log = createWriteStream(join(options.logFolder, `${options.name}.log`), { flags: 'a', mode: 0o600 });
  log.on('error', () => undefined); // a full disk must not take the process down through its log
  child.stdout?.pipe(log, { end: false });
  child.stderr?.pipe(log, { end: false });
  return waitUntilReady(child, options, log);
}

function waitUntilReady(
  child: ChildProcess,
  options: ChildOptions,
  log: NodeJS.WritableStream,
): Promise<Child> {
  return new Promise((resolve, reject) => {
    let ready = false;
    let stopping = false;
    const ended = new Promise<void>((done) => {
      child.once('exit', () => done());
    });
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new SekishoError('timeout', { process: options.name, seconds: options.readyWithinMs / 1000 }));
    }, options.readyWithinMs);
    child.once('error', () => reject(new SekishoError('unreachable', { process: options.name })));
    child.once('exit', (code) => {
      clearTimeout(timer);
      log.end();
      if (!ready) reject(new SekishoError('unreachable', { process: options.name, exit: code ?? -1 }));
      else if (!stopping) options.onExit(code);
    });
    child.on('message', (message: ChildMessage) => {
      if (message.type === 'refused') {
        clearTimeout(timer);
        reject(new SekishoError(message.kind, { process: options.name, ...message.facts }));
        return;
      }
      ready = true;
      clearTimeout(timer);
      resolve({
        name: options.name,
        url: message.url,
        pid: child.pid ?? -1,
        async stop(graceMs = 10_000) {
          stopping = true;
          if (child.exitCode !== null || child.signalCode !== null) return;
          child.kill('SIGTERM');
          const kill = setTimeout(() => child.kill('SIGKILL'), graceMs);
          await ended;
          clearTimeout(kill);
        },
      });
    });
  });
}
