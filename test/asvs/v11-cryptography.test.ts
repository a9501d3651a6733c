import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../papers.ts';

const sources = globSync('src/**/*.ts', { cwd: root })
  .filter((path) => !/\.(?:test|fixture)\.ts$/.test(path))
  .map((path): [string, string] => [path, readFileSync(join(root, path), 'utf8')]);

const used = (pattern: RegExp) =>
  new Set(sources.flatMap(([, text]) => [...text.matchAll(pattern)].map((match) => match[1]!.toLowerCase())));

describe('v5.0.0-11.3.1, 11.3.2 ciphers', () => {
  it('are AES-256 in GCM; counter mode only for uploads on their way through a temporary file', () => {
    const named = used(/'(aes-[\w-]+|des3?|des-(?:cbc|ecb|ede)[\w-]*|rc4|bf-[\w-]+|chacha[\w-]*)'/gi);
    expect([...named].sort()).toEqual(['aes-256-ctr', 'aes-256-gcm']);
    const counter = sources.filter(([, text]) => text.includes("'aes-256-ctr'")).map(([path]) => path);
    expect(counter).toEqual(['src/doors/api/spool.ts']);
  });
});

describe('v5.0.0-11.4.1 hash functions', () => {
  it('are of the SHA-2 family', () => {
    const named = used(/'(md\d|sha-?\d[\w-]*|ripemd[\w-]*|whirlpool|blake[\w-]*)'/gi);
    expect(named.size).toBeGreaterThan(0);
    for (const name of named)
      expect(['sha256', 'sha512', 'sha-256', 'sha-512', 'sha224', 'sha384']).toContain(name);
  });
});
