import { type Primitives, webPrimitives } from '../../../../core/journal/verify/index.ts';

type ImportedKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>;
type Source = Parameters<typeof crypto.subtle.digest>[1];

/** WebCrypto with every public key imported once: the same few keys check every head of a page. */
export function cachingPrimitives(): Primitives {
  const keys = new Map<string, Promise<ImportedKey | undefined>>();
  const imported = (publicKey: Uint8Array) => {
    const name = publicKey.join();
    let key = keys.get(name);
    if (key === undefined) {
      key = crypto.subtle
        .importKey('raw', publicKey as Source, 'Ed25519', false, ['verify'])
        // No point of the curve: verifies nothing.
        .catch(() => undefined);
      keys.set(name, key);
    }
    return key;
  };
  return {
    sha256: webPrimitives.sha256,
    async ed25519(publicKey, message, signature) {
      const key = await imported(publicKey);
      if (key === undefined) return false;
      return crypto.subtle.verify('Ed25519', key, signature as Source, message as Source);
    },
  };
}

/** RFC 8032 §7.1, test 2: a key, a message and the signature that must hold. */
const known = {
  publicKey: '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
  message: '72',
  signature:
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
};
const fromHex = (text: string) => Uint8Array.from(text.match(/../g)!, (pair) => Number.parseInt(pair, 16));

/** True where this browser checks Ed25519 by itself; where it cannot, a mark must be grey and not red. */
export async function canCheck(primitives: Primitives): Promise<boolean> {
  try {
    return await primitives.ed25519(
      fromHex(known.publicKey),
      fromHex(known.message),
      fromHex(known.signature),
    );
  } catch {
    return false;
  }
}
