// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are sources to be scanned
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { functionsOf, importsOf, tokensOf } from './tree-scanner.ts';

const words = (source: string) => tokensOf(source).map((token) => token.text);
const froms = (source: string) =>
  importsOf(tokensOf(source)).map(({ from, typeOnly }) => (typeOnly ? `type ${from}` : from));

describe('tokensOf', () => {
  it.each([
    ['comments fall away', 'a // b\n/* c\n d */ e', ['a', 'e']],
    ['strings keep their text', `a 'b // c' "d\\"e"`, ['a', 'b // c', 'd\\"e']],
    [
      'an unclosed quote ends with its line',
      "<p>Don't</p>\nimport",
      ['<', 'p', '>', 'Don', 't</p', 'import'],
    ],
    [
      'a template is one token, its code comes after',
      'x`a ${b + `c ${d}`} e` f',
      ['x', 'a … e', 'b', '+', 'c …', 'd', 'f'],
    ],
    [
      'braces inside a template’s code',
      '`${ { a: { b } } }` c',
      ['…', '{', 'a', ':', '{', 'b', '}', '}', 'c'],
    ],
    ['a regular expression with a quote', `a = /['"/*]/g; b`, ['a', '=', `/['"/*]/g`, ';', 'b']],
    ['a division', 'a / b / c', ['a', '/', 'b', '/', 'c']],
    ['a division after a bracket', '(a) / b / c', ['(', 'a', ')', '/', 'b', '/', 'c']],
    [
      'a regular expression after return',
      'return /x/.test(a)',
      ['return', '/x/', '.', 'test', '(', 'a', ')'],
    ],
    ['a slash inside a class of characters', 'a(/[/]/)', ['a', '(', '/[/]/', ')']],
    ['numbers with separators and exponents', '1_000n + 0x1f + 1e-9', ['0', '+', '0', '+', '0']],
    ['the arrow together', 'a => b', ['a', '=>', 'b']],
    ['a first line for the shell', '#!/usr/bin/env node\na', ['a']],
    ['Japanese words', 'const 番号 = 1', ['const', '番号', '=', '0']],
  ])('%s', (_, source, expected) => expect(words(source)).toEqual(expected));

  it('counts lines over comments, templates and strings', () => {
    const tokens = tokensOf('a\n/*\n*/ b `c\n${\nd}\n` e\n');
    expect(tokens.map(({ text, line }) => `${text.trim()}@${line}`)).toEqual([
      'a@1',
      'b@3',
      'c\n…@3',
      'd@5',
      'e@6',
    ]);
  });

  it('gets through every file of this tree with its brackets in balance', () => {
    const files = ['src', 'test'].flatMap((top) =>
      readdirSync(top, { recursive: true, encoding: 'utf8' }).map((name) => join(top, name)),
    );
    for (const file of files.filter((name) => name.endsWith('.ts'))) {
      const open: string[] = [];
      for (const { kind, text } of tokensOf(readFileSync(file, 'utf8'))) {
        if (kind !== 'sign') continue;
        if ('({['.includes(text)) open.push(text);
        else if (')}]'.includes(text)) expect(`${file} ${open.pop()}${text}`).toMatch(/\(\)|\{\}|\[\]/);
      }
      expect(`${file} ${open}`).toBe(`${file} `);
    }
  });
});

describe('importsOf', () => {
  it.each([
    [`import a from './a.ts';`, ['./a.ts']],
    [`import * as a from './a.ts'`, ['./a.ts']],
    [`import { a, type B, c as d } from './a.ts';`, ['./a.ts']],
    [`import a, { b } from "./a.ts";`, ['./a.ts']],
    [`import './a.ts';`, ['./a.ts']],
    [`import type { A } from './a.ts';`, ['type ./a.ts']],
    [`import type A from './a.ts';`, ['type ./a.ts']],
    [`import type from './a.ts';`, ['./a.ts']],
    [`import type, { a } from './a.ts';`, ['./a.ts']],
    [`import a from './a.json' with { type: 'json' };`, ['./a.json']],
    [`export * from './a.ts';`, ['./a.ts']],
    [`export * as a from './a.ts';`, ['./a.ts']],
    [`export { a, b } from './a.ts';`, ['./a.ts']],
    [`export type { A } from './a.ts';`, ['type ./a.ts']],
    [`export {\n  // './no.ts'\n  a,\n} from './a.ts';`, ['./a.ts']],
    [`const a = await import('./a.ts');`, ['./a.ts']],
    [`let a: import('./a.ts').A;`, ['./a.ts']],
    [`const a = require('./a.ts');`, ['./a.ts']],
    [`export const a = 1; const from = './no.ts';`, []],
    [`export type A = 'from' | './no.ts';`, []],
    [`export { a, b };\nconst c = './no.ts';`, []],
    [`// import './no.ts'\n/* import './no.ts' */`, []],
    [`const text = "import './no.ts'"; const t = \`import './no.ts'\`;`, []],
    [`a.import('./no.ts'); import.meta.url`, []],
    [`const t = \`\${await import('./a.ts')}\`;`, ['./a.ts']],
    [`import { from } from './a.ts'; import { b } from './b.ts'`, ['./a.ts', './b.ts']],
  ])('%s', (source, expected) => expect(froms(source)).toEqual(expected));
});

describe('functionsOf', () => {
  const spans = (source: string) =>
    functionsOf(tokensOf(source)).map(({ name, lines }) => `${name} ${lines}`);
  it.each([
    ['function', 'function a() {\n}', ['a 2']],
    ['with a return type', 'function a(): Promise<void> {\n\n}', ['a 3']],
    ['with an object for its return type', 'function a(): { b: number } {\n\n}', ['a 3']],
    ['with an object inside its return type', 'function a(): Promise<{ b: number }> {\n\n}', ['a 3']],
    ['with a union of objects', 'function a(): { b: 1 } | { c: 2 } {\n\n}', ['a 3']],
    ['type guard', 'function a(b: unknown): b is { c: 1 } {\n\n}', ['a 3']],
    ['generic', 'function a<T>(b: T): T[] {\n}', ['> 2']],
    ['method', 'class A {\n async b(c: number) {\n\n }\n}', ['b 3']],
    [
      'constructor and private method',
      'class A { constructor(a: B) {\n}\n #c() {\n} }',
      ['constructor 2', '#c 2'],
    ],
    ['arrow function', 'const a = (b: number): number => {\n return b;\n};', ['arrow function 3']],
    ['function inside a function', 'function a() {\n const b = () => {\n };\n}', ['a 4', 'arrow function 2']],
    ['no body', 'declare function a(): void;\ninterface B { c(): { d: 1 }; e(): void }', []],
    [
      'calls and control',
      'if (a) {\n}\nfor (const b of c) {\n}\nfoo(a);\nconst d = e ? f(g) : { h: 1 };',
      [],
    ],
    ['body left open', 'function a() {\n b', ['a 2']],
  ])('%s', (_, source, expected) => expect(spans(source)).toEqual(expected));
});
