import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitStatements } from './statements.ts';

const texts = (sql: string) => splitStatements(sql).map((statement) => statement.text);

describe('splitStatements', () => {
  it.each([
    ['nothing', '', []],
    ['only comments', '-- a\n/* b; */\n', []],
    ['two statements', 'SELECT 1; SELECT 2;', ['SELECT 1', 'SELECT 2']],
    ['no last semicolon', 'SELECT 1;\nSELECT 2\n', ['SELECT 1', 'SELECT 2']],
    ['empty statements', ';;SELECT 1;;', ['SELECT 1']],
    ['semicolon in a string', "SELECT 'a;b'; SELECT 2", ["SELECT 'a;b'", 'SELECT 2']],
    ['doubled quote', "SELECT 'it''s;'; SELECT 2", ["SELECT 'it''s;'", 'SELECT 2']],
    ['backslash is plain in a plain string', "SELECT 'a\\'; SELECT 2", ["SELECT 'a\\'", 'SELECT 2']],
    ['backslash escapes in an E string', "SELECT E'a\\';b'; SELECT 2", ["SELECT E'a\\';b'", 'SELECT 2']],
    ['a word that ends in e is no E string', "SELECT type'a\\'; SELECT 2", ["SELECT type'a\\'", 'SELECT 2']],
    ['quoted name', 'SELECT 1 AS "a;b"; SELECT 2', ['SELECT 1 AS "a;b"', 'SELECT 2']],
    ['dollar body', 'DO $$ BEGIN x; END $$; SELECT 2', ['DO $$ BEGIN x; END $$', 'SELECT 2']],
    ['tagged dollar body', 'DO $a$ $$ ; $b$ ; $a$; SELECT 2', ['DO $a$ $$ ; $b$ ; $a$', 'SELECT 2']],
    ['parameter is no dollar quote', 'SELECT $1; SELECT $2', ['SELECT $1', 'SELECT $2']],
    ['dollar inside a word', 'SELECT a$b; SELECT c$d', ['SELECT a$b', 'SELECT c$d']],
    ['comment inside', 'SELECT 1 -- ; not here\n+ 1; SELECT 2', ['SELECT 1 -- ; not here\n+ 1', 'SELECT 2']],
    [
      'nested block comment',
      'SELECT /* a /* ; */ ; */ 1; SELECT 2',
      ['SELECT /* a /* ; */ ; */ 1', 'SELECT 2'],
    ],
    ['apostrophe in a comment', "-- don't\nSELECT 1; SELECT 2", ['SELECT 1', 'SELECT 2']],
    ['string left open', "SELECT 'a; SELECT 2", ["SELECT 'a; SELECT 2"]],
    ['block comment left open', 'SELECT 1; /* SELECT 2;', ['SELECT 1']],
    ['dollar body left open', 'DO $$ a; b', ['DO $$ a; b']],
    [
      'Japanese',
      "COMMENT ON TABLE a IS '住民；票;'; SELECT 2",
      ["COMMENT ON TABLE a IS '住民；票;'", 'SELECT 2'],
    ],
  ])('%s', (_, sql, expected) => expect(texts(sql)).toEqual(expected));

  it('keeps the comment lines right before a statement, and the line it begins on', () => {
    const sql =
      '-- one\n\n-- distribute by municipality_code\nCREATE TABLE a ();\n-- two\nSELECT 1;\nSELECT 2;';
    expect(splitStatements(sql)).toEqual([
      { text: 'CREATE TABLE a ()', comments: ['one', 'distribute by municipality_code'], line: 4 },
      { text: 'SELECT 1', comments: ['two'], line: 6 },
      { text: 'SELECT 2', comments: [], line: 7 },
    ]);
  });

  it('finds again whatever statements were joined', () => {
    const piece = fc.constantFrom(
      'SELECT 1',
      "x 'a;''b'",
      'y $q$ ; $q$',
      'z "n;"',
      'w /* ; */ 1',
      'v -- ;\n1',
      "u E'\\';'",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        expect(texts(pieces.map((text) => `${text};\n`).join(''))).toEqual(pieces);
      }),
    );
  });

  it('never hangs nor loses the end on arbitrary text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("'", '"', '$', '-', '/', '*', ';', 'a', ' ', '\n', '\\') }),
        (sql) => {
          for (const text of texts(sql)) expect(sql).toContain(text);
        },
      ),
    );
  });
});
