import { posix } from 'node:path';
import { functionsOf, importsOf, type Token, tokensOf } from './tree-scanner.ts';
import {
  entries,
  groundForVerify,
  groundInside,
  importTable,
  insiders,
  publishedClient,
  publishedClientFor,
  typesOnly,
  withoutReadme,
} from './tree-table.ts';

/** The files of a tree: path from the root, with `/`, to its text. Binary files carry an empty text. */
export type Tree = ReadonlyMap<string, string>;

export interface Fault {
  path: string;
  line: number;
  /** What is wrong, and what to do instead. */
  say: string;
}

const isTest = (path: string) => /\.(?:test|fixture)\.tsx?$/.test(path) || path.startsWith('test/');
const isTypeScript = (path: string) => /\.tsx?$/.test(path) && !/\.gen\.ts$|\/vectors\//.test(path);
const linesOf = (text: string) => text.split('\n').length - (text.endsWith('\n') ? 1 : 0);

const scanned = new WeakMap<Tree, Map<string, Token[]>>();
/** Every TypeScript file with its tokens, scanned once per tree. */
function sources(tree: Tree): Map<string, Token[]> {
  let all = scanned.get(tree);
  if (all === undefined) {
    all = new Map(
      [...tree].filter(([path]) => isTypeScript(path)).map(([path, text]) => [path, tokensOf(text)]),
    );
    scanned.set(tree, all);
  }
  return all;
}

/** The room a file of src/ belongs to: the longest name of the table that its folder begins with. */
export function roomOf(path: string): string | undefined {
  if (!path.startsWith('src/')) return undefined;
  const rooms = Object.keys(importTable).filter((room) => path.startsWith(`src/${room}/`));
  return rooms.sort((a, b) => b.length - a.length)[0];
}

/** Path of a relative import; undefined for packages. */
function target(path: string, from: string): string | undefined {
  return from.startsWith('.') ? posix.join(posix.dirname(path), from) : undefined;
}

function isDoor(path: string, room: string): boolean {
  if (room !== 'ground') return path === `src/${room}/index.ts`;
  return (
    (/^src\/ground\/[a-z-]+\.ts$/.test(path) && !groundInside.includes(path)) ||
    /^src\/ground\/[a-z-]+\/index\.ts$/.test(path)
  );
}

const holds = (list: readonly (readonly [string, string])[], from: string, to: string) =>
  list.some(([a, b]) => a === from && b === to);

/** Imports between rooms: only those of the table, only through the other's door. Tests are free of the table, not of the doors. */
export function importFaults(tree: Tree): Fault[] {
  const faults: Fault[] = [];
  for (const [path, tokens] of sources(tree)) {
    const room = roomOf(path);
    if (path.startsWith('src/') && room === undefined)
      faults.push({ path, line: 1, say: 'lies in no room of the table (test/tree-table.ts)' });
    for (const found of importsOf(tokens)) {
      const to = target(path, found.from);
      if (to === undefined) continue;
      const say = importFault(path, room, to, found.typeOnly);
      if (say !== undefined) faults.push({ path, line: found.line, say });
    }
  }
  return faults;
}

function importFault(
  path: string,
  room: string | undefined,
  to: string,
  typeOnly: boolean,
): string | undefined {
  if (!isTest(path) && !path.startsWith('bench/') && /^(?:test|bench)\//.test(to))
    return `${to}: only tests and benches import from there`;
  const other = roomOf(to);
  if (other === undefined || other === room) return undefined;
  const client = publishedClient.test(to) && publishedClientFor.includes(room ?? '');
  if (client) return undefined;
  if (room !== undefined && !isTest(path)) {
    if (!importTable[room]!.includes(other)) return `${room} may not import ${other}`;
    if (room === 'core/journal/verify' && to !== groundForVerify)
      return `the checker uses nothing of ours but ${groundForVerify}`;
    if (!typeOnly && holds(typesOnly, room, other))
      return `${room} takes only types from ${other}: write \`import type\``;
  }
  return isDoor(to, other) || mayLookInside(path, to, room, other)
    ? undefined
    : `${to} lies behind the door of ${other}: import its index.ts`;
}

/** A bench may time one part of a room against another; a test may use another room's stand; the checker's tests compare it with the writer. */
function mayLookInside(path: string, to: string, room: string | undefined, other: string): boolean {
  // A fault is put in behind the door: a write that fails, a process that is killed. A story looks for the words a page shows.
  if (/^(?:bench|test\/(?:faults|browser))\//.test(path) || (isTest(path) && /\.fixture\.ts$/.test(to)))
    return true;
  if (room === undefined) return false;
  return (
    holds(insiders, room, other) ||
    (isTest(path) && (room === 'core/journal/verify' || holds(insiders, other, room)))
  );
}

/** No file over 500 lines; no function over 70 outside tests, 100 in a bench, whose figures are a table. */
export function lengthFaults(tree: Tree): Fault[] {
  const faults: Fault[] = [];
  for (const [path, tokens] of sources(tree)) {
    const lines = linesOf(tree.get(path)!);
    if (lines > 500) faults.push({ path, line: 1, say: `${lines} lines; 500 at most: split it by noun` });
    if (isTest(path)) continue;
    const most = path.startsWith('bench/') ? 100 : 70;
    for (const span of functionsOf(tokens))
      if (span.lines > most)
        faults.push({ path, line: span.line, say: `${span.name}: ${span.lines} lines; ${most} at most` });
  }
  return faults;
}

interface Ban {
  /** Texts of consecutive tokens. */
  tokens: readonly string[];
  say: string;
  allowed: (path: string) => boolean;
}

const never = () => false;
const atTheEdge = (path: string) => isTest(path) || /^(?:src\/(?:doors|processes)|bench)\//.test(path);
const bans: readonly Ban[] = [
  { tokens: ['Math', '.', 'random'], say: 'Math.random: take a Randomness', allowed: never },
  { tokens: ['Date', '.', 'now'], say: 'Date.now: take a Clock', allowed: timeIsFree },
  { tokens: ['new', 'Date', '(', ')'], say: 'new Date(): take a Clock', allowed: timeIsFree },
  { tokens: ['console', '.'], say: 'console: take a Log', allowed: atTheEdge },
  {
    tokens: ['process', '.', 'exit', '('],
    say: 'process.exit: only the processes and the command line end',
    allowed: atTheEdge,
  },
  ...['Error', 'TypeError', 'RangeError'].flatMap((type) =>
    [
      ['throw', 'new', type, '('],
      ['throw', type, '('],
    ].map((tokens) => ({
      tokens,
      say: `throw ${type}: throw a SekishoError of the closed list`,
      // A bench that finds a fault just stops: nobody words its errors.
      allowed: (path: string) => isTest(path) || path.startsWith('bench/'),
    })),
  ),
];

/** The pages run in a browser and have no other clock; benches measure. */
function timeIsFree(path: string): boolean {
  return path === 'src/ground/clock.ts' || isTest(path) || /^(?:bench|src\/doors\/web)\//.test(path);
}

export function bannedCallFaults(tree: Tree): Fault[] {
  const faults: Fault[] = [];
  for (const [path, tokens] of sources(tree))
    for (const ban of bans) {
      if (ban.allowed(path)) continue;
      tokens.forEach((token, i) => {
        const hit =
          token.kind === 'word' &&
          ban.tokens.every((text, k) => tokens[i + k]?.text === text && tokens[i + k]?.kind !== 'string');
        if (hit && tokens[i - 1]?.text !== '.') faults.push({ path, line: token.line, say: ban.say });
      });
    }
  return faults;
}

/** Drawers hide what is in them. */
export function nameFaults(tree: Tree): Fault[] {
  const faults: Fault[] = [];
  for (const path of tree.keys()) {
    const words = path.split(/[/._-]/);
    const drawer = words.find((word) => /^(?:utils?|common|helpers?|misc|shared|lib)$/i.test(word));
    if (drawer !== undefined) faults.push({ path, line: 1, say: `"${drawer}" says nothing: name the noun` });
    const file = posix.basename(path);
    if (
      /^src\/.*\.ts$/.test(path) &&
      !path.startsWith('src/doors/web/') &&
      !/^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.(?:long\.test|test|fixture|gen|d))?\.ts$/.test(file)
    )
      faults.push({ path, line: 1, say: 'file names are kebab-case' });
  }
  return faults;
}

/** Each room says on one screen what it is. */
export function readmeFaults(tree: Tree): Fault[] {
  const faults: Fault[] = [];
  const rooms = new Set([...tree.keys()].filter((path) => isTypeScript(path)).map(roomOf));
  rooms.delete(undefined);
  for (const room of rooms) {
    if (withoutReadme.includes(room!)) continue;
    const path = `src/${room}/README.md`;
    const text = tree.get(path);
    if (text === undefined)
      faults.push({
        path,
        line: 1,
        say: 'missing: what the room holds, who calls it, which articles, what an attacker gets',
      });
    else if (linesOf(text) > 60)
      faults.push({ path, line: 61, say: `${linesOf(text)} lines; one screen is 60` });
  }
  return faults;
}

/** A file of src/ that no running code reaches: imported by none but tests, and no door, entry or test itself. */
export function deadFileFaults(tree: Tree): Fault[] {
  const reached = new Set<string>();
  for (const [path, tokens] of sources(tree)) {
    if (isTest(path) && path.startsWith('src/')) continue;
    for (const token of tokens) {
      // A template leaves the ending open: worker.ts here, worker.js in the package.
      const name =
        token.kind === 'template'
          ? token.text.replace(/…$/, '.ts')
          : token.kind === 'string'
            ? token.text
            : '';
      const to = /\.tsx?$/.test(name) ? posix.join(posix.dirname(path), name) : undefined;
      // Any string that is a file's address counts: workers and child processes are started by name.
      // `join(import.meta.dirname, 'worker.ts')` names a file beside.
      if (to !== undefined && to !== path) reached.add(to);
    }
  }
  const scripts = tree.get('package.json') ?? '';
  const faults: Fault[] = [];
  for (const path of sources(tree).keys()) {
    if (
      !path.startsWith('src/') ||
      isTest(path) ||
      isDoor(path, roomOf(path) ?? '') ||
      path.endsWith('.d.ts')
    )
      continue;
    if (!reached.has(path) && !scripts.includes(path) && !entries.some((entry) => entry.test(path)))
      faults.push({
        path,
        line: 1,
        say: 'nothing but tests imports it: use it, take it away, or name it x.fixture.ts (entries: test/tree-table.ts)',
      });
  }
  return faults;
}

/** Links in the papers lead somewhere. */
export function linkFaults(tree: Tree): Fault[] {
  const folders = new Set(
    [...tree.keys()].flatMap((path) => path.split('/').map((_, i, steps) => steps.slice(0, i).join('/'))),
  );
  const faults: Fault[] = [];
  for (const [path, text] of tree) {
    if (!path.endsWith('.md')) continue;
    let fenced = false;
    text.split('\n').forEach((line, i) => {
      if (/^\s*(?:```|~~~)/.test(line)) fenced = !fenced;
      if (fenced) return;
      for (const [, address] of line.replaceAll(/`[^`]*`/g, '').matchAll(/\]\(<?([^)\s>]+)/g)) {
        if (/^(?:[a-z][a-z+.-]*:|#)/i.test(address!)) continue;
        const to = posix.join(posix.dirname(path), decodeURI(address!.replace(/#.*/, ''))).replace(/\/$/, '');
        if (!tree.has(to) && !folders.has(to === '.' ? '' : to))
          faults.push({ path, line: i + 1, say: `dead link ${address}` });
      }
    });
  }
  return faults;
}

/** @param sizes bytes of every file in git */
export function blobFaults(sizes: ReadonlyMap<string, number>): Fault[] {
  return [...sizes]
    .filter(([, bytes]) => bytes > 1_000_000)
    .map(([path, bytes]) => ({ path, line: 1, say: `${bytes} bytes; 1,000,000 at most` }));
}
