import {
  type CheckedCheckpoint,
  fromBase64,
  type Policy,
  type Primitives,
  type Reason,
  type Verdict,
  verifyCheckpoint,
  verifyInclusion,
  verifyLine,
} from '../../../../core/journal/verify/index.ts';
import { cachingPrimitives, canCheck } from './primitives.ts';
import type { Fault, LineContent, LineVerdict, ProvenHead } from './verdict.ts';

/** A line as the server gives it. Binary values base64; payload and salt are absent where its content is not told. */
export interface GivenLine {
  municipality: string;
  index: number;
  payload?: string | undefined;
  salt?: string | undefined;
  leafHash: string;
  /** Absent where the answer has no tree for the line. */
  proof?: { path: readonly string[]; checkpoint: string } | undefined;
}

/**
 * Checks lines under public keys and nothing else. Keeps imported keys and checked heads, so that a page of lines under
 * one head costs one signature check for the log and one for each witness.
 */
export class LineChecker {
  readonly #policies: ReadonlyMap<string, Policy>;
  readonly #primitives: Primitives;
  readonly #heads = new Map<string, Promise<Verdict<CheckedCheckpoint>>>();
  #able: Promise<boolean> | undefined;

  /** @param policies by municipality code */
  constructor(policies: ReadonlyMap<string, Policy>, primitives: Primitives = cachingPrimitives()) {
    this.#policies = policies;
    this.#primitives = primitives;
  }

  /**
   * One verdict for each line, in their order.
   * @param reader whom each line must be about, or have shown; where it is not given, whose lines they are is not looked at
   */
  async check(lines: readonly GivenLine[], reader?: string): Promise<LineVerdict[]> {
    this.#able ??= canCheck(this.#primitives);
    const able = await this.#able;
    return Promise.all(
      lines.map((line) =>
        able ? this.#checkOne(line, reader) : { mark: 'grey' as const, ...contentOf(line) },
      ),
    );
  }

  async #checkOne(line: GivenLine, reader: string | undefined): Promise<LineVerdict> {
    const told = contentOf(line);
    const red = (fault: Fault, reason?: Reason): LineVerdict => ({
      mark: 'red',
      fault,
      ...told,
      ...(reason === undefined ? {} : { reason }),
    });
    if (line.proof === undefined) return red('proof-missing');
    const policy = this.#policies.get(line.municipality);
    if (policy === undefined) return red('keys-missing');
    const leafHash = fromBase64(line.leafHash);
    if (leafHash?.length !== 32) return red('content-altered', 'commitment-differs');
    if (line.payload !== undefined || line.salt !== undefined) {
      const payload = fromBase64(line.payload ?? '');
      const salt = fromBase64(line.salt ?? '');
      if (payload === undefined || salt === undefined || told.content === undefined)
        return red('content-altered', 'commitment-differs');
      const held = await verifyLine({ payload, salt, leafHash }, this.#primitives);
      if (!held.ok) return red('content-altered', held.reason);
      if (reader !== undefined && !isAbout(told.content, reader)) return red('of-another');
    }
    const head = await this.#head(line.proof.checkpoint, line.municipality, policy);
    if (!head.ok)
      return red(head.reason === 'quorum-missed' ? 'witness-missing' : 'head-forged', head.reason);
    const path = line.proof.path.map((hash) => fromBase64(hash) ?? new Uint8Array());
    const proof = { index: line.index, size: head.size, leafHash, path, root: head.root };
    if (!Number.isSafeInteger(line.index)) return red('not-in-log', 'proof-malformed');
    const held = await verifyInclusion(proof, this.#primitives);
    return held.ok ? { mark: 'green', ...told, head: provenHead(head) } : red('not-in-log', held.reason);
  }

  #head(checkpoint: string, municipality: string, policy: Policy): Promise<Verdict<CheckedCheckpoint>> {
    const name = `${municipality}\n${checkpoint}`;
    let head = this.#heads.get(name);
    if (head === undefined) {
      head = Promise.resolve(verifyCheckpoint(checkpoint, policy, this.#primitives));
      this.#heads.set(name, head);
    }
    return head;
  }
}

/** Whether a line tells of somebody: as the one it is about, or as one whom a search showed. */
function isAbout({ person, body }: LineContent, reader: string): boolean {
  const hits = body['hits'];
  return person === reader || (Array.isArray(hits) && hits.includes(reader));
}

const hex = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

function provenHead(head: CheckedCheckpoint): ProvenHead {
  return {
    size: head.size,
    root: hex(head.root),
    witnesses: head.witnesses.map(({ name, timestamp }) => ({
      name,
      ...(timestamp === undefined ? {} : { at: timestamp * 1000 }),
    })),
  };
}

/** Beyond it a date is none (ECMA-262 §21.4.1.1): a page that shows it breaks. */
export const latestMs = 8.64e15;

/** What a line's own payload says; nothing where it is absent or none of ours. */
export function contentOf(line: GivenLine): { content?: LineContent } {
  const bytes = line.payload === undefined ? undefined : fromBase64(line.payload);
  if (bytes === undefined) return {};
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    const { v, at, kind, person, body } = value as Record<string, unknown>;
    if (v !== 1 || typeof at !== 'number' || !(Math.abs(at) <= latestMs) || typeof kind !== 'string')
      return {};
    if (typeof body !== 'object' || body === null || Array.isArray(body)) return {};
    const whom = typeof person === 'string' ? { person } : {};
    return { content: { at, kind, ...whom, body: body as Record<string, unknown> } };
  } catch {
    return {};
  }
}
