import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import { SekishoError } from '../../../ground/errors.ts';
import type { LifeEvent } from '../../api/client.gen.ts';
import type { Cli } from '../cli.ts';
import { describeCommand, option } from '../describe.ts';
import { caseOf, signedIn } from '../office.ts';

interface EventOptions {
  person?: string;
  date: string;
  details?: string;
  reason?: string;
  requestId?: string;
}

/** Purpose of the case that an event is entered in, unless --purpose says another: a row of the statute table. */
async function purposeOf(event: string): Promise<string | undefined> {
  const { residentEvents, ruleOf } = await import('../../../records/register/index.ts');
  return residentEvents.filter((known) => known === event).map((known) => ruleOf(known).purpose)[0];
}

const details = z.record(z.string(), z.unknown());

/** What is to be entered comes from a file or stdin, never from the command line: it is a resident's own. */
async function readDetails(cli: Cli, file: string | undefined): Promise<z.output<typeof details>> {
  if (file === undefined) return {};
  let text = '';
  if (file === '-') for await (const line of cli.stdin) text += `${line}\n`;
  else {
    text = await readFile(resolve(file), 'utf8').catch((cause: unknown) => {
      throw new SekishoError('not-found', { file }, { cause });
    });
  }
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (cause) {
    throw new SekishoError('bad-input', { file, reason: 'not-json' }, { cause });
  }
  const parsed = details.safeParse(data);
  if (!parsed.success) throw new SekishoError('bad-input', { file, reason: 'format' });
  return parsed.data;
}

async function lifeEvent(cli: Cli, event: string, o: EventOptions): Promise<void> {
  const given = await readDetails(cli, o.details);
  await signedIn(cli, async (office) => {
    const body = {
      ...given,
      requestId: o.requestId ?? randomUUID(),
      caseId: await caseOf(cli, office, await purposeOf(event)),
      event,
      eventDate: o.date,
      ...(o.person === undefined ? {} : { person: o.person }),
      ...(o.reason === undefined ? {} : { reason: o.reason }),
    };
    // The office checks every member; here nobody knows them better than it does.
    const answer = await office.lifeEvent({ body: body as LifeEvent }, cli.signal);
    await cli.answer({
      json: () => answer,
      lines: () => [
        cli.t({
          ja: `${answer.person} を記録しました（${answer.outcome}、記録簿の行 ${answer.line ?? '-'}）。`,
          en: `${answer.person}: ${answer.outcome}, journal line ${answer.line ?? '-'}.`,
        }),
      ],
    });
  });
}

/** `sekisho register event` */
export function addEvent(register: Command, cli: Cli): void {
  describeCommand(register.command('event').argument('<event>'), cli, {
    summary: {
      ja: '異動を記録する（move-in, move-out, move-within, birth, death, name-change, correction, number-change …）',
      en: 'enter a life event (move-in, move-out, move-within, birth, death, name-change, correction, number-change …)',
    },
    examples: [
      {
        run: 'sekisho register event move-out --person ID --date 2026-04-01 --as clerk --purpose move-out --note 届出',
        does: { ja: '転出を記録する', en: 'enter a move out' },
      },
      {
        run: 'sekisho register event move-within --person ID --date 2026-04-01 --details - --as clerk --case CASE',
        does: { ja: '新しい住所を標準入力のJSONで渡す', en: 'hand the new address over as JSON on stdin' },
      },
    ],
    note: {
      ja: '内容は {"to":{"postcode":"…","address":"…"}} の形のJSONで渡します（docs/openapi.json の LifeEvent）。氏名などをコマンドに直接書くことはできません。',
      en: 'What is entered comes as JSON like {"to":{"postcode":"…","address":"…"}} (LifeEvent in docs/openapi.json); it cannot be typed on the command line.',
    },
  })
    .addOption(
      option(cli, '--person <id>', { ja: '台帳にいる住民のID', en: 'id of a resident on the register' }),
    )
    .addOption(
      option(cli, '--date <date>', {
        ja: '異動日（2026-04-01）',
        en: 'date of the event (2026-04-01)',
      }).makeOptionMandatory(),
    )
    .addOption(
      option(cli, '--details <file>', {
        ja: '内容のJSONファイル（- で標準入力）',
        en: 'JSON file of what is entered (- for stdin)',
      }),
    )
    .addOption(
      option(cli, '--reason <text>', {
        ja: '職権や訂正の理由',
        en: 'reason, for ex officio acts and corrections',
      }),
    )
    .addOption(
      option(cli, '--request-id <uuid>', {
        ja: '繰り返しても一度だけ行うためのID',
        en: 'id that makes a repetition harmless',
      }),
    )
    .action((event: string, o: EventOptions) => lifeEvent(cli, event, o));
}
