/**
 * The closed list of error kinds. Inside the house an error is a kind and a few facts; only the doors turn it
 * into words (`doors/words`). A kind never carries a number, a name or any other personal value.
 */
export const errorKinds = {
  // what came in was wrong
  'bad-input': 'input',
  'not-found': 'missing',
  'already-exists': 'conflict',
  conflict: 'conflict',
  'too-large': 'input',
  // the gate said no
  'caller-unknown': 'refused',
  'session-invalid': 'refused',
  'sign-in-failed': 'refused',
  suspended: 'refused',
  'case-required': 'refused',
  'no-authority': 'refused',
  'policy-denied': 'refused',
  locked: 'refused',
  'budget-spent': 'refused',
  'grant-invalid': 'refused',
  'second-factor-required': 'refused',
  'witness-overdue': 'unavailable',
  // sealing
  'seal-broken': 'broken',
  'key-erased': 'missing',
  'keystore-missing': 'unavailable',
  'keystore-wrong-secret': 'refused',
  'keystore-unsafe': 'refused',
  // journal
  'log-behind-witness': 'broken',
  'log-forked': 'broken',
  'proof-invalid': 'broken',
  'journal-unavailable': 'unavailable',
  // backup and recovery
  'backup-broken': 'broken',
  // the machine
  'config-invalid': 'input',
  'database-unavailable': 'unavailable',
  'schema-mismatch': 'broken',
  'disk-full': 'unavailable',
  timeout: 'unavailable',
  unreachable: 'unavailable',
  unsupported: 'input',
  internal: 'internal',
} as const;

export type ErrorKind = keyof typeof errorKinds;
export type ErrorClass = (typeof errorKinds)[ErrorKind];

/** Facts that may accompany an error: places, reasons, counts, ids. Never personal values. */
export type ErrorFacts = Readonly<Record<string, string | number | boolean | null>>;

/** The one error type of the house. `message` is the kind plus its facts, for logs and tests; doors word it. */
export class SekishoError extends Error {
  override readonly name = 'SekishoError';
  readonly kind: ErrorKind;
  readonly facts: ErrorFacts;

  constructor(kind: ErrorKind, facts: ErrorFacts = {}, options?: { cause?: unknown }) {
    super(`${kind} ${JSON.stringify(facts)}`, options);
    this.kind = kind;
    this.facts = facts;
  }

  get class(): ErrorClass {
    return errorKinds[this.kind];
  }
}

/** True when `error` is a SekishoError, of the given kind if one is named. */
export function isSekishoError(error: unknown, kind?: ErrorKind): error is SekishoError {
  return error instanceof SekishoError && (kind === undefined || error.kind === kind);
}

/** Wraps anything thrown: a SekishoError passes through, all else becomes `internal` with its cause kept. */
export function asSekishoError(error: unknown): SekishoError {
  return error instanceof SekishoError ? error : new SekishoError('internal', {}, { cause: error });
}
