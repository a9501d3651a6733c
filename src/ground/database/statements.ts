/** One statement of a migration file, with the comment lines right before it. */
export interface Statement {
  /** The text without its leading comments and without the semicolon. */
  text: string;
  /** Leading `--` comment lines, without the dashes, in order. */
  comments: string[];
  /** 1-based line of the file where the text begins. */
  line: number;
}

const wordBefore = /[A-Za-z0-9_$\u0080-\uffff]/;
const dollarTag = /\$(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$/y;

/** The index just after the token that starts at `at`: a quoted string, a dollar-quoted body, a comment or one character. */
function tokenEnd(sql: string, at: number): number {
  const two = sql.slice(at, at + 2);
  if (two === '--') return lineEnd(sql, at);
  if (two === '/*') return blockCommentEnd(sql, at);
  const char = sql[at];
  if (char === "'")
    return quotedEnd(sql, at, "'", /[eE]/.test(sql[at - 1] ?? '') && !wordBefore.test(sql[at - 2] ?? ''));
  if (char === '"') return quotedEnd(sql, at, '"', false);
  if (char === '$' && !wordBefore.test(sql[at - 1] ?? '')) {
    dollarTag.lastIndex = at;
    const tag = dollarTag.exec(sql)?.[0];
    if (tag !== undefined) {
      const close = sql.indexOf(tag, at + tag.length);
      return close < 0 ? sql.length : close + tag.length;
    }
  }
  return at + 1;
}

function lineEnd(sql: string, at: number): number {
  const end = sql.indexOf('\n', at);
  return end < 0 ? sql.length : end;
}

/** SQL's block comments nest. */
function blockCommentEnd(sql: string, at: number): number {
  let depth = 0;
  for (let i = at; i < sql.length; i++) {
    const two = sql.slice(i, i + 2);
    if (two === '/*') depth++;
    else if (two === '*/') depth--;
    else continue;
    i++;
    if (depth === 0) return i + 1;
  }
  return sql.length;
}

function quotedEnd(sql: string, at: number, quote: string, backslash: boolean): number {
  for (let i = at + 1; i < sql.length; i++) {
    if (backslash && sql[i] === '\\') i++;
    else if (sql[i] === quote) {
      if (sql[i + 1] !== quote) return i + 1;
      i++;
    }
  }
  return sql.length;
}

/** Splits a file of SQL into its statements; quotes, dollar quotes and comments are respected. */
export function splitStatements(sql: string): Statement[] {
  const statements: Statement[] = [];
  let comments: string[] = [];
  let start = -1;
  const push = (end: number) => {
    if (start >= 0) {
      statements.push({
        text: sql.slice(start, end).trim(),
        comments,
        line: sql.slice(0, start).split('\n').length,
      });
      comments = [];
    }
    start = -1;
  };
  for (let at = 0; at < sql.length; ) {
    const end = tokenEnd(sql, at);
    const token = sql.slice(at, end);
    if (start < 0 && token.startsWith('--')) comments.push(token.slice(2).trim());
    else if (token === ';') push(at);
    else if (start < 0 && !token.startsWith('/*') && token.trim() !== '') start = at;
    at = end;
  }
  push(sql.length);
  return statements;
}
