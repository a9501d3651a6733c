import { type ErrorClass, type ErrorFacts, type ErrorKind, errorKinds, SekishoError } from '../errors.ts';

/** A problem document (RFC 9457 §3) as our servers send it. `facts` and `kind` are extension members (§3.2). */
export interface Problem {
  /** `urn:sekisho:error:<kind>`. */
  type: string;
  status: number;
  kind: ErrorKind;
  facts: ErrorFacts;
  /** In the reader's language; only the doors give words. */
  title?: string;
  detail?: string;
}

/** Words for an error, in the best language of the request's Accept-Language. */
export type Wording = (
  kind: ErrorKind,
  facts: ErrorFacts,
  acceptLanguage: string | undefined,
) => { title: string; detail?: string };

export const problemType = 'application/problem+json';

const statusByClass: Readonly<Record<ErrorClass, number>> = {
  input: 400,
  missing: 404,
  conflict: 409,
  refused: 403,
  unavailable: 503,
  broken: 500,
  internal: 500,
};

/** Where RFC 9110 has a better code than the class's. */
const statusByKind: Partial<Record<ErrorKind, number>> = {
  'too-large': 413,
  'key-erased': 410,
  'session-invalid': 401,
  'sign-in-failed': 401,
  'second-factor-required': 401,
  'budget-spent': 429,
  timeout: 504,
  unreachable: 502,
  unsupported: 501,
};

export function statusOf(kind: ErrorKind): number {
  return statusByKind[kind] ?? statusByClass[errorKinds[kind]];
}

export function problemOf(error: SekishoError, words?: Wording, acceptLanguage?: string): Problem {
  // What went wrong inside is for the log.
  const facts = error.kind === 'internal' ? {} : error.facts;
  return {
    type: `urn:sekisho:error:${error.kind}`,
    status: statusOf(error.kind),
    ...words?.(error.kind, facts, acceptLanguage),
    kind: error.kind,
    facts,
  };
}

/** The error a peer's problem document stands for; undefined when it is none of ours. Only scalar facts come through. */
export function errorOfProblem(document: unknown): SekishoError | undefined {
  if (typeof document !== 'object' || document === null || !('kind' in document)) return undefined;
  const { kind } = document;
  if (typeof kind !== 'string' || !Object.hasOwn(errorKinds, kind)) return undefined;
  const given = 'facts' in document && typeof document.facts === 'object' ? document.facts : {};
  const facts: Record<string, string | number | boolean | null> = {};
  for (const [key, value] of Object.entries(given ?? {}))
    if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) facts[key] = value;
  return new SekishoError(kind as ErrorKind, facts);
}
