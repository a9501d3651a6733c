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

/** The 16 bytes of a UUID. */
export function uuidBytes(uuid: string): Buffer {
  return Buffer.from(uuid.replaceAll('-', ''), 'hex');
}
