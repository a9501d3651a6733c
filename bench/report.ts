import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Figure, Measured } from './figure.ts';
import type { Machine } from './machine.ts';
import { type Limit, missedBy } from './statistics.ts';

export interface Results {
  at: string;
  extent: { quick: boolean; full: boolean };
  seconds: number;
  machine: Machine;
  measured: Measured[];
}

const root = join(import.meta.dirname, '..');
const docs = join(root, 'docs', 'benchmarks.md');
export const tableBegins = '<!-- figures: written by npm run bench, do not edit -->';
export const tableEnds = '<!-- /figures -->';

/** `12,345`, `1,234`, `99.5`, `1.23`: three or four digits that count. */
export function numberText(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

const unitText = (value: number, unit: string): string =>
  `${numberText(value)}${unit.startsWith('/') ? '' : ' '}${unit}`;

/** A figure in one line. */
export function figureText(figure: Figure): string {
  const { value, unit, reference, ratio } = figure;
  const beside = reference ? `, reference ${unitText(reference.value, reference.unit)}` : '';
  const share = ratio === undefined ? '' : `, ratio ${numberText(ratio)}`;
  const met = verdictOf(figure);
  return `${unitText(value, unit)}${beside}${share}${met === '' ? '' : `; met: ${met}`}`;
}

function limitText(limit: Limit | undefined, unit: string): string {
  if (limit === undefined) return '';
  if ('atLeast' in limit) return `≥ ${limit.atLeast.toLocaleString('en')}${unit}`;
  return `≤ ${limit.atMost.toLocaleString('en')}${unit}`;
}

/** `yes`, or by how much it is missed; nothing where there is no target. */
export function verdictOf(figure: Figure): string {
  const checks: [string, number, Limit | undefined][] = [
    ['', figure.value, figure.target],
    ['ratio ', figure.ratio ?? Number.NaN, figure.ratioTarget],
  ];
  const set = checks.filter(([, , limit]) => limit !== undefined);
  if (set.length === 0) return '';
  const missed = set.flatMap(([name, value, limit]) => {
    const by = missedBy(value, limit!);
    if (by === 0) return [];
    const share =
      by < 1 && 'atLeast' in limit! ? `${numberText(by * 100)} % short` : `${numberText(by * 100)} % over`;
    return [`${name}${share}`];
  });
  return missed.length === 0 ? 'yes' : `no: ${missed.join(', ')}`;
}

function rowOf(figure: Figure): string {
  const { reference, ratio } = figure;
  const unit = figure.unit.startsWith('/') ? figure.unit : ` ${figure.unit}`;
  const targets = [limitText(figure.target, unit), limitText(figure.ratioTarget, ' of the reference')];
  const cells = [
    figure.what,
    `**${unitText(figure.value, figure.unit)}**`,
    reference === undefined ? '' : `${unitText(reference.value, reference.unit)} (${reference.what})`,
    ratio === undefined ? '' : numberText(ratio),
    targets.filter((text) => text !== '').join('; '),
    verdictOf(figure),
  ];
  return `| ${cells.join(' | ')} |`;
}

function othersText(measured: readonly Measured[]): string {
  const shares = measured.flatMap(({ name, othersShare }) =>
    othersShare === undefined ? [] : [`${name} ${Math.round(othersShare * 100)} %`],
  );
  return shares.length === 0 ? '' : ` Other work took meanwhile of their time: ${shares.join(', ')}.`;
}

/** The table of a run, with the machine it ran on. */
export function tableOf(results: Results): string {
  const { machine, at, seconds, extent, measured } = results;
  const size = extent.full ? 'full run' : extent.quick ? 'quick run' : 'usual run';
  return [
    `${at.slice(0, 10)}, ${size} of ${Math.round(seconds)} s. ${machine.cores} cores of ${machine.cpu}, ${machine.memoryGb} GB, Node ${machine.node},`,
    `${machine.syncsPerSecond.toLocaleString('en')} synced 8 kB writes/s; load average before the run ${machine.loadBefore}.`,
    `Load generator, gate, witness and PostgreSQL share these cores.${othersText(measured)}`,
    '',
    '| Figure | Measured | Reference of the same run | Ratio | Target | Met |',
    '|---|---|---|---|---|---|',
    ...measured.flatMap(({ figures }) => figures.map(rowOf)),
  ].join('\n');
}

/** Keeps the results of a day; a later run of the same day takes its place. */
export function writeResults(results: Results): string {
  const folder = join(root, 'bench', 'results');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${results.at.slice(0, 10)}.json`);
  writeFileSync(file, `${JSON.stringify(results, undefined, 2)}\n`);
  return relative(root, file);
}

/** Puts the table between its marks; what stands around it is kept by hand. */
export function replaceTable(text: string, table: string): string {
  const from = text.indexOf(tableBegins);
  const to = text.indexOf(tableEnds);
  if (from < 0 || to < from) return `${text.trimEnd()}\n\n${tableBegins}\n${table}\n${tableEnds}\n`;
  return `${text.slice(0, from + tableBegins.length)}\n${table}\n${text.slice(to)}`;
}

export function rewriteDocs(results: Results): string {
  writeFileSync(docs, replaceTable(readFileSync(docs, 'utf8'), tableOf(results)));
  return relative(root, docs);
}
