import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SekishoError } from '../../ground/errors.ts';
import type { GateOperation } from './gate.ts';
import { messages } from './messages.ts';

/** Operation → names of the processes that may call it. */
export type Callers = Readonly<Record<GateOperation, readonly string[]>>;

/** Reads the table checked in beside this file. @throws config-invalid when an operation is missing or unknown */
export function readCallers(file: string = join(import.meta.dirname, 'callers.json')): Callers {
  const table = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  for (const operation of new Set([...Object.keys(messages), ...Object.keys(table)])) {
    const names = table[operation];
    const sound = Array.isArray(names) && names.every((name) => typeof name === 'string' && name !== '');
    if (!Object.hasOwn(messages, operation) || !sound) {
      throw new SekishoError('config-invalid', { file: 'callers.json', at: operation });
    }
  }
  return table as Callers;
}
