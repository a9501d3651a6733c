import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { SekishoError } from '../../../ground/errors.ts';
import type { Cli } from '../cli.ts';
import { type AddCommand, describeCommand, option } from '../describe.ts';

interface BenchOptions {
  quick?: boolean;
  full?: boolean;
}

/** The benches are a program of their own (bench/main.ts): they must not share a process with what they measure. */
async function bench(cli: Cli, o: BenchOptions): Promise<void> {
  const main = fileURLToPath(new URL('../../../../bench/main.ts', import.meta.url));
  if (!existsSync(main))
    throw new SekishoError('unsupported', { what: 'bench', reason: 'not-in-the-package' });
  const flags = [
    ...(o.quick === true ? ['--quick'] : []),
    ...(o.full === true ? ['--full'] : []),
    ...(cli.json ? ['--json'] : []),
  ];
  const child = spawn(process.execPath, [main, ...flags], { stdio: 'inherit' });
  const stop = () => child.kill('SIGINT');
  cli.signal.addEventListener('abort', stop, { once: true });
  const code = await new Promise<number>((done) => child.once('exit', (exit) => done(exit ?? 1)));
  cli.signal.removeEventListener('abort', stop);
  cli.throwIfInterrupted();
  if (code !== 0) throw new SekishoError('internal', { what: 'bench', exit: code });
}

/** `sekisho bench` */
export const addBench: AddCommand = (program, cli) => {
  describeCommand(program.command('bench'), cli, {
    summary: {
      ja: '速さを測る。どの値も同じ回に測った基準との比',
      en: 'measure; each figure is a ratio to a reference measured in the same run',
    },
    examples: [
      {
        run: 'sekisho bench --quick',
        does: { ja: '2分以内の短い測定', en: 'a short run, at most two minutes' },
      },
    ],
    note: {
      ja: '結果は bench/results と docs/benchmarks.md に書きます。起動中の関所とは別の、一時的な一式で測ります。',
      en: 'Writes to bench/results and docs/benchmarks.md. Measures a house of its own, not the one that runs.',
    },
  })
    .addOption(option(cli, '--quick', { ja: '短く', en: 'short' }))
    .addOption(option(cli, '--full', { ja: '100万行も', en: 'a million rows too' }))
    .action((o: BenchOptions) => bench(cli, o));
};
