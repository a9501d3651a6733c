import { resolve } from 'node:path';
import type { Cli } from '../cli.ts';
import { type AddCommand, describeCommand, option } from '../describe.ts';
import { pairs } from '../lay-out.ts';
import { wholeNumber } from '../whole-number.ts';

interface PopulationOptions {
  residents?: string;
  seed?: string;
  municipality?: string;
  encoding: 'cp932' | 'utf-8';
}

async function writePopulation(cli: Cli, file: string, o: PopulationOptions): Promise<void> {
  const { population, sampleTown, writeResidentFile } = await import('../../../sample/index.ts');
  const residents =
    o.residents === undefined ? sampleTown.residents : wholeNumber(o.residents, '--residents');
  const town = {
    seed: o.seed ?? sampleTown.seed,
    municipality: o.municipality ?? sampleTown.municipality,
    residents,
  };
  const progress = cli.progress({
    title: cli.t({ ja: '作成', en: 'writing' }),
    unit: cli.t({ ja: '人', en: 'residents' }),
    total: residents,
  });
  const destination = resolve(file);
  try {
    const written = await writeResidentFile({
      population: population(town),
      encoding: o.encoding,
      destination,
      onProgress(done) {
        cli.throwIfInterrupted();
        progress.update(done);
      },
    });
    progress.stop();
    await cli.answer({
      json: () => ({ file: destination, synthetic: true, ...town, encoding: o.encoding, ...written }),
      lines: () => [
        cli.t({ ja: '架空の住民ファイルを書きました。', en: 'Wrote a file of residents who do not exist.' }),
        ...pairs([
          [cli.t({ ja: 'ファイル', en: 'file' }), destination],
          [cli.t({ ja: '人数', en: 'residents' }), String(written.residents)],
          [cli.t({ ja: 'バイト', en: 'bytes' }), String(written.bytes)],
        ]),
      ],
    });
  } finally {
    progress.stop();
  }
}

interface ShowOptions extends PopulationOptions {
  count?: string;
}

/** A few residents of the town to try the desk with. They do not exist, so they may be shown; their codes are not. */
async function showResidents(cli: Cli, o: ShowOptions): Promise<void> {
  const { population, sampleTown } = await import('../../../sample/index.ts');
  const count = o.count === undefined ? 5 : wholeNumber(o.count, '--count');
  const town = {
    seed: o.seed ?? sampleTown.seed,
    municipality: o.municipality ?? sampleTown.municipality,
    residents: o.residents === undefined ? sampleTown.residents : wholeNumber(o.residents, '--residents'),
  };
  let shown = 0;
  for (const { name, nameKana, birthDate, address } of population(town)) {
    if (shown++ >= count) break;
    await cli.record({
      json: () => ({ synthetic: true, name, reading: nameKana, birthDate, address }),
      lines: () => [`${name}\t${nameKana}\t${birthDate}\t${address}`],
    });
  }
}

export const addSample: AddCommand = (program, cli) => {
  const sample = describeCommand(program.command('sample'), cli, {
    summary: {
      ja: '架空の住民（試験と実演用、単独で動く）',
      en: 'residents who do not exist, for tests and demos (works alone)',
    },
    examples: [],
  });
  describeCommand(sample.command('population').argument('<file>'), cli, {
    summary: {
      ja: '架空の町の住民ファイルを書く。同じ種からは同じ町',
      en: 'write the resident file of a synthetic town; same seed, same town',
    },
    examples: [
      {
        run: 'sekisho sample population town.csv',
        does: { ja: '既定の町（2万人、CP932）', en: 'the town of the first run: 20,000 residents, CP932' },
      },
      {
        run: 'sekisho sample population big.csv --residents 1000000 --municipality 131016 --seed drill-7',
        does: { ja: '100万人の町', en: 'a town of a million' },
      },
    ],
  })
    .addOption(option(cli, '--residents <n>', { ja: '人数（既定 20000）', en: 'how many (default 20000)' }))
    .addOption(option(cli, '--seed <seed>', { ja: '種', en: 'seed' }))
    .addOption(option(cli, '--municipality <code>', { ja: '団体コード', en: 'local government code' }))
    .addOption(
      option(cli, '--encoding <encoding>', { ja: '文字コード', en: 'encoding' })
        .choices(['cp932', 'utf-8'])
        .default('cp932'),
    )
    .action((file: string, o: PopulationOptions) => writePopulation(cli, file, o));
  describeCommand(sample.command('show'), cli, {
    summary: {
      ja: '見本の町の住民を数人見せる（架空）',
      en: 'show a few residents of the sample town (none exists)',
    },
    examples: [
      {
        run: 'sekisho sample show --count 3',
        does: { ja: '氏名・カナ・生年月日・住所', en: 'name, reading, birth date, address: to search for' },
      },
    ],
  })
    .addOption(option(cli, '--count <n>', { ja: '人数（既定 5）', en: 'how many (default 5)' }))
    .addOption(option(cli, '--residents <n>', { ja: '町の人数', en: 'size of the town' }))
    .addOption(option(cli, '--seed <seed>', { ja: '種', en: 'seed' }))
    .addOption(option(cli, '--municipality <code>', { ja: '団体コード', en: 'local government code' }))
    .action((o: ShowOptions) => showResidents(cli, o));
};
