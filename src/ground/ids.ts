import type { Clock } from './clock.ts';
import type { Randomness } from './randomness.ts';

/** A resident's internal id: UUID version 7, made by the application, the same in every municipality. */
export type PersonId = string & { readonly __brand: 'PersonId' };

/** Local government code, 6 digits with check digit, e.g. `131016`. The first key column of every table that grows. */
export type MunicipalityCode = string & { readonly __brand: 'MunicipalityCode' };

/** UUID version 7 (RFC 9562 §5.7): 48-bit milliseconds, then 74 random bits. */
export function uuidv7(clock: Clock, randomness: Randomness): string {
  const bytes = Buffer.from(randomness.bytes(16));
  bytes.writeUIntBE(clock.now(), 0, 6);
  bytes[6] = 0x70 | (bytes[6]! & 0x0f);
  bytes[8] = 0x80 | (bytes[8]! & 0x3f);
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

export function isUuid(text: string): boolean {
  return uuidPattern.test(text);
}

/** The 16 bytes of a UUID. Of what is none, as many bytes as its first hexadecimal digits give: who must know asks {@link isUuid}. */
export function uuidBytes(uuid: string): Buffer {
  const bytes = Buffer.allocUnsafe(16);
  return putUuid(bytes, 0, uuid) ? bytes : Buffer.from(uuid.replaceAll('-', ''), 'hex');
}

/** Where the sixteen pairs of digits stand in a UUID's text. */
const pairsAt = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34] as const;
const dashesAt = [8, 13, 18, 23] as const;
/** Value of a hexadecimal digit by its character code; above 15 for what is none. */
const digitValue = new Uint8Array(128).fill(0xff);
for (let digit = 0; digit < 16; digit++) digitValue[digit.toString(16).charCodeAt(0)] = digit;

/** Writes the 16 bytes of a UUID in lower case. By hand, for an import does it ten times a resident; false where it is none. */
export function putUuid(target: Buffer, offset: number, uuid: string): boolean {
  if (uuid.length !== 36) return false;
  for (const at of dashesAt) if (uuid.charCodeAt(at) !== 0x2d) return false;
  for (let i = 0; i < 16; i++) {
    const at = pairsAt[i]!;
    const high = digitValue[uuid.charCodeAt(at)] ?? 0xff;
    const low = digitValue[uuid.charCodeAt(at + 1)] ?? 0xff;
    if (high > 15 || low > 15) return false;
    target[offset + i] = (high << 4) | low;
  }
  return true;
}
