import type { z } from 'zod';
import { SekishoError } from '../../ground/errors.ts';
import { callerName, type HttpShell, httpShell, type TlsMaterial } from '../../ground/http/index.ts';
import type { Log } from '../../ground/log.ts';
import type { HistoryAnswer } from '../journal/verify/index.ts';
import { historyForWire } from './ascii-json.ts';
import { type Callers, readCallers } from './callers.ts';
import type { GateOperation } from './gate.ts';
import { messages, routeOf } from './messages.ts';
import type { GateService } from './service.ts';

export interface GateServerOptions {
  gate: GateService;
  log: Log;
  /** Without it no caller has a name, and every call is refused. */
  tls?: TlsMaterial;
  callers?: Callers;
}

/** Bytes of a request: five thousand rows of a register. */
const bodyLimit = 64 * 1_048_576;

/**
 * The gate's own door for the other processes: mutual TLS, the caller's name from his certificate, the table of
 * callers obeyed before anything is read.
 */
export function gateServer(options: GateServerOptions): HttpShell {
  const { gate, log } = options;
  const callers = options.callers ?? readCallers();
  const app = httpShell({ name: 'gate', log, bodyLimit, ...(options.tls ? { tls: options.tls } : {}) });
  for (const [name, schema] of Object.entries(messages)) {
    const operation = name as GateOperation;
    app.post(
      routeOf(operation),
      {
        schema: { body: schema as z.ZodType },
        onRequest: async (request) => {
          const caller = callerName(request);
          if (!callers[operation].includes(caller)) throw await gate.refuseCaller(operation, caller);
        },
      },
      async (request) => {
        const call = gate[operation] as (input: unknown, caller: string) => Promise<unknown>;
        const answer = (await call.call(gate, request.body, callerName(request))) ?? {};
        return operation === 'history' || operation === 'ownHistory'
          ? historyForWire(answer as HistoryAnswer)
          : answer;
      },
    );
  }
  return app;
}

/** Listens; gives the address. */
export async function listen(app: HttpShell, o: { host: string; port: number }): Promise<string> {
  try {
    return await app.listen(o);
  } catch (cause) {
    throw new SekishoError('unreachable', { what: 'gate', reason: 'listen' }, { cause });
  }
}
