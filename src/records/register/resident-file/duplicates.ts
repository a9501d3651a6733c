import { hash } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Randomness } from '../../../ground/randomness.ts';

const partitions = 64;
const hashBytes = 10;
const lineBytes = 6;
const recordBytes = hashBytes + lineBytes;
/** Bytes held per partition before they go to disk: 64 × 32 KiB = 2 MiB in all. */
const bufferBytes = 32_768;

export interface Duplicate {
  line: number;
  otherLine: number;
}

/**
 * Finds values that occur twice in a file of any length with bounded memory: each value becomes 80 bits of SHA-256 over it and a
 * key that lives only for this run, spread over 64 files; afterwards one file at a time is read. What lies on
 * disk meanwhile tells nothing without the key. 80 bits: among 250 million values a false alarm has probability 3 × 10⁻⁸.
 */
export class DuplicateFinder {
  /** In hex before each value. `hash` in one go: an Hmac object per value would cost more than all else of the pass. */
  readonly #key: string;
  readonly #folder: string;
  readonly #buffers: { bytes: Buffer; used: number; file: number | undefined }[];

  private constructor(folder: string, key: string) {
    this.#folder = folder;
    this.#key = key;
    this.#buffers = Array.from({ length: partitions }, () => ({
      bytes: Buffer.allocUnsafe(bufferBytes),
      used: 0,
      file: undefined,
    }));
  }

  /** @param parent an existing folder for the run's temporary files */
  static async create(parent: string, randomness: Randomness): Promise<DuplicateFinder> {
    return new DuplicateFinder(
      await mkdtemp(join(parent, 'sekisho-import-')),
      randomness.bytes(32).toString('hex'),
    );
  }

  /** Notes one value. A full buffer is written on the spot: 32 KiB into the page cache, and no second add meets a write under way. */
  add(value: string, line: number): void {
    // As a string of one character a byte: Node hands that out in a third of the time of a Buffer.
    const digest = hash('sha256', this.#key + value, 'binary');
    const at = digest.charCodeAt(31) % partitions;
    const buffer = this.#buffers[at]!;
    buffer.bytes.write(digest, buffer.used, hashBytes, 'latin1');
    buffer.bytes.writeUIntBE(line, buffer.used + hashBytes, lineBytes);
    buffer.used += recordBytes;
    if (buffer.used === bufferBytes) this.#spill(at);
  }

  #spill(at: number): void {
    const buffer = this.#buffers[at]!;
    buffer.file ??= openSync(join(this.#folder, String(at)), 'wx', 0o600);
    for (let written = 0; written < buffer.used; ) {
      written += writeSync(buffer.file, buffer.bytes, written, buffer.used - written);
    }
    buffer.used = 0;
  }

  /** Every line whose value another line has too, with that other line; the first of several names the second. */
  async *duplicates(): AsyncGenerator<Duplicate> {
    for (const [at, buffer] of this.#buffers.entries()) {
      const onDisk =
        buffer.file !== undefined ? await readFile(join(this.#folder, String(at))) : Buffer.alloc(0);
      yield* within(Buffer.concat([onDisk, buffer.bytes.subarray(0, buffer.used)]));
    }
  }

  async close(): Promise<void> {
    for (const { file } of this.#buffers) if (file !== undefined) closeSync(file);
    await rm(this.#folder, { recursive: true, force: true });
  }
}

function* within(records: Buffer): Generator<Duplicate> {
  const firstLine = new Map<string, number>();
  const told = new Set<number>();
  for (let at = 0; at < records.length; at += recordBytes) {
    const hash = records.toString('latin1', at, at + hashBytes);
    const line = records.readUIntBE(at + hashBytes, lineBytes);
    const first = firstLine.get(hash);
    if (first === undefined) {
      firstLine.set(hash, line);
      continue;
    }
    if (!told.has(first)) {
      told.add(first);
      yield { line: first, otherLine: line };
    }
    yield { line, otherLine: first };
  }
}
