import { DatabaseError } from 'pg';
import { type ErrorFacts, type ErrorKind, isSekishoError, SekishoError } from '../errors.ts';

/**
 * True when `error` is PostgreSQL's own answer with this SQLSTATE, bare or as the cause of a SekishoError.
 * Constraint violations (`23505` …) are never mapped, so that a room can ask for them by code.
 */
export function isDatabaseError(error: unknown, sqlstate?: string): error is Error {
  if (error instanceof DatabaseError) return sqlstate === undefined || error.code === sqlstate;
  return isSekishoError(error) && error.cause !== undefined && isDatabaseError(error.cause, sqlstate);
}

/** Node's and the kernel's codes for "the server is not there (any more)". */
const connectionCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'ENOTFOUND',
  'EPIPE',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EACCES',
]);

/** `pg` gives these as bare errors without a code. */
const connectionMessages =
  /^(Connection terminated|Client has encountered a connection error|Client was closed|Cannot use a pool after)/;
const timeoutMessages =
  /^(timeout expired|timeout exceeded when trying to connect|Query read timeout|Connection terminated due to connection timeout)/;

/** SQLSTATE (PostgreSQL manual, appendix A) → kind. Two characters stand for a whole class. */
const bySqlstate: Readonly<Record<string, ErrorKind>> = {
  '08': 'database-unavailable', // connection exception
  '28': 'database-unavailable', // invalid authorization
  '53100': 'disk-full',
  '53': 'database-unavailable', // insufficient resources: memory, connections
  '57014': 'timeout', // query cancelled by statement_timeout
  '55P03': 'timeout', // lock_timeout
  '25P03': 'timeout', // idle_in_transaction_session_timeout
  '57P': 'database-unavailable', // shutdown, crash, cannot connect now
  '58030': 'database-unavailable', // I/O error
  '3D000': 'database-unavailable', // no such database
};

function kindOf(error: unknown): { kind: ErrorKind; facts: ErrorFacts } | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error instanceof DatabaseError) {
    const code = error.code ?? '';
    // A write that met ENOSPC inside the server can surface as 58030 or 53100; the message names errno in English.
    if (/No space left on device/.test(error.message))
      return { kind: 'disk-full', facts: { sqlstate: code } };
    const kind = bySqlstate[code] ?? bySqlstate[code.slice(0, 3)] ?? bySqlstate[code.slice(0, 2)];
    return kind === undefined ? undefined : { kind, facts: { sqlstate: code } };
  }
  if (timeoutMessages.test(error.message)) return { kind: 'timeout', facts: { what: 'database' } };
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOSPC') return { kind: 'disk-full', facts: {} };
  if (code === 'ETIMEDOUT') return { kind: 'timeout', facts: { what: 'database' } };
  if (code !== undefined && connectionCodes.has(code))
    return { kind: 'database-unavailable', facts: { code } };
  if (connectionMessages.test(error.message)) return { kind: 'database-unavailable', facts: {} };
  return undefined;
}

/**
 * Turns faults of the machine (disk full, connection lost, timeout) into a SekishoError and lets all else through
 * unchanged. The server's DETAIL may quote values, so nothing of its text enters the facts.
 */
export function mapDatabaseError(error: unknown, more: ErrorFacts = {}): unknown {
  if (isSekishoError(error)) return error;
  const mapped = kindOf(error);
  return mapped === undefined
    ? error
    : new SekishoError(mapped.kind, { ...mapped.facts, ...more }, { cause: error });
}
