import { type Statement, splitStatements } from '../src/ground/database/index.ts';
import type { Fault, Tree } from './tree-rules.ts';

/** Tables of these schemas belong to no municipality: they are distributed by their own first key column. */
const nationwide = ['national', 'keys'];
const municipal = ['municipality_code', 'agency_id'];

/** What no table may use: Citus refuses it, PostgreSQL 15 does not have it, or it spoils an index. */
const banned: readonly [RegExp, string][] = [
  [
    /\bcreate\s+(?:or\s+replace\s+)?(?:constraint\s+)?trigger\b/i,
    'triggers are refused on distributed tables',
  ],
  [
    /\bgenerated\s+(?:always|by\s+default)\s+as\s+identity\b/i,
    'identity columns: ids are made by the application',
  ],
  [/\b(?:small|big)?serial\b/i, 'serial columns: ids are made by the application'],
  [/(?<![\w"])(?:character|char|bpchar)\s*\(/i, 'char(n) skips indexes: text with a CHECK'],
  [/\buuidv7\s*\(/i, 'uuidv7() is of PostgreSQL 18; we speak 15'],
  [/\bwithout\s+overlaps\b/i, 'WITHOUT OVERLAPS is of PostgreSQL 18; we speak 15'],
  [/\bset\s+session\b/i, 'session settings do not reach the workers: SET LOCAL'],
];

/** The rules that let a schema be distributed (DESIGN, "Growth past one machine"). */
export function migrationFaults(tree: Tree): Fault[] {
  const faults: Fault[] = [];
  for (const [path, text] of tree) {
    if (!/\/migrations\/[^/]+\.sql$/.test(path)) continue;
    const tables = new Map<string, Table>();
    for (const statement of splitStatements(text)) {
      const sql = withoutTexts(statement.text);
      const fault = (say: string) => faults.push({ path, line: statement.line, say });
      for (const [pattern, say] of banned) if (pattern.test(sql)) fault(say);
      const table = tableOf(sql, statement);
      if (table !== undefined) {
        tables.set(table.name, table);
        for (const say of tableFaults(table, sql)) fault(say);
      }
      const index =
        /^create\s+unique\s+index\s+.*?\bon\s+(?:only\s+)?([\w.]+)\s*(?:using\s+\w+\s*)?\(([^)]*)/is.exec(
          sql,
        );
      const indexed = tables.get(index?.[1] ?? '');
      if (indexed !== undefined && !indexed.local && !columns(index![2]!).includes(indexed.key[0] ?? ''))
        fault(`unique index on ${indexed.name} without ${indexed.key[0]}`);
    }
  }
  return faults;
}

interface Table {
  name: string;
  schema: string;
  key: string[];
  /** `-- local table: reason` stands before it. */
  local: boolean;
  marker: string | undefined;
}

/** Comments and texts blanked: what stands in them is no SQL. */
function withoutTexts(sql: string): string {
  return sql.replace(/--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'/g, (text) =>
    text.startsWith("'") ? "''" : ' ',
  );
}

const columns = (list: string) =>
  list.split(',').map((column) => column.trim().split(/\s+/)[0]!.toLowerCase());

function tableOf(sql: string, statement: Statement): Table | undefined {
  const create = /^create\s+(?:unlogged\s+)?table\s+(?:if\s+not\s+exists\s+)?([\w.]+)/i.exec(sql);
  if (create === null || /\bpartition\s+of\b/i.test(sql)) return undefined;
  const name = create[1]!;
  const whole = /\bprimary\s+key\s*\(([^)]*)\)/i.exec(sql);
  const inline = /[(,]\s*(\w+)\s[^,]*?\bprimary\s+key\b/i.exec(sql);
  return {
    name,
    schema: name.includes('.') ? name.split('.')[0]! : '',
    key: whole ? columns(whole[1]!) : inline ? [inline[1]!.toLowerCase()] : [],
    local: statement.comments.some((comment) => /^local table: \S/.test(comment)),
    marker: statement.comments
      .map((comment) => /^distribute by (\w+)$/.exec(comment)?.[1])
      .findLast((column) => column !== undefined),
  };
}

function tableFaults(table: Table, sql: string): string[] {
  const { name, schema, key, marker } = table;
  if (schema === '') return [`${name} lies in no schema: each room has its own`];
  if (table.local) return marker === undefined ? [] : [`${name} is called local and distributed`];
  const first = key[0];
  if (first === undefined) return [`${name} has no primary key`];
  const faults: string[] = [];
  if (!nationwide.includes(schema) && !municipal.includes(first))
    faults.push(
      `primary key of ${name} begins with ${first}: municipality_code or agency_id first, or "-- local table: reason"`,
    );
  if (marker !== first) faults.push(`before CREATE TABLE ${name} write "-- distribute by ${first}"`);
  for (const [, list] of sql.matchAll(/\bunique\s*(?:nulls\s+(?:not\s+)?distinct\s*)?\(([^)]*)\)/gi))
    if (!columns(list!).includes(first)) faults.push(`UNIQUE (${list}) of ${name} without ${first}`);
  if (/\bunique\b(?!\s*(?:nulls|\())/i.test(sql))
    faults.push(`a column of ${name} is unique by itself, without ${first}`);
  for (const [, list] of sql.matchAll(/\bforeign\s+key\s*\(([^)]*)\)/gi))
    if (!columns(list!).includes(first))
      faults.push(`FOREIGN KEY (${list}) of ${name} crosses municipalities`);
  if (/[\w)]\s+references\b/i.test(sql.replace(/\bforeign\s+key\s*\([^)]*\)\s*references/gi, '')))
    faults.push(`a column of ${name} references by itself: FOREIGN KEY (${first}, …)`);
  return faults;
}
