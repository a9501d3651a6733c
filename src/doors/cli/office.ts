import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { type ErrorFacts, type ErrorKind, errorKinds, SekishoError } from '../../ground/errors.ts';
import { OfficeClient, OfficeError } from '../api/client.gen.ts';
import type { Cli } from './cli.ts';
import { exitCodes, UsageError } from './exit-codes.ts';
import { officeUrl, readStaffKey, type StaffKey } from './house.ts';

/** What an office answered with, as an error of the same kind: the words are then ours, in the language asked for. */
export function fromOffice(error: unknown): unknown {
  if (!(error instanceof OfficeError)) return error;
  const kind = Object.hasOwn(errorKinds, error.kind) ? (error.kind as ErrorKind) : 'internal';
  return new SekishoError(kind, factsOf(error.problem), { cause: error });
}

/** Members of a problem document that are no facts: RFC 9457 §3.1 and ours. */
const notFacts = new Set(['type', 'title', 'status', 'detail', 'kind', 'facts', 'class']);

/** The facts of a problem document: its `facts` member, else the members that are none of RFC 9457's own. */
function factsOf(problem: Readonly<Record<string, unknown>>): ErrorFacts {
  const nested = problem['facts'];
  const hasFacts = typeof nested === 'object' && nested !== null;
  return Object.fromEntries(
    Object.entries(hasFacts ? nested : problem).filter(
      // Within `facts` every name is a fact's own: `status` there is a resident's, not HTTP's.
      (entry): entry is [string, string | number | boolean] =>
        (hasFacts || !notFacts.has(entry[0])) && ['string', 'number', 'boolean'].includes(typeof entry[1]),
    ),
  );
}

/** Runs `work` with a client of the office; whatever it throws leaves as an error of ours. */
export async function withOffice<T>(cli: Cli, work: (office: OfficeClient) => Promise<T>): Promise<T> {
  const office = new OfficeClient({ url: officeUrl(cli), language: cli.language });
  try {
    return await work(office);
  } catch (error) {
    throw fromOffice(error);
  }
}

/** The PIN: SEKISHO_PIN, else the demonstration's key file, else asked for unseen. */
export async function pinOf(cli: Cli, key: StaffKey): Promise<string> {
  const given = cli.terminal.env['SEKISHO_PIN'] ?? key.pin;
  if (given !== undefined) return given;
  return (await cli.secret({ ja: 'PIN', en: 'PIN' })).reveal();
}

/** The device key of a sign-in file. @throws config-invalid, never quoting it */
export function privateKeyOf(key: StaffKey): KeyObject {
  try {
    return createPrivateKey(key.privateKeyPem);
  } catch (cause) {
    // The cause may quote the file; it is kept for a debugger and never worded.
    throw new SekishoError('config-invalid', { key: 'privateKeyPem', reason: 'format' }, { cause });
  }
}

/**
 * Signs in as --as (the device key signs a nonce, the PIN is the second factor), runs `work`, signs out. The sign-out
 * is tried also after an interruption: a session that nobody holds should not live on.
 */
export async function signedIn<T>(
  cli: Cli,
  work: (office: OfficeClient, by: { name: string; key: StaffKey; pin: string }) => Promise<T>,
): Promise<T> {
  const name = cli.options.as ?? cli.terminal.env['SEKISHO_AS'];
  if (name === undefined) {
    throw new UsageError({ ja: '--as で職員を示してください', en: 'say who signs in: --as NAME' });
  }
  const key = readStaffKey(cli, name);
  const privateKey = privateKeyOf(key);
  return withOffice(cli, async (office) => {
    const { nonce } = await office.challenge({ body: { staff: key.staff } }, cli.signal);
    const signature = sign(null, Buffer.from(nonce, 'utf8'), privateKey).toString('base64');
    const { staff, terminal } = key;
    const pin = await pinOf(cli, key);
    const opened = await office.signIn({ body: { staff, terminal, nonce, signature, pin } }, cli.signal);
    office.session = opened.session;
    try {
      return await work(office, { name, key, pin });
    } finally {
      await office.signOut(AbortSignal.timeout(3_000)).catch(() => undefined);
    }
  });
}

/** The case to work in: --case, or a new one from --purpose (or the command's own) and --note. */
export async function caseOf(cli: Cli, office: OfficeClient, purposeByDefault?: string): Promise<string> {
  const { case: open, purpose = purposeByDefault, note } = cli.options;
  if (open !== undefined) return open;
  if (purpose === undefined || note === undefined) {
    throw new UsageError({
      ja: '事案が必要です: --case ID、または --purpose 目的 --note 理由',
      en: 'a case is needed: --case ID, or --purpose PURPOSE --note WHY',
    });
  }
  const { caseId, basis } = await office.openCase({ body: { purpose, note } }, cli.signal);
  cli.remark({ ja: `事案 ${caseId}（根拠 ${basis}）`, en: `case ${caseId} (basis ${basis})` });
  return caseId;
}

/** A value that may be `-`: then it is asked for unseen, or read from stdin, and never stands in a shell history. */
export async function unseen(cli: Cli, typed: string, question: { ja: string; en: string }): Promise<string> {
  if (typed !== '-') return typed;
  const value = (await cli.secret(question)).reveal().trim();
  if (value === '') throw new SekishoError('bad-input', { what: 'stdin', reason: 'missing' });
  return value;
}

/** Turns an answer that found nothing into exit code 5, without an error on stderr. */
export function foundNothing(cli: Cli): void {
  cli.exitCode = exitCodes.missing;
}
