import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '..');

export const text = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Rows of all tables of a page: cells without their outer blanks, heads and rules left out. */
export function rowsOf(page: string): string[][] {
  const rows = page
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .replace(/^\||\|$/g, '')
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim()),
    );
  const isRule = (row: readonly string[] | undefined) => row?.every((cell) => /^:?-+:?$/.test(cell)) ?? false;
  return rows.filter((row, i) => !isRule(row) && !isRule(rows[i + 1]));
}

/** What stands between backticks, in order. */
export const quoted = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1]!);

/** The pages whose command lines are held to the command tree. */
export function pages(): string[] {
  const docs = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
  return ['README.md', 'SECURITY.md', 'ARCHITECTURE.md', ...docs.map((name) => `docs/${name}`)];
}

/**
 * Words of a shell line as far as our pages need them: quotes, a comment's `#`, and an end at `|`, `>`, `<`, `;`, `&`.
 */
export function shellWords(line: string): string[] {
  const words: string[] = [];
  for (const match of line.matchAll(/\s*(?:(#|\||\d?>|<|;|&).*$|((?:'[^']*'|"[^"]*"|[^\s'"|<>;&])+))/gy)) {
    if (match[2] === undefined) break;
    words.push(match[2].replace(/'([^']*)'|"([^"]*)"/g, (_all, a?: string, b?: string) => a ?? b ?? ''));
  }
  return words;
}

export interface CommandLine {
  page: string;
  line: string;
  /** What follows `sekisho`. */
  argv: string[];
}

/** Command lines of ours: lines of shell blocks, and code within the text that does not hold a place-holder. */
export function commandLines(page: string): CommandLine[] {
  const shell = [...text(page).matchAll(/^```sh\n([\s\S]*?)^```/gm)]
    .flatMap((block) => block[1]!.replaceAll('\\\n', ' ').split('\n'))
    .map((line) => line.replace(/^\s*\$ /, '').trim());
  const inline = [
    ...text(page)
      .replaceAll(/^```[\s\S]*?^```/gm, '')
      .matchAll(/`((?:npx )?sekisho [^`]+)`/g),
  ]
    .map((match) => match[1]!)
    .filter((line) => !/[<…]/.test(line));
  const begins = /^(?:[A-Z_]+=\S+ )*(?:npx )?sekisho(?= |$)/;
  return [...shell, ...inline]
    .filter((line) => begins.test(line))
    .map((line) => ({ page, line, argv: shellWords(line.replace(begins, '')) }));
}
