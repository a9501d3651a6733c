/** A token of TypeScript, as much as the tree test needs of one. */
export interface Token {
  kind: 'word' | 'string' | 'template' | 'regex' | 'number' | 'sign';
  /** Strings without their quotes; signs one character each, but `=>` together. */
  text: string;
  /** 1-based. */
  line: number;
}

/** An import, re-export, dynamic import or import type: all count. */
export interface ImportOf {
  from: string;
  line: number;
  /** `import type` and `export type`: nothing of it is left when the program runs. */
  typeOnly: boolean;
}

const wordStart = /[A-Za-z_$#@\u0080-\uffff]/;
const wordPattern = /[A-Za-z0-9_$#@\u0080-\uffff]+/y;
const numberPattern = /\d(?:[\w.]|(?<=[eE])[+-])*/y;
/** After these words a slash begins a regular expression; after other words it divides. */
const beforeRegex = new Set(
  'return typeof case in of delete void throw new await yield else do instanceof'.split(' '),
);

/** Splits TypeScript into tokens and drops the comments. Never fails: an unclosed quote ends with its line. */
export function tokensOf(source: string): Token[] {
  const tokens: Token[] = [];
  scan(source, 0, 1, tokens, false);
  return tokens;
}

/** Scans to the end, or, inside a template, to the brace that closes its `${`. Gives back the index and line reached. */
function scan(
  source: string,
  from: number,
  fromLine: number,
  tokens: Token[],
  inTemplate: boolean,
): [number, number] {
  let at = from;
  let line = fromLine;
  let depth = 0;
  const push = (kind: Token['kind'], text: string, end: number) => {
    tokens.push({ kind, text, line });
    line += newlines(source.slice(at, end));
    at = end;
  };
  while (at < source.length) {
    const char = source[at]!;
    const two = source.slice(at, at + 2);
    if (two === '//' || (two === '#!' && at === 0)) at = indexOr(source, '\n', at);
    else if (two === '/*') {
      const end = indexOr(source, '*/', at + 2) + 2;
      line += newlines(source.slice(at, end));
      at = end;
    } else if (/\s/.test(char)) {
      if (char === '\n') line++;
      at++;
    } else if (char === "'" || char === '"') {
      const end = quoteEnd(source, at, char);
      push('string', source.slice(at + 1, end - 1), end);
    } else if (char === '`') {
      [at, line] = template(source, at, line, tokens);
    } else if (char === '/' && regexMayBegin(tokens.at(-1))) {
      const end = regexEnd(source, at);
      push('regex', source.slice(at, end), end);
    } else if (wordStart.test(char))
      push('word', matchAt(wordPattern, source, at), at + matchAt(wordPattern, source, at).length);
    else if (/\d/.test(char)) push('number', '0', at + matchAt(numberPattern, source, at).length);
    else {
      if (char === '{') depth++;
      if (char === '}' && inTemplate && depth-- === 0) return [at + 1, line];
      push('sign', two === '=>' ? two : char, at + (two === '=>' ? 2 : 1));
    }
  }
  return [at, line];
}

const newlines = (text: string) => text.split('\n').length - 1;

function indexOr(source: string, text: string, at: number): number {
  const index = source.indexOf(text, at);
  return index < 0 ? source.length : index;
}

function matchAt(pattern: RegExp, source: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(source)?.[0] ?? source[at]!;
}

function quoteEnd(source: string, at: number, quote: string): number {
  for (let i = at + 1; i < source.length; i++) {
    if (source[i] === '\\') i++;
    else if (source[i] === quote) return i + 1;
    else if (source[i] === '\n') return i;
  }
  return source.length;
}

/** A template's text is one token; the code inside each `${…}` is scanned like any other, after it. */
function template(source: string, from: number, fromLine: number, tokens: Token[]): [number, number] {
  const own: Token = { kind: 'template', text: '', line: fromLine };
  tokens.push(own);
  let at = from + 1;
  let line = fromLine;
  while (at < source.length && source[at] !== '`') {
    if (source.startsWith('${', at)) {
      own.text += '…';
      [at, line] = scan(source, at + 2, line, tokens, true);
    } else {
      const step = source[at] === '\\' ? 2 : 1;
      own.text += source.slice(at, at + step);
      line += newlines(source.slice(at, at + step));
      at += step;
    }
  }
  return [at + 1, line];
}

function regexMayBegin(before: Token | undefined): boolean {
  if (before === undefined) return true;
  if (before.kind === 'word') return beforeRegex.has(before.text);
  if (before.kind === 'sign') return before.text !== ')' && before.text !== ']' && before.text !== '}';
  return false;
}

function regexEnd(source: string, at: number): number {
  let inClass = false;
  for (let i = at + 1; i < source.length && source[i] !== '\n'; i++) {
    if (source[i] === '\\') i++;
    else if (source[i] === '[') inClass = true;
    else if (source[i] === ']') inClass = false;
    else if (source[i] === '/' && !inClass) {
      let end = i + 1;
      while (/[a-z]/.test(source[end] ?? '')) end++;
      return end;
    }
  }
  return at + 1;
}

/** Every module a file names, whether for values or for types. */
export function importsOf(tokens: readonly Token[]): ImportOf[] {
  const found: ImportOf[] = [];
  tokens.forEach((token, i) => {
    if (token.kind !== 'word' || isSign(tokens[i - 1], '.')) return;
    const next = tokens[i + 1];
    if (token.text === 'import' || token.text === 'require') {
      const called = isSign(next, '(') ? tokens[i + 2] : undefined;
      const from = called ?? (token.text === 'import' ? next : undefined);
      if (from?.kind === 'string') found.push({ from: from.text, line: token.line, typeOnly: false });
      else if (token.text === 'import' && called === undefined && !isSign(next, '.'))
        addClause(tokens, i, found);
    } else if (token.text === 'export' && (isSign(next, '*') || isSign(next, '{') || next?.text === 'type')) {
      addClause(tokens, i, found);
    }
  });
  return found;
}

/** From `import` or `export` to the `from '…'` of the same statement, if it has one. */
function addClause(tokens: readonly Token[], start: number, found: ImportOf[]): void {
  const typeOnly =
    tokens[start + 1]?.text === 'type' &&
    !isSign(tokens[start + 2], ',') &&
    tokens[start + 2]?.text !== 'from';
  for (let i = start + 1; i < tokens.length; i++) {
    const token = tokens[i]!;
    if (token.kind === 'string' && tokens[i - 1]?.text === 'from') {
      found.push({ from: token.text, line: tokens[start]!.line, typeOnly });
      return;
    }
    // Names, commas, braces and stars only: `export type A = …` has an equals sign and ends the search.
    if (token.kind !== 'word' && !(token.kind === 'sign' && '{},*'.includes(token.text))) {
      if (token.kind === 'string') continue; // `export { "quoted name" as x } from`
      return;
    }
  }
}

export function isSign(token: Token | undefined, text: string): boolean {
  return token?.kind === 'sign' && token.text === text;
}

export interface FunctionSpan {
  name: string;
  line: number;
  /** From the line of its name to that of its closing brace. */
  lines: number;
}

const control = new Set('if for while switch catch with return await typeof'.split(' '));

/** Functions, methods and arrow functions with a body in braces, with their lengths. */
export function functionsOf(tokens: readonly Token[]): FunctionSpan[] {
  const spans: FunctionSpan[] = [];
  tokens.forEach((token, i) => {
    if (isSign(token, '=>') && isSign(tokens[i + 1], '{')) add(spans, tokens, 'arrow function', i, i + 1);
    if (!isSign(token, '(') || i === 0) return;
    const name = tokens[i - 1]!;
    const named =
      (name.kind === 'word' && !control.has(name.text)) ||
      isSign(name, ']') ||
      isSign(name, '>') ||
      isSign(name, '*');
    if (!named) return;
    const body = bodyAfter(tokens, closing(tokens, i));
    if (body !== undefined) add(spans, tokens, name.text, i - 1, body);
  });
  return spans;
}

function add(
  spans: FunctionSpan[],
  tokens: readonly Token[],
  name: string,
  from: number,
  body: number,
): void {
  const { line } = tokens[from]!;
  const end = tokens[closing(tokens, body)] ?? tokens.at(-1)!;
  spans.push({ name, line, lines: end.line - line + 1 });
}

const pairs: Readonly<Record<string, string>> = { '(': ')', '{': '}', '[': ']' };

/** Index of the sign that closes the bracket at `open`; the length when none does. */
function closing(tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let i = open; i < tokens.length; i++) {
    const token = tokens[i]!;
    if (token.kind !== 'sign') continue;
    if (token.text in pairs) depth++;
    else if (token.text === ')' || token.text === '}' || token.text === ']') {
      depth--;
      if (depth === 0) return i;
    }
  }
  return tokens.length;
}

/** The `{` of the body that follows a parameter list, past a return type; undefined for a mere call. */
function bodyAfter(tokens: readonly Token[], close: number): number | undefined {
  if (isSign(tokens[close + 1], '{')) return close + 1;
  if (!isSign(tokens[close + 1], ':')) return undefined;
  for (let i = close + 2; i < tokens.length; i++) {
    const token = tokens[i]!;
    if (token.kind !== 'sign') continue;
    if (token.text === '{') {
      const before = tokens[i - 1]!;
      const inType =
        (before.kind === 'sign' && ':|&<,[(?'.includes(before.text)) ||
        before.text === '=>' ||
        before.text === 'is';
      if (!inType) return i;
      i = closing(tokens, i);
    } else if (token.text === '(' || token.text === '[') i = closing(tokens, i);
    else if (';=)}'.includes(token.text)) return undefined;
  }
  return undefined;
}
