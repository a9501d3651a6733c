import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { z } from 'zod';
import type {
  DropFinding,
  LogSource,
  Policy,
  ReceiptText,
  VerifiedLog,
} from '../../../core/journal/verify/index.ts';
import { proveDropped, verifyLog } from '../../../core/journal/verify/index.ts';
import { SekishoError } from '../../../ground/errors.ts';
import type { Cli } from '../cli.ts';
import { nodePrimitives } from '../journal-source.ts';
import { pairs } from '../lay-out.ts';

/** Verifies a whole log with a bar. @throws proof-invalid with reason, tile and index */
export async function verifyWithProgress(cli: Cli, source: LogSource, policy: Policy): Promise<VerifiedLog> {
  const progress = cli.progress({
    title: cli.t({ ja: '検証', en: 'verifying' }),
    unit: cli.t({ ja: '行', en: 'lines' }),
    total: 0,
  });
  try {
    const verdict = await verifyLog(
      interruptible(cli, source),
      policy,
      (done, of) => progress.update(done, of),
      nodePrimitives,
    );
    if (verdict.ok) return verdict;
    const { tile, index, line } = verdict.place ?? {};
    throw new SekishoError('proof-invalid', {
      reason: verdict.reason,
      tile: tile ?? null,
      index: index ?? null,
      line: line ?? null,
    });
  } finally {
    progress.stop();
  }
}

/** Lets Ctrl-C in between two files: the work on one takes well under a millisecond. */
function interruptible(cli: Cli, source: LogSource): LogSource {
  let yielded = cli.terminal.elapsedMs();
  return {
    async get(path) {
      // Reading a folder resolves so fast that signals and the bar would starve without a turn of the event loop.
      if (cli.terminal.elapsedMs() - yielded > 50) {
        await new Promise((turn) => setImmediate(turn));
        yielded = cli.terminal.elapsedMs();
      }
      cli.throwIfInterrupted();
      return source.get(path);
    },
  };
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

/** A verified log for both kinds of reader. */
export function verifiedAnswer(cli: Cli, log: VerifiedLog, more: Record<string, unknown> = {}) {
  const witnesses = log.witnesses.map(({ name, timestamp }) => ({
    name,
    at: timestamp === undefined ? null : new Date(timestamp * 1000).toISOString(),
  }));
  return {
    json: () => ({
      verified: true,
      origin: log.origin,
      size: log.size,
      root: hex(log.root),
      witnesses,
      ...more,
    }),
    lines: () => [
      cli.t({ ja: '検証できました。', en: 'Verified.' }),
      ...pairs([
        [cli.t({ ja: '記録簿', en: 'log' }), log.origin],
        [cli.t({ ja: '行数', en: 'lines' }), log.size.toLocaleString('en-US')],
        [cli.t({ ja: '先頭', en: 'head' }), hex(log.root)],
        ...witnesses.map(
          ({ name, at }) =>
            [cli.t({ ja: '立会人', en: 'witness' }), `${name} ${at ?? ''}`] as [string, string],
        ),
      ]),
    ],
  };
}

const receiptSchema = z.looseObject({
  statement: z.string(),
  signature: z.string(),
  index: z.int().min(0),
  leafHash: z.string(),
  path: z.array(z.string()),
});

/** A receipt in a file: as the gate gave it, or an answer of `register show --json` that holds one. */
export async function readReceipt(file: string): Promise<ReceiptText> {
  let data: unknown;
  try {
    data = JSON.parse(await readFile(resolve(file), 'utf8'));
  } catch (cause) {
    const reason = cause instanceof SyntaxError ? 'not-json' : 'unreadable';
    throw new SekishoError('bad-input', { file, reason }, { cause });
  }
  const bare = receiptSchema.safeParse(data);
  if (bare.success) return bare.data;
  const wrapped = z.looseObject({ receipt: receiptSchema }).safeParse(data);
  if (wrapped.success) return wrapped.data.receipt;
  throw new SekishoError('bad-input', { file, what: 'receipt', reason: 'format' });
}

/** Holds a receipt against a log. @throws proof-invalid when the line was dropped, or receipt or log do not hold */
export async function checkReceipt(
  cli: Cli,
  receipt: ReceiptText,
  source: LogSource,
  policy: Policy,
): Promise<Extract<DropFinding, { finding: 'present' | 'not-yet' }>> {
  const finding = await proveDropped(receipt, { source: interruptible(cli, source), policy }, nodePrimitives);
  switch (finding.finding) {
    case 'present':
    case 'not-yet':
      return finding;
    case 'dropped':
      throw new SekishoError('proof-invalid', { reason: 'dropped', index: finding.index });
    default:
      throw new SekishoError('proof-invalid', { what: finding.finding, reason: finding.reason });
  }
}
