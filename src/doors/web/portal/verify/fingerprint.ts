import { fromBase64 } from '../../../../core/journal/verify/index.ts';

/** A public key as two people compare it: SHA-256 of the 32 key bytes in hex, groups of four. Undefined: no such key. */
export async function fingerprintOf(vkey: string): Promise<string | undefined> {
  const typed = fromBase64(/^[^+]+\+[0-9a-f]{8}\+([A-Za-z0-9+/=]+)$/.exec(vkey)?.[1] ?? '');
  if (typed?.length !== 33) return undefined;
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', typed.slice(1)));
  const text = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return text.match(/.{4}/g)!.join(' ');
}
