import { expect, it } from 'vitest';
import { pageFaults } from './tree-pages.ts';

const faults = (path: string, text: string) =>
  pageFaults(new Map([[path, text]])).map(({ line, say }) => `${line} ${say}`);

it.each([
  ['src/doors/web/desk/a.tsx', '\nlocalStorage.setItem("a", b);', '2 browser storage'],
  ['src/doors/web/desk/a.ts', 'document.cookie = a;', 'browser storage'],
  ['src/doors/web/portal/a.tsx', '<p dangerouslySetInnerHTML={a} />', 'HTML or code from text'],
  ['src/doors/web/portal/a.ts', 'element.innerHTML = a;', 'HTML or code from text'],
  ['src/doors/web/ui/a.tsx', 'document.title = name;', 'titles are set by Page'],
  ['src/doors/web/desk/a.tsx', 'history.pushState(null, "", name);', 'addresses'],
  ['src/doors/web/desk/a.tsx', 'location.hash = name;', 'addresses'],
  ['src/doors/web/ui/a.ts', 'console.log(a);', 'console'],
  ['src/doors/web/ui/a.tsx', '<style>{a}</style>', 'style elements'],
  ['src/doors/web/ui/a.tsx', "const a = 'https://fonts.example.com/a.css';", 'its own site only'],
  ['src/doors/web/ui/a.css', "@import '//example.com/a.css';", 'its own site only'],
  ['src/doors/web/ui/a.css', 'a { background: url(https://example.com/a.png); }', 'its own site only'],
  ['src/doors/web/desk/index.html', '<script>a()</script>', 'inline script'],
  ['src/doors/web/desk/index.html', '<p style="color: red">', 'inline style'],
  ['src/doors/web/desk/index.html', '<p onclick="a()">', 'inline handler'],
  ['src/doors/web/desk/a.tsx', '<p>{"こんにちは"}</p>', 'a text in a component'],
  ['src/doors/web/desk/a.tsx', '<p>氏名</p>', 'a text in a component'],
  ['src/doors/web/desk/OpenField.tsx', '', 'kebab-case'],
])('%s refuses %s', (path, text, say) => {
  const found = faults(path, text);
  expect(found).toHaveLength(1);
  expect(found[0]).toContain(say);
});

it.each([
  ['src/doors/web/ui/language.tsx', 'localStorage.getItem(key);'],
  ['src/doors/web/ui/page.tsx', 'document.title = title;'],
  ['src/doors/web/words/desk-ja.ts', "export const a = '氏名';"],
  ['src/doors/web/desk/a.tsx', '// 氏名 https://example.com/a\nconst a = 1;'],
  ['src/doors/web/desk/a.test.ts', "const a = 'https://example.com';"],
  ['src/doors/web/build.ts', "const a = 'x';"],
  ['src/doors/web/desk/index.html', '<script type="module" src="./main.tsx"></script>'],
  ['src/doors/api/a.ts', "const a = 'https://example.com'; console.log(a);"],
])('allowed in %s: %s', (path, text) => expect(faults(path, text)).toEqual([]));
