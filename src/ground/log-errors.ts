import { existsSync } from 'node:fs';
import { dirname, resolve, sep } from 'node:path';
import { SekishoError } from './errors.ts';
import { cleanFields, fieldRules, type LogValue, masked } from './log-fields.ts';

/** An error as the log prints it. There is no message: messages of libraries quote what they choked on. */
export interface LoggedError {
  kind: string;
  /** The class, where it is one of the well-known ones. */
  type?: string;
  facts?: Record<string, LogValue>;
  /** `src/core/gate/release.ts:31:7` and so on, nearest first. */
  stack?: string[];
  cause?: LoggedError;
  causes?: LoggedError[];
}

const depthMax = 6;
const framesMax = 20;
const root = resolve(import.meta.dirname, '../..');
const types = new Set([
  'Error',
  'TypeError',
  'RangeError',
  'SyntaxError',
  'ReferenceError',
  'URIError',
  'EvalError',
  'AggregateError',
  'DatabaseError',
  'ZodError',
  'FastifyError',
  'AbortError',
  'AssertionError',
  'DOMException',
  'SekishoError',
]);

/** Whatever was thrown, without any value: kind, filtered facts, stack places, causes. Never throws. */
export function describeError(error: unknown): LoggedError {
  try {
    return describe(error, 0);
  } catch {
    return { kind: 'internal', type: masked };
  }
}

function describe(error: unknown, depth: number): LoggedError {
  if (!(error instanceof Error)) return { kind: 'internal', type: error === null ? 'null' : typeof error };
  const mine = error instanceof SekishoError;
  const described: LoggedError = { kind: mine ? (kindOf(error.kind) ?? masked) : 'internal' };
  const type = error.constructor?.name;
  if (!mine) described.type = types.has(type) ? type : masked;
  const facts = cleanFields(mine ? error.facts : codes(error));
  if (Object.keys(facts).length > 0) described.facts = facts;
  const stack = frames(error);
  if (stack.length > 0) described.stack = stack;
  if (depth < depthMax && error.cause !== undefined) described.cause = describe(error.cause, depth + 1);
  if (depth < depthMax && error instanceof AggregateError && Array.isArray(error.errors))
    described.causes = error.errors.slice(0, 3).map((inner) => describe(inner, depth + 1));
  return described;
}

function kindOf(kind: unknown): string | undefined {
  return fieldRules.get('kind')!(kind) as string | undefined;
}

/** A foreign error's `code` is Node's (`ECONNRESET`) or PostgreSQL's SQLSTATE; all its other properties stay unread. */
function codes(error: Error): Record<string, unknown> {
  const code = (error as { code?: unknown }).code;
  if (typeof code !== 'string') return {};
  return fieldRules.get('code')!(code) === undefined ? { sqlstate: code } : { code };
}

const frame = /^\s+at (?:.*? \()?(?:file:\/\/)?((?:\/|node:)[^():]+):(\d{1,5}):(\d{1,5})\)?$/;
const known = new Map<string, boolean>();

/**
 * Only the places, and only of files that exist: the text of a stack begins with the message, and a message may hold
 * anything, even lines that look like frames. Function names are left out for the same reason.
 */
function frames(error: Error): string[] {
  const stack: unknown = error.stack;
  if (typeof stack !== 'string') return [];
  const places: string[] = [];
  for (const line of stack.split('\n')) {
    const [, file, row, column] = frame.exec(line) ?? [];
    if (file === undefined || places.length === framesMax) continue;
    if (/^node:[a-z_]+(?:\/[a-z_]+)*$/.test(file)) places.push(`${file}:${row}:${column}`);
    else if (ours(file)) places.push(`${file.slice(root.length + 1)}:${row}:${column}`);
  }
  return places;
}

function ours(file: string): boolean {
  if (!file.startsWith(root + sep) || resolve(file) !== file) return false;
  // The data folder lies below the root too, and its names are not ours.
  const top = file.slice(root.length + 1).split(sep)[0]!;
  if (!['src', 'node_modules', 'test', 'bench', 'dist', 'bin'].includes(top)) return false;
  let exists = known.get(file);
  if (exists === undefined) {
    exists = existsSync(file) && dirname(file) !== file;
    if (known.size < 1000) known.set(file, exists);
  }
  return exists;
}
