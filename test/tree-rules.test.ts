import { describe, expect, it } from 'vitest';
import { migrationFaults } from './tree-migrations.ts';
import {
  bannedCallFaults,
  blobFaults,
  deadFileFaults,
  type Fault,
  importFaults,
  lengthFaults,
  linkFaults,
  nameFaults,
  readmeFaults,
  roomOf,
} from './tree-rules.ts';
import { importTable } from './tree-table.ts';

/** Each rule is shown a small tree with one violation sown in it, and the same without. */
const faultsOf = (rule: (tree: ReadonlyMap<string, string>) => Fault[], files: Record<string, string>) =>
  rule(new Map(Object.entries(files))).map(({ path, line, say }) => `${path}:${line} ${say}`);
const imports = (path: string, from: string) =>
  faultsOf(importFaults, { [path]: `\nimport type { A } from '${from}';\n` });

describe('the table itself', () => {
  it('names only rooms that are in it; the mains only where a house is started', () => {
    for (const [room, below] of Object.entries(importTable)) {
      expect(below.includes('processes'), room).toBe(room === 'doors/cli');
      for (const other of below) expect(Object.keys(importTable), room).toContain(other);
    }
  });

  it('goes down: no room reaches itself over others, but for the writer and its witness', () => {
    const reach = (room: string, seen = new Set<string>()): Set<string> => {
      for (const next of importTable[room]!)
        if (!seen.has(next)) {
          seen.add(next);
          reach(next, seen);
        }
      return seen;
    };
    const circles = Object.keys(importTable).filter((room) => reach(room).has(room));
    expect(circles).toEqual(['core/journal', 'core/journal/witness']);
  });

  it.each([
    ['src/ground/http/shell.ts', 'ground'],
    ['src/core/journal/index.ts', 'core/journal'],
    ['src/core/journal/verify/note.ts', 'core/journal/verify'],
    ['src/doors/web/pages/desk.tsx', 'doors/web'],
    ['src/attic/a.ts', undefined],
    ['test/tree.test.ts', undefined],
  ])('%s lies in %s', (path, room) => expect(roomOf(path)).toBe(room));
});

describe('imports', () => {
  it.each([
    ['down, through the door', 'src/core/gate/a.ts', '../seal/index.ts'],
    ['inside a room', 'src/core/gate/a.ts', './deep/b.ts'],
    ['of ground, file by file', 'src/core/gate/a.ts', '../../ground/errors.ts'],
    ['of ground’s folders', 'src/core/gate/a.ts', '../../ground/database/index.ts'],
    ['of a package', 'src/core/gate/a.ts', 'pg'],
    ['door to door below it', 'src/doors/api/a.ts', '../../records/register/index.ts'],
    ['sample from the doors', 'src/doors/cli/a.ts', '../../sample/index.ts'],
    ['sample from a test', 'src/core/gate/a.test.ts', '../../sample/index.ts'],
    ['the replay as a client', 'src/oversight/replay/a.ts', '../../doors/api/index.ts'],
    ['processes anything', 'src/processes/gate/main.ts', '../../core/gate/index.ts'],
    ['the checker errors', 'src/core/journal/verify/a.ts', '../../../ground/errors.ts'],
    ['the witness its room', 'src/core/journal/witness/a.ts', '../note.ts'],
    ['the writer a type of the checker', 'src/core/journal/a.ts', './verify/index.ts'],
    ['the command line the published client', 'src/doors/cli/a.ts', '../api/client.gen.ts'],
    ['a bench behind a door', 'bench/a.ts', '../src/core/gate/release.ts'],
    ['a test the test folder', 'src/core/gate/a.test.ts', '../../../test/database.ts'],
  ])('allowed: %s', (_, path, from) => expect(imports(path, from)).toEqual([]));

  it.each([
    ['up', 'src/ground/a.ts', '../core/seal/index.ts', 'ground may not import core/seal'],
    ['sideways', 'src/core/seal/a.ts', '../journal/index.ts', 'core/seal may not import core/journal'],
    [
      'between ledgers',
      'src/records/tax/a.ts',
      '../pension/index.ts',
      'records/tax may not import records/pension',
    ],
    ['between doors', 'src/doors/api/a.ts', '../cli/index.ts', 'doors/api may not import doors/cli'],
    [
      'defence to records',
      'src/defence/files/a.ts',
      '../../records/register/index.ts',
      'defence/files may not import records/register',
    ],
    [
      'the API to processes',
      'src/doors/api/a.ts',
      '../../processes/main.ts',
      'doors/api may not import processes',
    ],
    [
      'sample from below',
      'src/records/register/a.ts',
      '../../sample/index.ts',
      'records/register may not import sample',
    ],
    [
      'behind a door',
      'src/core/gate/a.ts',
      '../seal/envelope.ts',
      'src/core/seal/envelope.ts lies behind the door of core/seal',
    ],
    [
      'behind a door, from a test',
      'src/core/gate/a.test.ts',
      '../seal/envelope.ts',
      'lies behind the door of core/seal',
    ],
    [
      'behind ground’s doors',
      'src/core/gate/a.ts',
      '../../ground/database/pool.ts',
      'lies behind the door of ground',
    ],
    [
      'the log’s insides',
      'src/core/gate/a.ts',
      '../../ground/log-fields.ts',
      'lies behind the door of ground',
    ],
    [
      'the checker and the writer',
      'src/core/journal/verify/a.ts',
      '../note.ts',
      'core/journal/verify may not import core/journal',
    ],
    [
      'the checker and a clock',
      'src/core/journal/verify/a.ts',
      '../../../ground/clock.ts',
      'nothing of ours but',
    ],
    [
      'the writer behind the checker’s door',
      'src/core/journal/a.ts',
      './verify/note.ts',
      'lies behind the door of core/journal/verify',
    ],
    [
      'the test folder from a source',
      'src/core/gate/a.ts',
      '../../../test/database.ts',
      'only tests and benches',
    ],
  ])('refused: %s', (_, path, from, say) => {
    const faults = imports(path, from);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(`${path}:2 `);
    expect(faults[0]).toContain(say);
  });

  it('refused: code of the checker in the writer', () => {
    const files = { 'src/core/journal/a.ts': `import { verifyNote } from './verify/index.ts';` };
    expect(faultsOf(importFaults, files)[0]).toContain('only types');
  });

  it('refused: a room that is not in the table', () => {
    expect(faultsOf(importFaults, { 'src/attic/a.ts': '' })[0]).toContain('in no room of the table');
  });

  it.each([
    `import('../journal/index.ts')`,
    `export * from '../journal/index.ts'`,
    `let a: import('../journal/index.ts').A`,
  ])('refused in any form: %s', (source) =>
    expect(faultsOf(importFaults, { 'src/core/seal/a.ts': source })).toHaveLength(1),
  );
});

describe('lengths', () => {
  const lines = (n: number) => 'a;\n'.repeat(n);
  it('500 lines are allowed, 501 are not', () => {
    expect(faultsOf(lengthFaults, { 'src/ground/a.ts': lines(500) })).toEqual([]);
    expect(faultsOf(lengthFaults, { 'src/ground/a.test.ts': lines(501) })).toHaveLength(1);
  });

  it('a function of 70 lines is allowed, of 71 not, in a test either', () => {
    const of = (n: number) => `function long() {\n${lines(n - 2)}}\n`;
    expect(faultsOf(lengthFaults, { 'src/ground/a.ts': of(70) })).toEqual([]);
    expect(faultsOf(lengthFaults, { 'src/ground/a.ts': of(71) })).toEqual([
      'src/ground/a.ts:1 long: 71 lines; 70 at most',
    ]);
    expect(faultsOf(lengthFaults, { 'src/ground/a.test.ts': of(71) })).toEqual([]);
  });
});

describe('banned calls', () => {
  const say = (path: string, source: string) => faultsOf(bannedCallFaults, { [path]: source });
  it.each([
    'Math.random()',
    'Math\n  .random()',
    'Date.now()',
    'const f = Date.now',
    'new Date()',
    'new Date( /* now */ )',
    'console.log(1)',
    'process.exit(1)',
    "throw new Error('x')",
    'throw Error(`x`)',
    "throw new TypeError('x')",
  ])('%s', (source) => {
    expect(say('src/core/gate/a.ts', `\n\n${source};`)).toHaveLength(1);
    expect(say('src/core/gate/a.ts', `\n\n${source};`)[0]).toMatch(/^src\/core\/gate\/a\.ts:3 /);
  });

  it.each([
    '// Math.random()',
    "'Math.random()'",
    '`console.log`',
    'new Date(0)',
    'new Date(clock.now())',
    'my.Math.random()',
    'clock.now()',
    "throw new SekishoError('internal')",
    "reject(new Error('x'))",
    'process.exitCode = 1',
  ])('allowed: %s', (source) => expect(say('src/core/gate/a.ts', source)).toEqual([]));

  it.each([
    ['Date.now()', 'src/ground/clock.ts'],
    ['Date.now()', 'bench/a.ts'],
    ['console.log(1)', 'src/doors/cli/a.ts'],
    ['console.log(1)', 'src/processes/a.ts'],
    ['process.exit(1)', 'src/processes/a.ts'],
    ["throw new Error('x')", 'src/core/gate/a.test.ts'],
  ])('%s is allowed in %s', (source, path) => expect(say(path, source)).toEqual([]));

  it.each([
    ['Date.now()', 'src/processes/a.ts'],
    ['Math.random()', 'src/core/gate/a.test.ts'],
    ["throw new Error('x')", 'src/doors/cli/a.ts'],
  ])('%s is not allowed in %s', (source, path) => expect(say(path, source)).toHaveLength(1));
});

describe('names', () => {
  it.each([
    'src/core/gate/util.ts',
    'src/utils/a.ts',
    'src/core/common/a.ts',
    'test/test-helpers.ts',
    'docs/misc.md',
  ])('%s', (path) => expect(faultsOf(nameFaults, { [path]: '' })).not.toEqual([]));
  it.each(['src/core/gate/Gate.ts', 'src/core/gate/person_key.ts', 'src/core/gate/personKey.test.ts'])(
    '%s is not kebab-case',
    (path) => {
      expect(faultsOf(nameFaults, { [path]: '' })[0]).toContain('kebab-case');
    },
  );
  it.each([
    'src/core/gate/person-key.ts',
    'src/core/gate/a.long.test.ts',
    'src/core/gate/words.gen.ts',
    'src/doors/web/routes/$id.tsx',
    'LICENSE',
  ])('allowed: %s', (path) => expect(faultsOf(nameFaults, { [path]: '' })).toEqual([]));
});

describe('READMEs', () => {
  it('missing', () => {
    expect(faultsOf(readmeFaults, { 'src/core/seal/a.ts': '' })[0]).toContain(
      'src/core/seal/README.md:1 missing',
    );
  });
  it('longer than a screen', () => {
    const files = (lines: number) => ({
      'src/core/seal/a.ts': '',
      'src/core/seal/README.md': 'x\n'.repeat(lines),
    });
    expect(faultsOf(readmeFaults, files(60))).toEqual([]);
    expect(faultsOf(readmeFaults, files(61))).toHaveLength(1);
  });
});

describe('dead files', () => {
  const dead = (files: Record<string, string>) =>
    faultsOf(deadFileFaults, files).map((fault) => fault.split(':')[0]);
  it('nobody imports it', () => expect(dead({ 'src/core/seal/a.ts': '' })).toEqual(['src/core/seal/a.ts']));
  it('only its own test does', () => {
    expect(dead({ 'src/core/seal/a.ts': '', 'src/core/seal/a.test.ts': `import './a.ts'` })).toEqual([
      'src/core/seal/a.ts',
    ]);
  });
  it('it names only itself', () => expect(dead({ 'src/core/seal/a.ts': `import './a.ts'` })).toHaveLength(1));
  it('alive: imported, started by name, a door, a main, a test', () => {
    const files = {
      'src/core/seal/index.ts': `export * from './a.ts'; new Worker(new URL('./b.ts', import.meta.url)); join(here, 'c.ts'); new URL(\`./e\${ending}\`);`,
      'src/core/seal/a.ts': '',
      'src/core/seal/b.ts': '',
      'src/core/seal/c.ts': '',
      'src/core/seal/e.ts': '',
      'src/core/seal/d.test.ts': '',
      'src/processes/gate/main.ts': '',
      'src/ground/masked.ts': '',
      'src/doors/api/write.ts': '',
      'package.json': '{"scripts": {"gen": "node src/doors/api/write.ts"}}',
    };
    expect(dead(files)).toEqual([]);
  });
});

describe('links', () => {
  const files = { 'docs/a.md': '', 'README.md': '', 'docs/deep/b.md': '' };
  const links = (text: string) => faultsOf(linkFaults, { ...files, 'docs/x.md': text });
  it.each([
    '[a](a.md)',
    '[a](./a.md#part)',
    '[a](../README.md)',
    '[a](deep)',
    '[a](deep/)',
    '[a](https://x.example/y)',
    '[a](#part)',
    '`[a](no.md)`',
    '```\n[a](no.md)\n```',
    '[a](..)',
  ])('alive: %s', (text) => expect(links(text)).toEqual([]));
  it.each(['[a](no.md)', '![a](no.png)', '[a](../a.md)', '[a](<no file.md>)', 'x\n[a](a.md) [b](b.md)'])(
    'dead: %s',
    (text) => {
      expect(links(text)).toHaveLength(1);
    },
  );
});

it('blobs over a megabyte', () => {
  const sizes = new Map([
    ['a.bin', 1_000_001],
    ['b.bin', 1_000_000],
  ]);
  expect(blobFaults(sizes).map(({ path }) => path)).toEqual(['a.bin']);
});

describe('migrations', () => {
  const faults = (sql: string) => faultsOf(migrationFaults, { 'src/core/gate/migrations/001-a.sql': sql });
  const table = (body: string, marker = '-- distribute by municipality_code') =>
    `${marker}\nCREATE TABLE gate.a (${body});`;
  const good = 'municipality_code text, id uuid';

  it.each([
    ['key first', table(`${good}, PRIMARY KEY (municipality_code, id)`)],
    [
      'agency first',
      table('agency_id text, id uuid, PRIMARY KEY (agency_id, id)', '-- distribute by agency_id'),
    ],
    ['key on one column', table('municipality_code text PRIMARY KEY, at timestamptz')],
    [
      'nation-wide',
      '-- distribute by number_index\nCREATE TABLE national.a (number_index bytea PRIMARY KEY);',
    ],
    ['local with a reason', '-- local table: a queue of jobs\nCREATE TABLE gate.a (id uuid PRIMARY KEY);'],
    [
      'unique with the code',
      table(`${good}, PRIMARY KEY (municipality_code, id), UNIQUE (municipality_code, id)`),
    ],
    [
      'foreign key with the code',
      table(
        `${good}, PRIMARY KEY (municipality_code, id), FOREIGN KEY (municipality_code, id) REFERENCES gate.b`,
      ),
    ],
    [
      'banned words in comments and texts',
      table(
        `${good}, PRIMARY KEY (municipality_code, id), CHECK (id <> 'char(3) serial') -- no trigger: char(3)\n`,
      ),
    ],
    [
      'nextchar(1) is no char',
      table(`${good}, PRIMARY KEY (municipality_code, id), CHECK (nextchar(id) > 0)`),
    ],
    [
      'unique index with the code',
      `${table(`${good}, PRIMARY KEY (municipality_code, id)`)} CREATE UNIQUE INDEX i ON gate.a (municipality_code, id);`,
    ],
    ['in no migrations folder', ''],
  ])('allowed: %s', (_, sql) => expect(faults(sql)).toEqual([]));

  it.each([
    [
      'another column first',
      table('id uuid, municipality_code text, PRIMARY KEY (id, municipality_code)'),
      'begins with id',
    ],
    ['no primary key', table(good), 'no primary key'],
    [
      'no marker',
      table(`${good}, PRIMARY KEY (municipality_code, id)`, ''),
      '-- distribute by municipality_code',
    ],
    [
      'marker of another column',
      table(`${good}, PRIMARY KEY (municipality_code, id)`, '-- distribute by id'),
      '-- distribute by',
    ],
    [
      'nation-wide without marker',
      'CREATE TABLE keys.a (person_id uuid PRIMARY KEY);',
      '-- distribute by person_id',
    ],
    [
      'local without a reason',
      '-- local table:\nCREATE TABLE gate.a (id uuid PRIMARY KEY);',
      'begins with id',
    ],
    [
      'local and distributed',
      '-- local table: x\n-- distribute by id\nCREATE TABLE gate.a (id uuid PRIMARY KEY);',
      'local and distributed',
    ],
    ['no schema', 'CREATE TABLE a (municipality_code text PRIMARY KEY);', 'no schema'],
    [
      'unique without the code',
      table(`${good}, PRIMARY KEY (municipality_code, id), UNIQUE (id)`),
      'UNIQUE (id)',
    ],
    [
      'unique column',
      table('municipality_code text, id uuid UNIQUE, PRIMARY KEY (municipality_code, id)'),
      'unique by itself',
    ],
    [
      'unique index without the code',
      `${table(`${good}, PRIMARY KEY (municipality_code, id)`)} CREATE UNIQUE INDEX i ON gate.a (id);`,
      'unique index on gate.a',
    ],
    [
      'foreign key across',
      table(`${good}, PRIMARY KEY (municipality_code, id), FOREIGN KEY (id) REFERENCES gate.b (id)`),
      'crosses municipalities',
    ],
    [
      'reference of a column',
      table('municipality_code text, id uuid REFERENCES gate.b (id), PRIMARY KEY (municipality_code, id)'),
      'references by itself',
    ],
    ['trigger', 'CREATE TRIGGER t BEFORE INSERT ON gate.a EXECUTE FUNCTION f();', 'triggers'],
    [
      'identity',
      table(
        'municipality_code text, id int GENERATED ALWAYS AS IDENTITY, PRIMARY KEY (municipality_code, id)',
      ),
      'identity',
    ],
    ['serial', table('municipality_code text, id bigserial, PRIMARY KEY (municipality_code, id)'), 'serial'],
    ['char(n)', table('municipality_code char(6), id uuid, PRIMARY KEY (municipality_code, id)'), 'char(n)'],
    [
      'uuidv7()',
      table('municipality_code text, id uuid DEFAULT uuidv7(), PRIMARY KEY (municipality_code, id)'),
      'uuidv7',
    ],
    ['char(n) in a later change', 'ALTER TABLE gate.a ADD COLUMN b character (3);', 'char(n)'],
  ])('refused: %s', (_, sql, say) => {
    expect(faults(sql).join()).toContain(say);
  });
});
