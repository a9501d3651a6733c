import { type ChildProcess, fork } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A process of the bench: told its task in a message, answers in messages. */
export interface Helper {
  readonly pid: number;
  /** The next message it sends; rejects when it ends before. */
  next<T>(): Promise<T>;
  tell(message: object): void;
  end(): Promise<void>;
}

/** Starts a file of this folder with node; `task` is its first message. It never stands on a command line. */
export function startHelper(file: string, task: object): Helper {
  const child: ChildProcess = fork(fileURLToPath(new URL(file, import.meta.url)), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    serialization: 'advanced',
    execArgv: (process.env.BENCH_NODE_ARGS ?? '').split(' ').filter((flag) => flag !== ''),
  });
  const arrived: unknown[] = [];
  const waiting: { resolve(value: unknown): void; reject(error: Error): void }[] = [];
  let ended: Error | undefined;
  child.on('message', (message) => {
    const first = waiting.shift();
    if (first) first.resolve(message);
    else arrived.push(message);
  });
  const gone = new Promise<void>((resolve) => {
    child.once('exit', (code) => {
      ended = new Error(`${file} ended with ${code}`);
      for (const { reject } of waiting) reject(ended);
      resolve();
    });
  });
  child.send(task);
  return {
    pid: child.pid ?? -1,
    next<T>() {
      if (arrived.length > 0) return Promise.resolve(arrived.shift() as T);
      if (ended) return Promise.reject(ended);
      return new Promise<T>((resolve, reject) => waiting.push({ resolve: resolve as never, reject }));
    },
    tell: (message) => void child.send(message),
    async end() {
      if (child.connected) child.disconnect();
      const timer = setTimeout(() => child.kill('SIGTERM'), 3_000);
      await gone;
      clearTimeout(timer);
    },
  };
}

/** The first message of this process, when it is a helper; it ends when the bench is gone. */
export function task<T>(): Promise<T> {
  process.once('disconnect', () => process.exit(0));
  return new Promise((resolve) => process.once('message', (message) => resolve(message as T)));
}

export function tell(message: object): void {
  process.send?.(message);
}

/** Clock ticks a second of /proc: 100 on every Linux that Node runs on. */
const ticksPerSecond = 100;

function statOf(pid: number | string): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name of the process stands in brackets and may hold blanks.
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

const ms = (ticks: number): number => (ticks * 1_000) / ticksPerSecond;

/** CPU that a process has used, ms, all threads; NaN where there is no /proc. */
export function cpuMs(pid: number): number {
  const stat = statOf(pid);
  return stat === undefined ? Number.NaN : ms(Number(stat[11]) + Number(stat[12]));
}

/** CPU of a process, of the children that have ended and of those that live (PostgreSQL: one for each connection). */
export function familyCpuMs(pid: number): number {
  const stat = statOf(pid);
  if (stat === undefined) return Number.NaN;
  let sum = ms(Number(stat[11]) + Number(stat[12]) + Number(stat[13]) + Number(stat[14]));
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const child = statOf(entry);
    if (child !== undefined && Number(child[1]) === pid) sum += ms(Number(child[11]) + Number(child[12]));
  }
  return sum;
}

/** CPU of the whole machine so far, ms: what is neither idle nor waiting for the disk; to tell who else was at work. */
export function machineCpuMs(): number {
  try {
    const [, ...ticks] = readFileSync('/proc/stat', 'utf8').split('\n')[0]!.split(/\s+/);
    return ticks.slice(0, 8).reduce((sum, tick, i) => sum + (i === 3 || i === 4 ? 0 : ms(Number(tick))), 0);
  } catch {
    return Number.NaN;
  }
}

/** Largest memory a process has held, MB (10^6 bytes); NaN where there is no /proc. */
export function peakMb(pid: number): number {
  try {
    const found = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return (Number(found?.[1]) * 1_024) / 1e6;
  } catch {
    return Number.NaN;
  }
}

/** From here on `peakMb` counts anew (Linux: clear_refs). */
export async function resetPeak(pid: number): Promise<void> {
  const { writeFile } = await import('node:fs/promises');
  await writeFile(`/proc/${pid}/clear_refs`, '5').catch(() => undefined);
}
