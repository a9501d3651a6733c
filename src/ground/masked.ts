import { inspect } from 'node:util';

/**
 * A value that must not be shown: a number, a name, a passphrase. It prints, serialises and inspects as its kind;
 * the value comes out only by `reveal()`, which is easy to search for.
 */
export class Masked<Kind extends string = string> {
  readonly kind: Kind;
  readonly #value: string;

  constructor(kind: Kind, value: string) {
    this.kind = kind;
    this.#value = value;
  }

  /** The bare value. Every caller of this is a place to look at in a review. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return `‹${this.kind}›`;
  }

  toJSON(): string {
    return this.toString();
  }

  [inspect.custom](): string {
    return this.toString();
  }

  [Symbol.toPrimitive](): string {
    return this.toString();
  }
}
