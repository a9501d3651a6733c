import pino from 'pino';
import { SekishoError } from './errors.ts';
import { describeError } from './log-errors.ts';
import { cleanFields, type LogFields, token } from './log-fields.ts';

/**
 * Structured logs. What may appear is a closed list: the event is a word of the source, each field has a name from
 * `fieldRules` and a value that passes its rule. All else prints as ‹masked›, so that no careless call can put a
 * number or a name into a file that many people read.
 */
export interface Log {
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, error?: unknown, fields?: LogFields): void;
  /** The same log with the room's name on every line. */
  child(room: string): Log;
}

export interface LogOptions {
  /** `gate`, `office`, `portal`, `witness` … */
  process: string;
  /** `debug` | `info` (default) | `warn` | `error` | `silent`. */
  level?: string;
  /** Default: standard error, so that a command's output stays clean. */
  destination?: NodeJS.WritableStream;
}

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;

export const silentLog: Log = { info() {}, warn() {}, error() {}, child: () => silentLog };

/** @throws `config-invalid` for a level that is none. */
export function createLog(options: LogOptions): Log {
  const level = options.level ?? 'info';
  if (!(logLevels as readonly string[]).includes(level))
    throw new SekishoError('config-invalid', { key: 'logLevel', reason: 'level-unknown' });
  const sink = pino(
    {
      level,
      base: { process: token(options.process) },
      messageKey: 'event',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    options.destination ?? pino.destination({ dest: 2, sync: true }),
  );
  return over(sink, {});
}

function over(sink: pino.Logger, fixed: Readonly<Record<string, unknown>>): Log {
  const write = (
    level: 'info' | 'warn' | 'error',
    event: string,
    fields: LogFields | undefined,
    more = {},
  ) => {
    if (!sink.isLevelEnabled(level)) return;
    sink[level]({ ...fixed, ...cleanFields(fields), ...more }, token(event));
  };
  return {
    info: (event, fields) => write('info', event, fields),
    warn: (event, fields) => write('warn', event, fields),
    error: (event, error, fields) =>
      write('error', event, fields, error === undefined ? {} : { error: describeError(error) }),
    child: (room) => over(sink, { ...fixed, room: token(room) }),
  };
}
