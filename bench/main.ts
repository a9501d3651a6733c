import { parseArgs } from 'node:util';
import { measureDisclosure } from './disclosure.ts';
import type { Extent, Measured } from './figure.ts';
import { measureHistory } from './history.ts';
import { measureImport } from './import.ts';
import { measureJournal } from './journal.ts';
import { machine } from './machine.ts';
import { figureText, rewriteDocs, tableOf, writeResults } from './report.ts';
import { measureSearch } from './search.ts';
import { Town } from './town.ts';
import { measureVerify } from './verify.ts';

const names = ['journal', 'verify', 'import', 'search', 'disclosure', 'history'] as const;

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    full: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true },
    json: { type: 'boolean', default: false },
    residents: { type: 'string' },
    'no-write': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const help = `npm run bench [-- options]
  --quick        two minutes at most: small amounts, one round, nothing is written
  --full         a million residents and lines
  --only NAME    ${names.join(', ')}; may be repeated (search, disclosure and history import a town first)
  --residents N  size of the town that is imported
  --json         print the results as JSON
  --no-write     leave bench/results and docs/benchmarks.md as they are
  BENCH_PROFILE=/tmp/p profiles each server under load into /tmp/p-….cpuprofile and shows where the time goes`;

async function measure(extent: Extent, chosen: ReadonlySet<string>): Promise<Measured[]> {
  const measured: Measured[] = [];
  const keep = (each: Measured): void => {
    measured.push(each);
    // What was measured is told at once: a run of ten minutes may yet fail at its end.
    for (const figure of each.figures) extent.say(`  ${figure.what}: ${figureText(figure)}`);
  };
  if (chosen.has('journal')) keep(await measureJournal(extent));
  if (chosen.has('verify')) keep(await measureVerify(extent));
  if (!['import', 'search', 'disclosure', 'history'].some((name) => chosen.has(name))) return measured;
  extent.say('town: starting a house');
  const town = await Town.start();
  const interrupted = () => void town.stop().finally(() => process.exit(130));
  process.once('SIGINT', interrupted);
  process.once('SIGTERM', interrupted);
  try {
    const usual = extent.full ? 1_000_000 : extent.quick ? 5_000 : 100_000;
    const residents = Number(options.residents ?? usual);
    const imported = await measureImport(town, extent, residents);
    if (chosen.has('import')) keep(imported);
    if (chosen.has('search')) keep(await measureSearch(town, extent, residents));
    if (chosen.has('disclosure')) keep(await measureDisclosure(town, extent));
    if (chosen.has('history')) keep(await measureHistory(town, extent));
  } finally {
    process.off('SIGINT', interrupted);
    process.off('SIGTERM', interrupted);
    await town.stop();
  }
  return measured;
}

async function main(): Promise<void> {
  if (options.help) return console.log(help);
  const unknown = (options.only ?? []).filter((name) => !(names as readonly string[]).includes(name));
  if (unknown.length > 0 || (options.quick && options.full)) {
    console.error(help);
    process.exitCode = 2;
    return;
  }
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  const extent: Extent = { quick: options.quick, full: options.full, say };
  const from = performance.now();
  const before = machine();
  const measured = await measure(extent, new Set(options.only ?? names));
  const seconds = (performance.now() - from) / 1_000;
  const run = { at: new Date().toISOString(), extent: { quick: extent.quick, full: extent.full }, seconds };
  const results = { ...run, machine: before, measured };
  console.log(options.json ? JSON.stringify(results, undefined, 2) : tableOf(results));
  // A part of the figures, or a hasty run of all, must not stand where the whole run stood.
  if (options['no-write'] || options.only || options.quick) return;
  say(`written: ${writeResults(results)}, ${rewriteDocs(results)}`);
}

await main();
