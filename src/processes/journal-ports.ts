import { createHmac, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import type { NoteSigner, PayloadSealer } from '../core/journal/index.ts';
import { type KeyStore, openBytes, sealBytes, wholeIndexBytes } from '../core/seal/index.ts';
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
  const payloadSecret = await store.secret(`payload/${municipality}`);
  // As KeyObjects: handed over as bytes, a key costs several times the work it does.
  const tokenKey = createSecretKey(await store.secret(`journal-person/${municipality}`));
  const periods = new Map<string, KeyObject>();
  const periodKey = (at: number): KeyObject => {
    const period = japanDate(at).slice(0, 7);
    let key = periods.get(period);
    if (key === undefined) {
      key = createSecretKey(
        Buffer.from(hkdfSync('sha256', payloadSecret, '', `sekisho/payload/v1/${period}`, 32)),
      );
      periods.set(period, key);
    }
    return key;
  };
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
    personToken: (person) =>
      createHmac('sha256', tokenKey).update(uuidBytes(person)).digest().subarray(0, wholeIndexBytes),
  };
}
