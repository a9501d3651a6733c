import type { Fault, Tree } from './tree-rules.ts';
import { tokensOf } from './tree-scanner.ts';

interface PageRule {
  pattern: RegExp;
  say: string;
  /** Where it may stand all the same. */
  allowed?: RegExp;
}

const japanese = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;

/** What no page may do: each would slip past the Content-Security-Policy, or leave something of a person behind. */
const codeRules: readonly PageRule[] = [
  {
    pattern: /\b(?:localStorage|sessionStorage|indexedDB|caches)\b|document\.cookie/,
    say: 'browser storage: only the language is kept',
    allowed: /\/ui\/language\.tsx$/,
  },
  {
    pattern:
      /dangerouslySetInnerHTML|\.innerHTML|\.outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function\(/,
    say: 'HTML or code from text',
  },
  { pattern: /document\.title/, say: 'titles are set by Page, of words alone', allowed: /\/ui\/page\.tsx$/ },
  {
    pattern: /\b(?:pushState|replaceState)\b|location\.(?:href|hash|search)\s*=/,
    say: 'addresses: the router sets them, and never with a value of a record',
  },
  { pattern: /console\./, say: 'console: whatever is written there can be read by the next at the desk' },
  { pattern: /createElement\(['"]style['"]\)|<style[\s>]/, say: 'style elements: the policy refuses them' },
];

const foreign = /(?:https?:)?\/\/[a-z0-9-]+(?:\.[a-z0-9-]+)+|@import\s+(?:url\()?['"]?(?:https?:|\/\/)/i;
const inHtml: readonly [RegExp, string][] = [
  [/<script(?![^>]*\bsrc=)[^>]*>/i, 'inline script'],
  [/<style|\sstyle=/i, 'inline style'],
  [/\son[a-z]+=/i, 'inline handler'],
];

const lineOf = (text: string, at: number) => text.slice(0, at).split('\n').length;

/** Rules for what a browser runs (doors/web): pages keep to their own site, their own words, and store nothing. */
export function pageFaults(tree: Tree): Fault[] {
  const faults: Fault[] = [];
  for (const [path, text] of tree) {
    if (!path.startsWith('src/doors/web/') || /\.(?:test|fixture)\.tsx?$|\.svg$|\.md$/.test(path)) continue;
    const fault = (at: number, say: string) => faults.push({ path, line: lineOf(text, at), say });
    const away = foreign.exec(withoutComments(path, text));
    if (away !== null) fault(text.indexOf(away[0]), `${away[0]}: a page asks its own site only`);
    if (/\.html$/.test(path))
      for (const [pattern, say] of inHtml) {
        const found = pattern.exec(text);
        if (found !== null) fault(found.index, `${say}: the Content-Security-Policy refuses it`);
      }
    if (!/^src\/doors\/web\/(?:desk|portal|ui|words)\/.*\.tsx?$/.test(path)) continue;
    for (const { pattern, say, allowed } of codeRules) {
      const found = pattern.exec(text);
      if (found !== null && allowed?.test(path) !== true) fault(found.index, say);
    }
    if (path.endsWith('.tsx')) faults.push(...wordFaults(path, text));
    if (!/^[a-z0-9]+(?:-[a-z0-9]+)*\.tsx?$/.test(path.replace(/.*\//, '')))
      faults.push({ path, line: 1, say: 'file names are kebab-case' });
  }
  return faults;
}

/** Comments are for us: they may name an address, and are in no page. */
function withoutComments(path: string, text: string): string {
  return path.endsWith('.css') || path.endsWith('.html')
    ? text.replace(/\/\*[\s\S]*?\*\/|<!--[\s\S]*?-->/g, '')
    : text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
}

/** A Japanese text in a component has no English. */
function wordFaults(path: string, text: string): Fault[] {
  return tokensOf(text)
    .filter(({ kind, text: said }) => kind !== 'regex' && japanese.test(said))
    .map(({ line }) => ({
      path,
      line,
      say: 'a text in a component: it belongs into words/, in both languages',
    }));
}
