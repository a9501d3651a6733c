import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  folderSource,
  Journal,
  journalMigrations,
  logVerifierKey,
  nodePrimitives,
} from '../src/core/journal/index.ts';
import { Stage } from '../src/core/journal/staging.fixture.ts';
import { verifyLog } from '../src/core/journal/verify/index.ts';
import { type FreshDatabase, freshDatabase } from './database.ts';

/** Debian's golang-go and golang-golang-x-mod-dev; the verifier is built from others' code (see test/go/main.go). */
const gopath = '/usr/share/gocode';
const go = ['/usr/bin/go', '/usr/local/go/bin/go'].find(existsSync);
const present = go !== undefined && existsSync(join(gopath, 'src/golang.org/x/mod/sumdb/tlog'));
const demanded = process.env['SEKISHO_REQUIRE_GO'] === '1';
const LINES = 100_500;
const CALLERS = 512;

if (!present && !demanded)
  console.warn('go-verifier: skipped, for golang-go or golang-golang-x-mod-dev is not installed');

describe.skipIf(!present && !demanded)('a log of 100,000 lines and Go’s checksum database client', () => {
  const build = mkdtempSync(join(tmpdir(), 'sekisho-go-'));
  const binary = join(build, 'verify');
  let database: FreshDatabase;
  let stage: Stage;
  let size = 0;

  beforeAll(async () => {
    expect(present, 'SEKISHO_REQUIRE_GO=1 but Go or its packages are missing').toBe(true);
    execFileSync(go!, ['build', '-o', binary, join(import.meta.dirname, 'go/main.go')], {
      env: { ...process.env, GO111MODULE: 'off', GOPATH: gopath, GOFLAGS: '', GOCACHE: join(build, 'cache') },
    });
    database = await freshDatabase([journalMigrations]);
    stage = await new Stage(database.pool('gate')).start();
    const journal = await Journal.open(stage.options({ integrateEveryMs: 250 }));
    let left = LINES;
    const caller = async () => {
      while (left-- > 0) {
        const person = stage.person();
        await journal.append({ lines: [{ kind: 'field.opened', person, body: { actor: 'staff-1' } }] });
      }
    };
    await Promise.all(Array.from({ length: CALLERS }, caller));
    await journal.flush();
    size = journal.head().size;
    await journal.close();
  }, 600_000);
  afterAll(async () => {
    await stage?.end();
    await database?.drop();
    rmSync(build, { recursive: true, force: true });
  });

  const byGo = () => {
    const run = spawnSync(binary, [stage.mirror, logVerifierKey(stage.signer)], { encoding: 'utf8' });
    return { status: run.status, size: Number(run.stdout), said: run.stderr };
  };
  const byUs = async () =>
    (await verifyLog(folderSource(stage.mirror), stage.policy(), undefined, nodePrimitives)).ok;

  it('is accepted by both', async () => {
    expect(size).toBe(LINES + 1);
    expect(byGo()).toEqual({ status: 0, size, said: '' });
    expect(await byUs()).toBe(true);
  });

  it.each([
    ['an entry', 'tile/entries/200', 1_234],
    ['a tile of leaves', 'tile/0/017', 8_000],
    ['a tile of tiles', 'tile/1/000', 33],
    ['the right edge', undefined, 5],
    ['the signature', 'checkpoint', 150],
  ])('with one bit flipped in %s is rejected by both', async (_what, path, at) => {
    const file = join(stage.mirror, path ?? rightEdge());
    const whole = readFileSync(file);
    const bytes = Buffer.from(whole);
    bytes[at]! ^= 1;
    writeFileSync(file, bytes);
    try {
      expect(byGo().status).toBe(1);
      expect(await byUs()).toBe(false);
    } finally {
      writeFileSync(file, whole);
    }
    expect([byGo().status, await byUs()]).toEqual([0, true]);
  });

  function rightEdge(): string {
    const folder = readdirSync(join(stage.mirror, 'tile/0')).find((name) => name.endsWith('.p'));
    const widths = readdirSync(join(stage.mirror, 'tile/0', folder!)).map(Number);
    return join('tile/0', folder!, String(Math.max(...widths)));
  }
});
