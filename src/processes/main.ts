import type { z } from 'zod';
import { languageOfEnvironment, wordError } from '../doors/words/index.ts';
import { asSekishoError, SekishoError } from '../ground/errors.ts';
import type { Log } from '../ground/log.ts';
import type { ChildMessage } from './child.ts';
import { readJson } from './settings.ts';

/** What a started process gives back: where it serves and how to end it. */
export interface Running {
  url: string;
  stop(): Promise<void>;
}

function tell(message: ChildMessage): void {
  if (process.send !== undefined) process.send(message);
}

/** For who starts a process by hand: what the log keeps to itself, such as a path or the setting at fault. */
function refusal(error: SekishoError): string {
  const { title, next, details } = wordError(error, languageOfEnvironment(process.env));
  const facts = details.map(({ label, value }) => `${label}: ${value}`).join(', ');
  return `${title}${facts === '' ? '' : ` (${facts})`}\n${next}`;
}

/** A port that is taken is the operator's to change, no fault of ours. */
function startError(caught: unknown): SekishoError {
  const code = caught instanceof Error && 'code' in caught ? caught.code : undefined;
  const reason = code === 'EADDRINUSE' ? 'port-taken' : code === 'EACCES' ? 'port-not-allowed' : undefined;
  if (reason === undefined || !('port' in (caught as object))) return asSekishoError(caught);
  return new SekishoError('config-invalid', { key: 'port', reason }, { cause: caught });
}

/**
 * The life of every process: read the configuration file named on the command line, start, say so, end on
 * SIGTERM/SIGINT or when the supervisor is gone. A start that is refused opens nothing and says why.
 */
export async function runProcess<Schema extends z.ZodType>(
  schema: Schema,
  makeLog: () => Log,
  start: (config: z.infer<Schema>, log: Log) => Promise<Running>,
): Promise<void> {
  const log = makeLog();
  let running: Running | undefined;
  let ending = false;
  const end = async (code: number): Promise<void> => {
    if (ending) return;
    ending = true;
    // A stop that hangs (a dead peer, a full disk) must not keep the machine from going down.
    setTimeout(() => process.exit(1), 8_000).unref();
    try {
      await running?.stop();
    } catch (error) {
      log.error('stop-failed', error);
    }
    process.exit(code);
  };
  process.on('SIGTERM', () => void end(0));
  process.on('SIGINT', () => void end(0));
  process.on('disconnect', () => void end(0));
  process.on('unhandledRejection', (error) => {
    log.error('unhandled-rejection', error);
    void end(1);
  });
  try {
    const file = process.argv[2];
    if (file === undefined) throw new SekishoError('config-invalid', { reason: 'no-file-named' });
    running = await start(await readJson(file, 'configuration', schema), log);
    log.info('process-ready');
    tell({ type: 'ready', url: running.url });
  } catch (caught) {
    const error = startError(caught);
    log.error('start-refused', error);
    if (process.send === undefined) process.stderr.write(`${refusal(error)}\n`);
    tell({ type: 'refused', kind: error.kind, facts: { ...error.facts } });
    await end(1);
  }
}
