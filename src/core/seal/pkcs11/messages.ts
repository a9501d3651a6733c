import type { ErrorFacts, ErrorKind } from '../../../ground/errors.ts';

/** The three kinds of object the store keeps in the token. */
export type TokenKeyKind = 'aes' | 'hmac' | 'ed25519';

/** What the token's thread needs to begin. The PIN goes to it and nowhere else. */
export interface TokenAccess {
  /** Path of the token maker's PKCS#11 library. */
  readonly module: string;
  /** The token's label, as given at its initialisation. */
  readonly token: string;
  readonly pin: string;
}

/** One operation of the token; `label` names the key object. */
export type TokenOperation =
  | { readonly op: 'find' | 'create'; readonly kind: TokenKeyKind; readonly label: string }
  | {
      readonly op: 'encrypt';
      readonly label: string;
      readonly data: Uint8Array;
      readonly place: Uint8Array;
      readonly iv: Uint8Array;
    }
  | {
      readonly op: 'decrypt';
      readonly label: string;
      readonly data: Uint8Array;
      readonly place: Uint8Array;
      readonly iv: Uint8Array;
    }
  | { readonly op: 'mac' | 'sign'; readonly label: string; readonly data: Uint8Array }
  | { readonly op: 'publicKey'; readonly label: string };

export type TokenRequest = TokenOperation & { readonly id: number };

export type TokenReply =
  | { readonly id: number; readonly value: Uint8Array | boolean }
  | { readonly id: number; readonly error: { readonly kind: ErrorKind; readonly facts: ErrorFacts } };

/** Requests and replies travel in lists: one message for all that came in one turn of the event loop. */
export type ToToken = readonly TokenRequest[] | 'close';
export type FromToken = readonly TokenReply[];
