import { hash } from 'node:crypto';
import type { Clock } from '../../../ground/clock.ts';
import type { NoteSigner } from '../note.ts';
import { type Primitives, parseNote, verifyConsistency, verifyNote } from '../verify/index.ts';
import { parseAddCheckpoint } from './request.ts';
import { originHash, type WitnessState } from './state.ts';
import { fromBase64, fromDecimal } from './text.ts';

/** A log a witness serves: its origin and the vkeys it may sign with. */
export interface WitnessedLog {
  origin: string;
  keys: readonly string[];
  /**
   * Also serve `<origin>/2`, `<origin>/3` … signed with the same key bytes: the successors of a log whose tip was
   * lost. Each is a log of its own; none can replace another.
   */
  successors?: boolean;
}

export interface Answer {
  status: number;
  type: string;
  body: string;
}

const plain = (status: number, body = ''): Answer => ({ status, type: 'text/plain; charset=utf-8', body });

interface Head {
  origin: string;
  size: number;
  root: Buffer;
}

function parseHead(text: string): Head | undefined {
  const lines = text.slice(0, -1).split('\n');
  const [origin, sizeText = '', rootText = ''] = lines;
  const size = fromDecimal(sizeText);
  const root = fromBase64(rootText);
  if (!text.endsWith('\n') || !origin || lines.includes('')) return undefined;
  return size === undefined || root?.length !== 32 ? undefined : { origin, size, root };
}

export interface WitnessOptions {
  signer: NoteSigner;
  logs: readonly WitnessedLog[];
  state: WitnessState;
  clock: Clock;
  primitives: Primitives;
}

/** The witness itself, without HTTP: checks, remembers, cosigns. Built on the checker, not on the writer's code. */
export class WitnessCore {
  readonly #o: WitnessOptions;
  /** The tail of the work on each origin: check and persist must be one step (tlog-witness, the race A/B). */
  readonly #tails = new Map<string, Promise<unknown>>();

  constructor(options: WitnessOptions) {
    this.#o = options;
  }

  #keysOf(origin: string): readonly string[] | undefined {
    const exact = this.#o.logs.find((log) => log.origin === origin);
    if (exact !== undefined) return exact.keys;
    const base = this.#o.logs.find(
      (log) =>
        log.successors === true &&
        /^\/([2-9]|[1-9]\d{1,5})$/.test(origin.slice(log.origin.length)) &&
        origin.startsWith(log.origin),
    );
    return base?.keys.map((vkey) => renamed(vkey, base.origin, origin));
  }

  async addCheckpoint(body: string): Promise<Answer> {
    const request = parseAddCheckpoint(body);
    const note = request === undefined ? undefined : parseNote(request.checkpoint);
    const head = note === undefined ? undefined : parseHead(note.text);
    if (request === undefined || note === undefined || head === undefined) return plain(400);
    const keys = this.#keysOf(head.origin);
    if (keys === undefined) return plain(404);
    const signed = await verifyNote(request.checkpoint, keys, this.#o.primitives);
    if (!signed.ok) return plain(403);
    if (request.old > head.size) return plain(400);
    const logLines = note.signatures.filter(({ name }) => signed.signedBy.some((by) => by.name === name));
    const kept = `${note.text}\n${logLines
      .map(({ name, id, signature }) => `— ${name} ${Buffer.concat([id, signature]).toString('base64')}\n`)
      .join('')}`;
    return this.#alone(head.origin, () => this.#consider(request.old, request.proof, head, note.text, kept));
  }

  /** Runs one work after the other per origin. */
  #alone<T>(origin: string, work: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(origin) ?? Promise.resolve();
    const mine = before.then(work, work);
    this.#tails.set(
      origin,
      mine.catch(() => {}),
    );
    return mine;
  }

  async #consider(old: number, proof: Uint8Array[], head: Head, text: string, note: string): Promise<Answer> {
    const stored = await this.#o.state.read(head.origin);
    const last = stored === undefined ? undefined : parseHead(parseNote(stored)?.text ?? '');
    // A state that is there but cannot be read is no state of "never cosigned".
    if (stored !== undefined && last === undefined) return plain(500);
    const size = last?.size ?? 0;
    if (old !== size) return { status: 409, type: 'text/x.tlog.size', body: `${size}\n` };
    if (!(await this.#consistent(old, proof, head, last))) return plain(422);
    const seconds = Math.floor(this.#o.clock.now() / 1000);
    const line = await this.#cosign(text, seconds);
    await this.#o.state.write(head.origin, note + line);
    return plain(200, line);
  }

  async #consistent(old: number, proof: Uint8Array[], head: Head, last: Head | undefined): Promise<boolean> {
    if (head.size === 0 && !head.root.equals(hash('sha256', '', 'buffer'))) return false;
    // RFC 6962 knows no proof from the empty tree: nothing to prove, nothing may be given.
    if (old === 0)
      return proof.length === 0 && (last === undefined || head.size > 0 || head.root.equals(last.root));
    const { primitives } = this.#o;
    const verdict = await verifyConsistency(
      { oldSize: old, newSize: head.size, oldRoot: last!.root, newRoot: head.root, path: proof },
      primitives,
    );
    return verdict.ok;
  }

  /** tlog-cosignature v1: u64 seconds ‖ Ed25519 over `cosignature/v1`, the time and the checkpoint's text. */
  async #cosign(text: string, seconds: number): Promise<string> {
    const { signer } = this.#o;
    const { name, publicKey } = signer;
    const signature = await signer.sign(Buffer.from(`cosignature/v1\ntime ${seconds}\n${text}`));
    const material = Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(0x04), publicKey]);
    const id = hash('sha256', material, 'buffer').subarray(0, 4);
    const time = Buffer.alloc(8);
    time.writeBigUInt64BE(BigInt(seconds));
    return `— ${name} ${Buffer.concat([id, time, signature]).toString('base64')}\n`;
  }

  /** The latest cosigned checkpoint of the log whose origin has this hash; 404: none. */
  async latest(hashOfOrigin: string): Promise<Answer> {
    const successors = (origin: string) => Array.from({ length: 98 }, (_, i) => `${origin}/${i + 2}`);
    const origins = this.#o.logs.flatMap((log) => [
      log.origin,
      ...(log.successors ? successors(log.origin) : []),
    ]);
    const origin = origins.find((candidate) => originHash(candidate) === hashOfOrigin);
    const note = origin === undefined ? undefined : await this.#o.state.read(origin);
    return note === undefined ? plain(404) : plain(200, note);
  }
}

/** The vkey of the same key under a successor's name. */
function renamed(vkey: string, from: string, to: string): string {
  // The key itself is base64 and may hold a `+` of its own.
  const [name = '', , ...rest] = vkey.split('+');
  const material = rest.join('+');
  const newName = name === from ? to : name;
  const id = hash(
    'sha256',
    Buffer.concat([Buffer.from(`${newName}\n`), Buffer.from(material, 'base64')]),
    'hex',
  ).slice(0, 8);
  return `${newName}+${id}+${material}`;
}
