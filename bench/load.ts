import { connect, type TLSSocket } from 'node:tls';
import type { TlsMaterial } from '../src/ground/http/index.ts';
import { task, tell } from './processes.ts';

/**
 * The load generator: many kept-open connections, one request each at a time, as 256 callers make them. Raw TLS with requests
 * put together from prepared parts and answers read by their length alone: Node's HTTP client would take as much of the two
 * cores as the server.
 */
export interface LoadTask {
  host: string;
  port: number;
  tls: TlsMaterial;
  path: string;
  /** One caller each: what stands before and after the drawn value in the body. */
  callers: readonly { before: string; after: string }[];
  /** One of these is drawn for each request. */
  values: readonly string[];
  warmUpMs: number;
  measuredMs: number;
  /**
   * Requests a second of all callers together; left out: each caller asks again as soon as it is answered. A request that is
   * due while its caller still waits is timed from when it was due, so that a stall counts for all it has held up.
   */
  perSecond?: number;
}

/** `begin` and `end` mark the measured time, so that the parent reads the CPU clocks then. */
export type LoadMessage =
  | { type: 'begin' | 'end' }
  | { type: 'failed'; status: number; text: string }
  | {
      type: 'done';
      count: number;
      /** Answers that the gate stopped for a late witness: asked again, and not counted. */
      late: number;
      ms: number;
      sorted: Float64Array;
      bytes: number;
      cpuMs: number;
    };

class Caller {
  readonly #run: Run;
  readonly #head: string;
  readonly #before: string;
  readonly #after: string;
  readonly #socket: TLSSocket;
  readonly ready: Promise<void>;
  /** Each caller walks the values from a place of its own, so that callers seldom ask for the same one at once. */
  #next: number;
  #sentAt = 0;
  #due = 0;
  #chunks: Buffer[] = [];
  #missing = -1;

  constructor(run: Run, { before, after }: { before: string; after: string }, place: number) {
    const { host, port, tls, path, values } = run.task;
    this.#run = run;
    this.#next = place * 7_919;
    this.#before = before;
    this.#after = after;
    const length = Buffer.byteLength(before) + Buffer.byteLength(after) + values[0]!.length;
    this.#head = `POST ${path} HTTP/1.1\r\nhost: ${host}:${port}\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`;
    this.#socket = connect({ host, port, ...tls, minVersion: 'TLSv1.3' });
    this.#socket.setNoDelay(true);
    this.ready = new Promise((resolve, reject) => {
      this.#socket.once('secureConnect', resolve);
      this.#socket.once('error', reject);
    });
    this.#socket.on('data', (data: Buffer) => this.#read(data));
  }

  /** The next request: at once, or when it is due. */
  sendNext(): void {
    const { perSecond, callers } = this.#run.task;
    if (perSecond === undefined) {
      this.send();
      return;
    }
    this.#due += (callers.length * 1_000) / perSecond;
    const wait = this.#due - performance.now();
    if (wait > 1) setTimeout(() => this.#run.going && this.send(this.#due), wait);
    else this.send(this.#due);
  }

  /** Spreads the first requests of all callers over one period. */
  begin(place: number): void {
    const { perSecond } = this.#run.task;
    if (perSecond === undefined) {
      this.send();
      return;
    }
    this.#due = performance.now() + (place * 1_000) / perSecond;
    setTimeout(() => this.send(this.#due), Math.max(1, this.#due - performance.now()));
  }

  send(due = performance.now()): void {
    const { values } = this.#run.task;
    const value = values[this.#next++ % values.length]!;
    this.#sentAt = due;
    this.#socket.write(this.#head + this.#before + value + this.#after, 'latin1');
  }

  #read(data: Buffer): void {
    this.#run.bytes += data.length;
    if (this.#missing < 0) {
      this.#chunks.push(data);
      const all = this.#chunks.length === 1 ? data : Buffer.concat(this.#chunks);
      const headEnd = all.indexOf('\r\n\r\n');
      if (headEnd < 0) return;
      const head = all.toString('latin1', 0, headEnd);
      const status = Number(head.slice(9, 12));
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1]);
      if (status !== 200 && all.includes('witness-overdue')) {
        this.#chunks = [];
        this.#run.late++;
        setTimeout(() => this.#run.going && this.send(), 250);
        return;
      }
      if (status !== 200 || Number.isNaN(length)) {
        this.#run.fail(status, all.toString('utf8').slice(0, 600));
        return;
      }
      this.#missing = headEnd + 4 + length - all.length;
    } else this.#missing -= data.length;
    if (this.#missing > 0) return;
    this.#chunks = [];
    this.#missing = -1;
    this.#run.answered(performance.now() - this.#sentAt);
    if (this.#run.going) this.sendNext();
  }

  close(): void {
    this.#socket.destroy();
  }
}

class Run {
  readonly task: LoadTask;
  going = true;
  bytes = 0;
  late = 0;
  #measuring = false;
  #times: number[] = [];
  #callers: Caller[] = [];

  constructor(given: LoadTask) {
    this.task = given;
  }

  answered(ms: number): void {
    if (this.#measuring) this.#times.push(ms);
  }

  fail(status: number, text: string): void {
    if (this.going) tell({ type: 'failed', status, text } satisfies LoadMessage);
    this.going = false;
  }

  async run(): Promise<void> {
    this.#callers = this.task.callers.map((caller, place) => new Caller(this, caller, place));
    await Promise.all(this.#callers.map((caller) => caller.ready));
    for (const [place, caller] of this.#callers.entries()) caller.begin(place);
    await sleep(this.task.warmUpMs);
    tell({ type: 'begin' } satisfies LoadMessage);
    this.bytes = 0;
    this.late = 0;
    this.#measuring = true;
    const from = performance.now();
    const cpu = process.cpuUsage();
    await sleep(this.task.measuredMs);
    this.#measuring = false;
    const ms = performance.now() - from;
    const used = process.cpuUsage(cpu);
    const { bytes, late } = this;
    tell({ type: 'end' } satisfies LoadMessage);
    this.going = false;
    const sorted = Float64Array.from(this.#times).sort();
    const cpuMs = (used.user + used.system) / 1_000;
    tell({ type: 'done', count: sorted.length, late, ms, sorted, bytes, cpuMs } satisfies LoadMessage);
    await sleep(200);
    for (const caller of this.#callers) caller.close();
  }
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

await new Run(await task<LoadTask>()).run();
