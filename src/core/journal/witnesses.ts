import type { SignedHead } from './checkpoint.ts';
import type { JournalLog } from './log.ts';
import type { HashTree } from './tree.ts';

/** How a witness answered one add-checkpoint (C2SP tlog-witness). */
export type WitnessAnswer =
  | { outcome: 'cosigned'; line: string; timestamp: number }
  /** 409: it last cosigned another size than we said. */
  | { outcome: 'conflict'; size: number }
  /** 422: it holds our checkpoint inconsistent with one it cosigned. */
  | { outcome: 'inconsistent' }
  /** 400, 403, 404, a bad signature, or anything else that asking again will not mend. */
  | { outcome: 'refused'; status: number }
  | { outcome: 'unreachable' };

/** What the journal needs of a witness; WitnessClient is one over HTTP. */
export interface Witness {
  readonly name: string;
  /** 32 raw bytes, Ed25519; undefined where it is told nobody. */
  readonly publicKey?: Buffer;
  addCheckpoint(old: number, proof: readonly Buffer[], checkpoint: string): Promise<WitnessAnswer>;
  /** The latest checkpoint it cosigned for an origin; undefined: none. Throws `unreachable`. */
  latest(origin: string): Promise<string | undefined>;
}

/** Heads that wait for cosignatures; older ones are given up. */
const MOST_WAITING = 16;

interface Cosigned {
  head: SignedHead;
  lines: Map<string, string>;
}

export interface WitnessesOptions {
  witnesses: readonly Witness[];
  quorum: number;
  tree: () => HashTree;
  log: JournalLog;
  /** A head got its quorum: the note with all its cosignatures. */
  onWitnessed(head: SignedHead, note: string): Promise<void>;
  /** A witness says that this log has forked or fallen behind. */
  onBroken(kind: 'log-forked' | 'log-behind-witness', witness: string, size: number): void;
}

/** Brings signed heads to the witnesses, each at its own pace: a slow one holds up nobody. */
export class Witnesses {
  readonly #o: WitnessesOptions;
  readonly #known = new Map<string, number>();
  readonly #busy = new Map<string, Promise<void>>();
  readonly #waiting = new Map<number, Cosigned>();
  #target: SignedHead | undefined;
  #reached: { size: number; done: () => void }[] = [];
  #stopped = false;
  /** Largest size that reached its quorum. */
  witnessed = 0;

  constructor(options: WitnessesOptions) {
    this.#o = options;
  }

  /** What a witness is known to have seen at the start. */
  setKnown(name: string, size: number): void {
    this.#known.set(name, size);
  }

  /** Offers a head to every witness that is free; those that are not get it when they are. */
  offer(head: SignedHead): void {
    if (this.#target === undefined || head.size >= this.#target.size) this.#target = head;
    this.#waiting.set(head.size, this.#waiting.get(head.size) ?? { head, lines: new Map() });
    for (const size of this.#waiting.keys()) {
      if (this.#waiting.size <= MOST_WAITING) break;
      this.#waiting.delete(size);
    }
    for (const witness of this.#o.witnesses) {
      if (this.#busy.has(witness.name)) continue;
      const work = this.#advance(witness)
        .catch((error: unknown) => this.#o.log.error('witness-failed', error))
        .finally(() => this.#busy.delete(witness.name));
      this.#busy.set(witness.name, work);
    }
  }

  /** Resolves when a size is witnessed, or every witness has answered: one that never does holds up nobody. */
  async settled(size: number): Promise<void> {
    const answered = Promise.all(this.#busy.values());
    if (this.witnessed >= size) return;
    await Promise.race([answered, new Promise<void>((done) => this.#reached.push({ size, done }))]);
  }

  /** Answers that come from now on are passed over. */
  stop(): void {
    this.#stopped = true;
  }

  async #advance(witness: Witness): Promise<void> {
    for (;;) {
      const head = this.#target!;
      const done = await this.#ask(witness, head);
      if (!done || this.#stopped || this.#target === head) return;
    }
  }

  /** True when the witness has cosigned the head; a wrong guess of its size is put right once. */
  async #ask(witness: Witness, head: SignedHead): Promise<boolean> {
    if (this.#waiting.get(head.size)?.lines.has(witness.name)) return true;
    for (let attempt = 0; attempt < 2; attempt++) {
      const old = Math.min(this.#known.get(witness.name) ?? 0, head.size);
      const proof = await this.#o.tree().consistency(old, head.size);
      const answer = await witness.addCheckpoint(old, proof, head.note);
      switch (answer.outcome) {
        case 'cosigned':
          this.#known.set(witness.name, head.size);
          await this.#cosigned(head, witness.name, answer.line);
          return true;
        case 'conflict':
          if (answer.size > head.size) {
            this.#o.onBroken('log-behind-witness', witness.name, answer.size);
            return false;
          }
          this.#known.set(witness.name, answer.size);
          break;
        case 'inconsistent':
          this.#o.onBroken('log-forked', witness.name, head.size);
          return false;
        default:
          this.#o.log.warn('witness-silent', { witness: witness.name, outcome: answer.outcome });
          return false;
      }
    }
    return false;
  }

  async #cosigned(head: SignedHead, name: string, line: string): Promise<void> {
    const waiting = this.#waiting.get(head.size);
    if (waiting === undefined || this.#stopped) return;
    waiting.lines.set(name, line);
    if (waiting.lines.size < this.#o.quorum || head.size < this.witnessed) return;
    this.witnessed = head.size;
    for (const size of this.#waiting.keys()) if (size < head.size) this.#waiting.delete(size);
    await this.#o.onWitnessed(head, head.note + [...waiting.lines.values()].join(''));
    for (const { size, done } of this.#reached) if (size <= head.size) done();
    this.#reached = this.#reached.filter(({ size }) => size > head.size);
  }
}
