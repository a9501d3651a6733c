import { createSecretKey } from 'node:crypto';
import type { Randomness } from '../../ground/randomness.ts';
import { ivBytes, keyBytes, sealInto, sealOverheadBytes } from './aead.ts';

/** What is sealed under one person's key: places as bytes (`placeBytes`) and plaintexts. */
export interface Unsealed {
  /** 32 bytes. */
  readonly key: Buffer;
  readonly parts: readonly { readonly place: Buffer; readonly plain: Buffer }[];
}

const headBytes = keyBytes + 1;
const partHeadBytes = 2 + 4 + ivBytes;

/**
 * One run of bytes for a batch: per person key | count, per part length of place and of plaintext, IV | place | plaintext.
 * As objects, each buffer would be copied and wrapped anew on its way to a thread, which costs more than sealing it.
 */
export function packBatch(batch: readonly Unsealed[], randomness: Randomness): Buffer {
  let bytes = 0;
  for (const { parts } of batch) {
    bytes += headBytes;
    for (const { place, plain } of parts) bytes += partHeadBytes + place.length + plain.length;
  }
  // Not of the pool: the memory goes over to the thread whole.
  const packed = Buffer.allocUnsafeSlow(bytes);
  let at = 0;
  for (const { key, parts } of batch) {
    at += key.copy(packed, at);
    at = packed.writeUInt8(parts.length, at);
    for (const { place, plain } of parts) {
      at = packed.writeUInt16BE(place.length, at);
      at = packed.writeUInt32BE(plain.length, at);
      at += randomness.bytes(ivBytes).copy(packed, at);
      at += place.copy(packed, at);
      at += plain.copy(packed, at);
    }
  }
  return packed;
}

/** Seals a packed batch: the seals in their order, end to end. Keys and plaintexts are wiped from `packed`. */
export function sealPacked(packed: Buffer): Buffer {
  const out = Buffer.allocUnsafeSlow(sealedBytes(packed));
  let at = 0;
  let to = 0;
  while (at < packed.length) {
    const key = createSecretKey(packed.subarray(at, at + keyBytes));
    let parts = packed.readUInt8(at + keyBytes);
    at += headBytes;
    for (; parts > 0; parts--) {
      const { iv, place, plain, end } = partAt(packed, at);
      const length = plain.length + sealOverheadBytes;
      sealInto(out.subarray(to, to + length), key, iv, place, plain);
      at = end;
      to += length;
    }
  }
  packed.fill(0);
  return out;
}

function partAt(packed: Buffer, at: number) {
  const iv = at + 6;
  const place = iv + ivBytes;
  const plain = place + packed.readUInt16BE(at);
  const end = plain + packed.readUInt32BE(at + 2);
  return {
    iv: packed.subarray(iv, place),
    place: packed.subarray(place, plain),
    plain: packed.subarray(plain, end),
    end,
  };
}

function sealedBytes(packed: Buffer): number {
  let bytes = 0;
  for (let at = 0; at < packed.length; ) {
    let parts = packed.readUInt8(at + keyBytes);
    at += headBytes;
    for (; parts > 0; parts--) {
      const { plain, end } = partAt(packed, at);
      bytes += plain.length + sealOverheadBytes;
      at = end;
    }
  }
  return bytes;
}

/** The seals of {@link sealPacked} cut apart, person by person and part by part. */
export function cutBatch(batch: readonly Unsealed[], sealed: Buffer): Buffer[][] {
  let at = 0;
  return batch.map(({ parts }) =>
    parts.map(({ plain }) => {
      const from = at;
      at += plain.length + sealOverheadBytes;
      return sealed.subarray(from, at);
    }),
  );
}
