import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readStatuteTable } from '../src/core/gate/index.ts';
import type { ApiPorts, GatePort } from '../src/doors/api/index.ts';
import { createApi } from '../src/doors/api/index.ts';
import { manualClock } from '../src/ground/clock.ts';
import { SekishoError } from '../src/ground/errors.ts';
import type { MunicipalityCode } from '../src/ground/ids.ts';
import { type Log, silentLog } from '../src/ground/log.ts';
import { seededRandomness } from '../src/ground/randomness.ts';
import type { RegisterService, RegisterStore } from '../src/records/register/index.ts';

export const town = '131016' as MunicipalityCode;
export const person = '0190a000-0000-7000-8000-000000000001';
export const session = 'c2Vzc2lvbi1vZi1hLXRlc3Q';

/** What the fake gate was asked, in order. */
export interface Asked {
  operation: string;
  input: unknown;
}

/** A gate that remembers what it was asked and answers from a table: for words and hostile shapes only. */
export function fakeGate(answers: Partial<Record<keyof GatePort, unknown>>): {
  gate: GatePort;
  asked: Asked[];
} {
  const asked: Asked[] = [];
  const gate = new Proxy({} as GatePort, {
    get: (_target, operation: string) => async (input: unknown) => {
      asked.push({ operation, input });
      const answer = Object.hasOwn(answers, operation) ? answers[operation as keyof GatePort] : undefined;
      if (answer instanceof Error) throw answer;
      if (typeof answer === 'function') return (answer as (input: unknown) => unknown)(input);
      if (answer === undefined) throw new SekishoError('internal', { operation });
      return answer;
    },
  });
  return { gate, asked };
}

/** An API over a fake gate, with a log folder that a test may fill. */
export function fakeOffice(
  answers: Partial<Record<keyof GatePort, unknown>> = {},
  more: { log?: Log; service?: Partial<RegisterService>; ready?: () => Promise<void> } = {},
) {
  const { gate, asked } = fakeGate(answers);
  const folder = mkdtempSync(join(tmpdir(), 'sekisho-office-'));
  const [journalFolder, uploadFolder] = [join(folder, 'journal'), join(folder, 'uploads')];
  mkdirSync(join(journalFolder, town), { recursive: true });
  mkdirSync(uploadFolder);
  const service = {
    municipality: town,
    find: ({ session: s, caseId }: { session: string; caseId: string }, by: unknown, limit?: number) =>
      gate.search({ session: s, caseId, by: by as { number: string }, limit }),
    ...more.service,
  } as unknown as RegisterService;
  const ports: ApiPorts = {
    gate,
    registers: new Map([[town, { service, store: {} as RegisterStore }]]),
    journalFolder,
    uploadFolder,
    statutes: readStatuteTable().statutes,
    clock: manualClock(),
    randomness: seededRandomness('fake office'),
    log: more.log ?? silentLog,
    ready: more.ready ?? (async () => {}),
  };
  const app = createApi(ports);
  return {
    app,
    asked,
    folder,
    journalFolder,
    async end() {
      await app.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
