import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { verifyProofFile } from '../../../core/journal/verify/index.ts';
import { SekishoError } from '../../../ground/errors.ts';
import type { Cli } from '../cli.ts';
import { describeCommand, option } from '../describe.ts';
import { logNumberOf, nodePrimitives, readTrust } from '../journal-source.ts';
import { table } from '../lay-out.ts';
import { withOffice } from '../office.ts';
import { wholeNumber } from '../whole-number.ts';

async function heads(cli: Cli): Promise<void> {
  const { journals } = await withOffice(cli, (office) => office.journalHeads(cli.signal));
  await cli.answer({
    json: () => ({ journals }),
    lines: () =>
      table(
        [
          cli.t({ ja: '団体', en: 'municipality' }),
          cli.t({ ja: '行数', en: 'lines' }),
          cli.t({ ja: '名前', en: 'origin' }),
        ],
        journals.map((head) => [head.municipality, String(head.size), head.origin]),
      ),
  });
}

/** Fetches a proof and checks it here, under keys of our own, before anybody is told that it holds. */
async function prove(
  cli: Cli,
  line: string,
  o: { out?: string; trust?: string; municipality?: string },
): Promise<void> {
  const index = wholeNumber(line, '<line>', 0);
  const found = await withOffice(cli, async (office) => {
    const { journals } = await office.journalHeads(cli.signal);
    const municipality = o.municipality ?? (journals.length === 1 ? journals[0]!.municipality : undefined);
    if (municipality === undefined)
      throw new SekishoError('bad-input', { option: '--municipality', reason: 'missing' });
    const origin = journals.find((each) => each.municipality === municipality)?.origin ?? '';
    return {
      municipality,
      log: logNumberOf(origin),
      ...(await office.proveLine({ municipality, index }, cli.signal)),
    };
  });
  const policy = await readTrust(cli, o.trust, found.municipality, found.log);
  const leafHash = Buffer.from(found.leafHash, 'base64');
  const verdict = await verifyProofFile(found.proof, leafHash, policy, nodePrimitives);
  if (!verdict.ok) throw new SekishoError('proof-invalid', { reason: verdict.reason, index });
  if (verdict.index !== index) throw new SekishoError('proof-invalid', { reason: 'leaf-differs', index });
  if (o.out !== undefined) await writeFile(resolve(o.out), found.proof);
  await cli.answer({
    json: () => ({ verified: true, ...found, size: verdict.size }),
    lines: () => (o.out === undefined ? found.proof.trimEnd().split('\n') : [`${resolve(o.out)}`]),
  });
}

/** `sekisho journal head` and `prove` */
export function addHeadAndProve(journal: Command, cli: Cli): void {
  describeCommand(journal.command('head'), cli, {
    summary: { ja: '公開されている記録簿の先頭', en: 'heads of the journals, as published' },
    examples: [
      { run: 'sekisho journal head', does: { ja: '動作中の記録簿を見る', en: 'look at the running house' } },
    ],
  }).action(() => heads(cli));
  describeCommand(journal.command('prove').argument('<line>'), cli, {
    summary: { ja: '行の証明を取り、その場で検証する', en: 'fetch the proof of a line and check it here' },
    examples: [
      {
        run: 'sekisho journal prove 4711 --out 4711.tlog-proof',
        does: { ja: '証明をファイルに書く', en: 'write the proof to a file' },
      },
    ],
  })
    .addOption(option(cli, '--out <file>', { ja: '証明を書くファイル', en: 'file for the proof' }))
    .addOption(option(cli, '--municipality <code>', { ja: '団体コード', en: 'local government code' }))
    .addOption(
      option(cli, '--trust <file>', {
        ja: '信頼する公開鍵のファイル',
        en: 'file of the public keys to trust',
      }),
    )
    .action((line: string, o: { out?: string; trust?: string; municipality?: string }) =>
      prove(cli, line, o),
    );
}
