import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { SekishoError } from '../../ground/errors.ts';
import type { Cli } from './cli.ts';

const houseSchema = z.looseObject({
  officeUrl: z.url({ protocol: /^https?$/ }),
  gateUrl: z.url({ protocol: /^https$/ }).optional(),
});
const staffKeySchema = z.looseObject({
  staff: z.string().min(1),
  terminal: z.string().min(1),
  privateKeyPem: z.string().min(1),
  pin: z.string().optional(),
});

/** A member of staff's sign-in file. The PIN stands in it only in the demonstration. */
export type StaffKey = z.infer<typeof staffKeySchema>;

/** The data folder: --data, SEKISHO_DATA, else `data` in the working folder. */
export function dataFolder(cli: Cli): string {
  return resolve(cli.options.data ?? cli.terminal.env['SEKISHO_DATA'] ?? 'data');
}

function readJson(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new SekishoError('not-found', { file }, { cause });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SekishoError('config-invalid', { file, reason: 'not-json' }, { cause });
  }
}

/** Address of the office: --url, SEKISHO_URL, else what the running house wrote into its data folder. */
export function officeUrl(cli: Cli): string {
  const given = cli.options.url ?? cli.terminal.env['SEKISHO_URL'];
  if (given !== undefined) {
    const parsed = z.url({ protocol: /^https?$/ }).safeParse(given);
    if (!parsed.success) throw new SekishoError('config-invalid', { key: 'url', reason: 'format' });
    return given.replace(/\/+$/, '');
  }
  return readHouse(cli).officeUrl.replace(/\/+$/, '');
}

/** What the running house wrote into its data folder. @throws unreachable where none runs */
function readHouse(cli: Cli): z.infer<typeof houseSchema> {
  const file = join(dataFolder(cli), 'run', 'house.json');
  let found: unknown;
  try {
    found = readJson(file);
  } catch (error) {
    // No such file means that the house does not run, which is what a person has to hear.
    if (error instanceof SekishoError && error.kind === 'not-found')
      throw new SekishoError('unreachable', { file });
    throw error;
  }
  const house = houseSchema.safeParse(found);
  if (!house.success)
    throw new SekishoError('config-invalid', { file, key: house.error.issues[0]?.path.join('.') ?? '' });
  return house.data;
}

/** Where the sign-in file of `name` lies. A name is a plain word, never a path. @throws bad-input {option} */
export function staffFile(cli: Cli, name: string, option: string): string {
  if (!/^[\p{L}\p{N}][\p{L}\p{N}._-]{0,63}$/u.test(name)) {
    throw new SekishoError('bad-input', { option, reason: 'format' });
  }
  return join(dataFolder(cli), 'staff', `${name}.json`);
}

/** The sign-in file of `name` in the data folder. */
export function readStaffKey(cli: Cli, name: string): StaffKey {
  const file = staffFile(cli, name, '--as');
  const parsed = staffKeySchema.safeParse(readJson(file));
  if (!parsed.success) {
    throw new SekishoError('config-invalid', { file, key: parsed.error.issues[0]?.path.join('.') ?? '' });
  }
  return parsed.data;
}
