/**
 * What a verification asks of its surroundings. The algorithms are generators that yield an `Ask` and go on with its
 * answer: one text serves a synchronous hash (Node, fast) and an asynchronous one (WebCrypto in a browser).
 */
export interface Primitives {
  /** SHA-256 of `data`, 32 bytes. */
  sha256(data: Uint8Array): Uint8Array | Promise<Uint8Array>;
  /** True when `signature` (64 bytes) is the Ed25519 signature (RFC 8032) of `message` under the 32-byte key. */
  ed25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean | Promise<boolean>;
}

export type Ask =
  | { ask: 'sha256'; data: Uint8Array }
  | { ask: 'ed25519'; publicKey: Uint8Array; message: Uint8Array; signature: Uint8Array };

/** A computation that asks for hashes and signature checks and ends with an `R`. */
export type Asking<R> = Generator<Ask, R, unknown>;

export function* sha256(data: Uint8Array): Asking<Uint8Array> {
  return (yield { ask: 'sha256', data }) as Uint8Array;
}

export function* ed25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Asking<boolean> {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  return (yield { ask: 'ed25519', publicKey, message, signature }) as boolean;
}

function answer(ask: Ask, primitives: Primitives): unknown {
  return ask.ask === 'sha256'
    ? primitives.sha256(ask.data)
    : primitives.ed25519(ask.publicKey, ask.message, ask.signature);
}

/** Runs a computation: at once where every primitive answers at once, else as a promise. */
export function run<R>(computation: Asking<R>, primitives: Primitives): R | Promise<R> {
  let step = computation.next();
  while (!step.done) {
    const given = answer(step.value, primitives);
    if (given instanceof Promise) return runLater(computation, given, primitives);
    step = computation.next(given);
  }
  return step.value;
}

async function runLater<R>(
  computation: Asking<R>,
  first: Promise<unknown>,
  primitives: Primitives,
): Promise<R> {
  let step = computation.next(await first);
  while (!step.done) step = computation.next(await answer(step.value, primitives));
  return step.value;
}

type Subtle = typeof globalThis.crypto.subtle;
type Source = Parameters<Subtle['digest']>[1];

/** The browser's own primitives (Web Cryptography; Ed25519 as in its Secure Curves part). Also there in Node. */
export const webPrimitives: Primitives = {
  sha256: async (data) => new Uint8Array(await globalThis.crypto.subtle.digest('SHA-256', data as Source)),
  async ed25519(publicKey, message, signature) {
    const { subtle } = globalThis.crypto;
    try {
      const key = await subtle.importKey('raw', publicKey as Source, 'Ed25519', false, ['verify']);
      return await subtle.verify('Ed25519', key, signature as Source, message as Source);
    } catch {
      // A key that is no point of the curve verifies nothing.
      return false;
    }
  },
};
