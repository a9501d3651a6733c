import { SekishoError } from '../../../ground/errors.ts';
import { cosignatureTime, splitNote } from '../note.ts';
import type { Witness, WitnessAnswer } from '../witnesses.ts';
import { originHash } from './state.ts';
import { fromDecimal } from './text.ts';

/** The part of `fetch` that is used; comes in as an argument where the network must not be real. */
export type Fetch = (
  url: string,
  init: { method: string; body?: string; headers?: Record<string, string>; signal: AbortSignal },
) => Promise<{ status: number; headers: { get(name: string): string | null }; text(): Promise<string> }>;

export interface WitnessClientOptions {
  /** Submission and monitoring prefix, no trailing slash. */
  url: string;
  name: string;
  /** 32 raw bytes, Ed25519. */
  publicKey: Buffer;
  /** Default 2,000 ms. */
  timeoutMs?: number;
  fetch?: Fetch;
}

/** Asks one witness over HTTP (C2SP tlog-witness). Trusts no answer whose cosignature does not verify. */
export class WitnessClient implements Witness {
  readonly name: string;
  readonly publicKey: Buffer;
  readonly #url: string;
  readonly #timeoutMs: number;
  readonly #fetch: Fetch;

  constructor(options: WitnessClientOptions) {
    this.name = options.name;
    this.publicKey = options.publicKey;
    this.#url = options.url;
    this.#timeoutMs = options.timeoutMs ?? 2_000;
    this.#fetch = options.fetch ?? globalThis.fetch;
  }

  async addCheckpoint(old: number, proof: readonly Buffer[], checkpoint: string): Promise<WitnessAnswer> {
    const lines = [`old ${old}`, ...proof.map((hash) => hash.toString('base64')), '', checkpoint];
    let status: number;
    let type: string;
    let text: string;
    try {
      const response = await this.#fetch(`${this.#url}/add-checkpoint`, {
        method: 'POST',
        body: lines.join('\n'),
        signal: AbortSignal.timeout(this.#timeoutMs),
      });
      status = response.status;
      type = response.headers.get('content-type') ?? '';
      text = await response.text();
    } catch {
      return { outcome: 'unreachable' };
    }
    if (status === 200) return this.#cosignature(text, checkpoint);
    const size = status === 409 && type.startsWith('text/x.tlog.size') ? fromDecimal(text.trim()) : undefined;
    if (size !== undefined) return { outcome: 'conflict', size };
    if (status === 422) return { outcome: 'inconsistent' };
    return status >= 500 ? { outcome: 'unreachable' } : { outcome: 'refused', status };
  }

  /** The first line that is this witness's good cosignature; others are passed over, as the specification asks. */
  #cosignature(body: string, checkpoint: string): WitnessAnswer {
    const { text } = splitNote(checkpoint);
    for (const line of body.split('\n').map((bare) => `${bare}\n`)) {
      const timestamp = cosignatureTime(line, text, this);
      if (timestamp !== undefined) return { outcome: 'cosigned', line, timestamp };
    }
    return { outcome: 'refused', status: 200 };
  }

  async latest(origin: string): Promise<string | undefined> {
    const fail = (cause?: unknown) =>
      new SekishoError('unreachable', { what: 'witness', witness: this.name }, { cause });
    let status: number;
    let text: string;
    try {
      const response = await this.#fetch(`${this.#url}/${originHash(origin)}/checkpoint`, {
        method: 'GET',
        signal: AbortSignal.timeout(this.#timeoutMs),
      });
      status = response.status;
      text = await response.text();
    } catch (cause) {
      throw fail(cause);
    }
    if (status === 404) return undefined;
    if (status !== 200) throw fail();
    return text;
  }
}
