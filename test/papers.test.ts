import { existsSync, globSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { CommanderError } from 'commander';
import { describe, expect, it } from 'vitest';
import { readStatuteTable } from '../src/core/gate/index.ts';
import { fieldsOf, type LineKind, lineKinds } from '../src/core/journal/index.ts';
import { exitCodes, leaves, programIn } from '../src/doors/cli/index.ts';
import { groupWords, lineKindWords } from '../src/doors/words/index.ts';
import { errorKinds } from '../src/ground/errors.ts';
import { type CommandLine, commandLines, pages, quoted, root, rowsOf, shellWords, text } from './papers.ts';
import { importTable } from './tree-table.ts';

const kinds = Object.keys(lineKinds) as LineKind[];
const sources = globSync('src/**/*.ts', { cwd: root }).filter(
  (path) => !/\.(?:test|fixture)\.ts$/.test(path),
);

describe('docs/audit-events.md', () => {
  const rows = rowsOf(text('docs/audit-events.md'));
  const ofKind = new Map(
    rows
      .filter((row) => row.length === 3)
      .map((row) => [quoted(row[0]!)[0]!, row as [string, string, string]]),
  );

  it('tells every kind of line, and none that there is not', () => {
    expect([...ofKind.keys()]).toEqual(kinds);
  });

  it.each(kinds)('%s: every field of its own, and none that there is not', (kind) => {
    expect(quoted(ofKind.get(kind)![2]).sort()).toEqual([...lineKinds[kind]].sort());
  });

  it('tells every field that any line may carry', () => {
    const own = new Set<string>(lineKinds['record.moved']);
    const common = fieldsOf('record.moved').filter((field) => !own.has(field));
    const told = rows.filter((row) => row.length === 2).map((row) => quoted(row[0]!)[0]!);
    expect(told).toEqual(common);
  });

  it.each(kinds)('%s: is written by the files named, or by nobody as it says', (kind) => {
    const cell = ofKind.get(kind)![1];
    const writers = quoted(cell).filter((path) => path.startsWith('src/'));
    for (const path of writers) expect(text(path), path).toContain(`'${kind}'`);
    if (writers.length > 0) return;
    expect(cell).toMatch(/^nobody yet/);
    const writes = new RegExp(`kind: '${kind.replace('.', '\\.')}'`);
    expect(sources.filter((path) => writes.test(text(path)))).toEqual([]);
  });
});

describe('docs/terms.md', () => {
  const rows = rowsOf(text('docs/terms.md'));

  it('has both languages in each row', () => {
    expect(rows.length).toBeGreaterThan(80);
    for (const row of rows) {
      expect(row[0], row.join(' | ')).toMatch(/[a-z]/);
      expect(row[1], row.join(' | ')).toMatch(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u);
    }
  });

  it('says the kinds of line and the field groups as the doors do', () => {
    const told = new Map(rows.map((row) => [quoted(row[0]!)[0], row.slice(1)]));
    for (const [name, { ja, en }] of Object.entries({ ...lineKindWords, ...groupWords }))
      expect(told.get(name), name).toEqual([ja, en]);
  });
});

describe('docs/law.md', () => {
  const law = text('docs/law.md');

  it('names only files that are there', () => {
    const paths = quoted(law).filter((path) => /^(?:src|test|docs|bench)\/|\.md$/.test(path));
    expect(paths.length).toBeGreaterThan(30);
    for (const path of paths) expect(existsSync(join(root, path)), path).toBe(true);
  });

  it('has every row of the statute table, with its article, purpose, title and roles', () => {
    const rows = new Map(rowsOf(law).map((row) => [quoted(row[0]!)[0], row]));
    const files = readdirSync(join(root, 'src/core/gate/statutes'));
    const { statutes } = readStatuteTable();
    expect(statutes.length).toBe(files.length);
    for (const { id, article, purpose, title, roles } of statutes) {
      const row = rows.get(`src/core/gate/statutes/${id}.json`);
      expect(row?.[1]?.endsWith(` ${article}`), id).toBe(true);
      expect(row?.slice(2), id).toEqual([`\`${purpose}\``, title.ja, roles.join(', ')]);
    }
  });
});

/** What is wrong with a command line; undefined for one that would run. */
async function faultOf({ argv }: Pick<CommandLine, 'argv'>): Promise<string | undefined> {
  const program = programIn('en');
  let options: Record<string, unknown> = {};
  for (const { command } of leaves(program)) {
    command.action(() => {
      options = command.optsWithGlobals();
    });
  }
  try {
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return undefined;
    return error instanceof Error ? error.message : String(error);
  }
  return unlawful(options);
}

/** A purpose that no row has, a group that there is not, a role that the row does not name. */
function unlawful({ purpose, groups, as }: Record<string, unknown>): string | undefined {
  const isPlaceHolder = (value: unknown) => typeof value !== 'string' || /^[A-Z]+$/.test(value);
  if (typeof groups === 'string' && !isPlaceHolder(groups)) {
    const unknown = groups.split(',').find((group) => !Object.hasOwn(groupWords, group));
    if (unknown !== undefined) return `no field group: ${unknown}`;
  }
  if (isPlaceHolder(purpose)) return undefined;
  const statutes = readStatuteTable().statutes.filter((row) => row.purpose === purpose);
  if (statutes.length === 0) return `no purpose of the statute table: ${String(purpose)}`;
  const roles = statutes.flatMap((row) => row.roles);
  const demo = ['clerk', 'supervisor', 'registrar', 'officer', 'administrator'];
  const mayNot = typeof as === 'string' && demo.includes(as) && !roles.includes(as);
  return mayNot ? `${String(purpose)} is not for ${String(as)}` : undefined;
}

describe('command lines in the pages', () => {
  const lines = pages().flatMap(commandLines);

  it('are found', () => {
    expect(lines.length).toBeGreaterThan(50);
    expect(lines.map(({ page }) => page)).toContain('README.md');
  });

  it.each(lines)('$page: $line', async (line) => {
    expect(await faultOf(line)).toBeUndefined();
  });

  it.each([
    'register finde --as clerk',
    'register find --colour red',
    'register show',
    'register show ID',
    'sample population town.csv --encoding latin1',
    'number check --kind cat',
    'register find --as clerk --purpose curiosity --address-number 1',
    'register show ID --groups name,shoe-size',
    'person erase ID --as officer --purpose record-erasure --reason x --yes',
  ])('would not pass: %s', async (line) => {
    expect(await faultOf({ argv: shellWords(line) })).toBeDefined();
  });
});

describe('docs/cli.md', () => {
  const manual = text('docs/cli.md');

  it('lists all commands', () => {
    const names = leaves(programIn('en')).map(({ name }) => name);
    const told = [...manual.matchAll(/^### (sekisho [a-z -]+?)(?= *(?:\\<|\[|$))/gm)].map(
      (match) => match[1]!,
    );
    expect(told).toEqual(names);
  });

  it('has the exit codes that the program gives', () => {
    const table = manual.slice(manual.indexOf('## Exit codes'), manual.indexOf('## Options'));
    expect(rowsOf(table).map(([code]) => Number(code))).toEqual(Object.values(exitCodes));
    const classes = new Set<string>(Object.values(errorKinds));
    expect([...classes].filter((each) => !Object.hasOwn(exitCodes, each))).toEqual([]);
  });
});

describe('ARCHITECTURE.md', () => {
  const existing = Object.keys(importTable).filter((room) => existsSync(join(root, 'src', room)));
  /** Witness and verifier are doors of the journal's room: as something to import they are told of with it. */
  const fold = (room: string) => room.replace(/^core\/journal\/.*/, 'core/journal');
  const expand = (name: string) =>
    existing.includes(name) ? [name] : existing.filter((room) => room.startsWith(`${name}/`));

  it('says of imports what the tree test says', () => {
    const page = text('ARCHITECTURE.md');
    const table = page.slice(page.indexOf('| room | may import |'), page.indexOf('One door per room'));
    const told = new Map<string, string[]>();
    for (const [rooms, imports] of rowsOf(table) as [string, string][]) {
      const named = imports
        .split(/[;(]/)[0]!
        .split(',')
        .map((name) => name.trim());
      const list = named[0] === 'nothing of ours' ? [] : named;
      for (const name of list) expect(expand(name), name).not.toEqual([]);
      for (const room of rooms.split(', ')) told.set(room, list.flatMap(expand));
    }
    expect([...told.keys()].sort()).toEqual([...existing].sort());
    for (const room of existing) {
      const real = importTable[room]!.filter((each) => existing.includes(each)).map(fold);
      const without = (rooms: string[]) =>
        [...new Set(rooms.map(fold))].filter((each) => each !== fold(room)).sort();
      expect(without(told.get(room)!), room).toEqual(without(real));
    }
  });
});

describe('SECURITY.md', () => {
  it('names only tests that are there', () => {
    const named = quoted(text('SECURITY.md')).filter((path) => path.startsWith('test/'));
    expect(named.length).toBeGreaterThan(3);
    for (const path of named) expect(existsSync(join(root, path)), path).toBe(true);
  });
});
