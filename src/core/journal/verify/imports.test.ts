import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const files = readdirSync(import.meta.dirname).filter(
  (name) => name.endsWith('.ts') && !name.endsWith('.test.ts'),
);

describe('the checker', () => {
  it.each(files)('%s imports only its neighbours: no Node module, nothing of the writer', (file) => {
    const text = readFileSync(`${import.meta.dirname}/${file}`, 'utf8');
    const imported = [...text.matchAll(/(?:from|import\()\s*'([^']+)'/g)].map(([, path]) => path!);
    expect(imported.filter((path) => !/^\.\/[a-z-]+\.ts$/.test(path))).toEqual([]);
  });

  it('uses no global of Node', () => {
    for (const file of files) {
      const text = readFileSync(`${import.meta.dirname}/${file}`, 'utf8');
      expect(
        /\b(Buffer|process|require|__dirname|setImmediate)\b(?!')/.test(
          text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, ''),
        ),
      ).toBe(false);
    }
  });
});
