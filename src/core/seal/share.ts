import { createHash } from 'node:crypto';
import { SekishoError } from '../../ground/errors.ts';
import { Masked } from '../../ground/masked.ts';

/** One officer's part of a keystore's root (Shamir). Prints masked; the text is what the officer keeps. */
export type Share = Masked<'keystore-share'>;

/** What a share says about itself besides its secret part, so that a foreign one is told from a damaged one. */
export interface ShareContent {
  /** 16 bytes: the keystore. */
  readonly storeId: Buffer;
  /** 4 bytes: the splitting; a re-sharing makes a new one. */
  readonly setId: Buffer;
  /** 33 bytes of `shamir-secret-sharing`: 32 of the polynomials' values, then the x coordinate. */
  readonly part: Buffer;
}

// Crockford's base 32: no I, L, O, U, so that a share can be read from paper and typed.
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const prefix = 'SKS1';
const storeBytes = 16;
const setBytes = 4;
const partBytes = 33;
const checkBytes = 4;
const contentBytes = storeBytes + setBytes + partBytes;

function checksum(content: Buffer): Buffer {
  return createHash('sha256').update('sekisho/share/v1\0').update(content).digest().subarray(0, checkBytes);
}

/** `SKS1-XXXXX-…`: store, splitting, part and a 4-byte checksum against slips of the pen. */
export function formatShare(share: ShareContent): Share {
  const content = Buffer.concat([share.storeId, share.setId, share.part]);
  let bits = 0n;
  const all = Buffer.concat([content, checksum(content)]);
  for (const byte of all) bits = (bits << 8n) | BigInt(byte);
  let text = '';
  for (let left = Math.ceil((all.length * 8) / 5); left > 0; left--) {
    text = alphabet[Number(bits & 31n)] + text;
    bits >>= 5n;
  }
  return new Masked('keystore-share', [prefix, ...(text.match(/.{1,5}/g) ?? [])].join('-'));
}

/**
 * @param position 1 upward, which of the given shares it is: the error names it
 * @throws keystore-wrong-secret {reason: 'share-damaged'} when a character is wrong or missing
 */
export function parseShare(share: Masked, position: number): ShareContent {
  const damaged = () =>
    new SekishoError('keystore-wrong-secret', { reason: 'share-damaged', share: position });
  const text = share.reveal().toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1');
  const total = contentBytes + checkBytes;
  if (!text.startsWith(prefix) || text.length !== prefix.length + Math.ceil((total * 8) / 5)) throw damaged();
  let bits = 0n;
  for (const character of text.slice(prefix.length)) {
    const value = alphabet.indexOf(character);
    if (value < 0) throw damaged();
    bits = (bits << 5n) | BigInt(value);
  }
  if (bits >> BigInt(total * 8) !== 0n) throw damaged();
  const all = Buffer.from(bits.toString(16).padStart(total * 2, '0'), 'hex');
  const content = all.subarray(0, contentBytes);
  if (!checksum(content).equals(all.subarray(contentBytes))) throw damaged();
  return {
    storeId: content.subarray(0, storeBytes),
    setId: content.subarray(storeBytes, storeBytes + setBytes),
    part: content.subarray(storeBytes + setBytes),
  };
}
