import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import type { NoteSigner, PayloadSealer } from '../core/journal/index.ts';
import { hmacOf, type KeyStore, openBytes, padsOf, sealBytes, wholeIndexBytes } from '../core/seal/index.ts';
import { japanDate } from '../ground/clock.ts';
import { type MunicipalityCode, type PersonId, uuidBytes } from '../ground/ids.ts';
import type { Randomness } from '../ground/randomness.ts';

/** What a journal needs of the keys, without knowing seal: the two rooms never meet but here. */
export interface JournalPorts {
  signer: NoteSigner;
  sealer: PayloadSealer;
  personToken: (person: PersonId) => Buffer;
}

/** Name of the journals' signing key in the key store. */
export const journalKeyName = 'journal';

const hourMs = 3_600_000;

/**
 * Signer, payload sealer and person token of one municipality's journal. Payloads are sealed under a key of their month
 * (in Japan), bound to their leaf: one put under another line is refused. The month keys and the token key are made in
 * memory from one secret each, for they are wanted thousands of times a second and a token answers in milliseconds.
 */
export async function journalPorts(
  store: KeyStore,
  municipality: MunicipalityCode,
  origin: string,
  randomness: Randomness,
): Promise<JournalPorts> {
  const periodKey = periodKeys(await store.secret(`payload/${municipality}`));
  const token = padsOf(await store.secret(`journal-person/${municipality}`));
  return {
    signer: {
      name: origin,
      publicKey: await store.publicKey(journalKeyName),
      sign: (data) => store.sign(journalKeyName, data),
    },
    sealer: {
      seal: (leaf, at, plain) => sealBytes(periodKey(at), leaf, plain, randomness),
      open: (leaf, at, sealed) => openBytes(periodKey(at), leaf, sealed, { what: 'payload' }),
    },
    personToken: (person) => hmacOf(token, uuidBytes(person)).subarray(0, wholeIndexBytes),
  };
}

/** The key of a moment's month in Japan. Months change at full hours, so the calendar is asked once an hour of lines. */
function periodKeys(secret: Buffer): (at: number) => KeyObject {
  const byPeriod = new Map<string, KeyObject>();
  let hour = Number.NaN;
  let current: KeyObject;
  return (at) => {
    const asked = Math.floor(at / hourMs);
    if (asked === hour) return current;
    const period = japanDate(at).slice(0, 7);
    let key = byPeriod.get(period);
    if (key === undefined) {
      // A KeyObject: given bare bytes, Node spends as long on finding out what they are as on sealing a line.
      key = createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', `sekisho/payload/v1/${period}`, 32)));
      byPeriod.set(period, key);
    }
    hour = asked;
    current = key;
    return key;
  };
}
