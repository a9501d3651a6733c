import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type KeptLine, parseProofFile, verifySavedLine } from '../../../core/journal/verify/index.ts';
import { SekishoError } from '../../../ground/errors.ts';
import { lineKindWords } from '../../words/index.ts';
import type { Cli } from '../cli.ts';
import { nodePrimitives, readTrustOf } from '../journal-source.ts';
import { pairs } from '../lay-out.ts';
import { japanTime } from '../moment.ts';

/** A payload is 48 kB at most, and base64 makes 64 of it. */
const MAX_FILE_BYTES = 256 * 1024;

/** The file's text where `where` is a file; undefined where it is a folder or nothing at all. */
export async function keptLineText(where: string): Promise<string | undefined> {
  let file: Awaited<ReturnType<typeof open>>;
  try {
    file = await open(resolve(where), 'r');
  } catch {
    return undefined;
  }
  try {
    const stat = await file.stat();
    if (!stat.isFile()) return undefined;
    if (stat.size > MAX_FILE_BYTES)
      throw new SekishoError('too-large', { what: 'proof', max: MAX_FILE_BYTES });
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

/**
 * Checks a line that somebody kept (the portal's "save proof"), with the file and the public keys alone.
 * @throws proof-invalid with reason and index
 */
export async function verifyKeptLine(cli: Cli, text: string, trust: string | undefined): Promise<void> {
  const origin = parseProofFile(text)?.checkpoint.split('\n', 1)[0];
  if (origin === undefined) throw new SekishoError('proof-invalid', { reason: 'proof-malformed' });
  const policy = await readTrustOf(cli, trust, origin);
  const verdict = await verifySavedLine(text, policy, nodePrimitives);
  if (!verdict.ok)
    throw new SekishoError('proof-invalid', {
      reason: verdict.reason,
      index: verdict.place?.index ?? null,
    });
  const line = verdict.payload === undefined ? undefined : (JSON.parse(verdict.payload) as Payload);
  await cli.answer({
    json: () => ({ ...headOf(verdict), index: verdict.index, line: line ?? null }),
    lines: () => [
      cli.t({
        ja: '検証できました。この行は記録簿にあり、立会人が確かめています。',
        en: 'Verified. This line stands in the journal, and witnesses have confirmed it.',
      }),
      ...pairs(wordsOf(cli, verdict, line)),
    ],
  });
}

interface Payload {
  at: number;
  kind: string;
  body: Record<string, unknown>;
}

function headOf({ origin, size, root, witnesses }: KeptLine) {
  return {
    verified: true,
    origin,
    size,
    root: Buffer.from(root).toString('hex'),
    witnesses: witnesses.map(({ name, timestamp }) => ({
      name,
      at: timestamp === undefined ? null : new Date(timestamp * 1000).toISOString(),
    })),
  };
}

function wordsOf(cli: Cli, kept: KeptLine, line: Payload | undefined): [string, string][] {
  const text = (value: unknown) => (Array.isArray(value) ? value.join(', ') : String(value ?? ''));
  const kind = line === undefined ? undefined : lineKindWords[line.kind as keyof typeof lineKindWords];
  const told: [string, string][] =
    line === undefined
      ? [[cli.t({ ja: '内容', en: 'content' }), cli.t({ ja: '示されていません', en: 'not told' })]]
      : [
          [cli.t({ ja: '日時', en: 'time' }), japanTime(line.at)],
          [cli.t({ ja: '種類', en: 'kind' }), kind === undefined ? line.kind : cli.t(kind)],
          [cli.t({ ja: '所属', en: 'office' }), text(line.body['office'])],
          [cli.t({ ja: '職員', en: 'staff' }), text(line.body['actor'])],
          [cli.t({ ja: '目的', en: 'purpose' }), text(line.body['purpose'])],
          [cli.t({ ja: '根拠', en: 'basis' }), text(line.body['basis'])],
          [cli.t({ ja: '項目', en: 'fields' }), text(line.body['fields'])],
        ];
  const { origin, size, witnesses } = headOf(kept);
  return [
    ...told.filter(([, value]) => value !== ''),
    [cli.t({ ja: '記録簿', en: 'log' }), origin],
    [cli.t({ ja: '行', en: 'line' }), `${kept.index} / ${size}`],
    ...witnesses.map(({ name, at }): [string, string] => [
      cli.t({ ja: '立会人', en: 'witness' }),
      `${name} ${at ?? ''}`,
    ]),
  ];
}
