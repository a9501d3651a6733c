import {
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { town as municipality, RunningHouse } from './running-house.fixture.ts';

// The public's side of the journal: a log that this house wrote, copied, and then broken in every way that a copy can break.

let town: RunningHouse;
/** A copy that verifies, with more lines than a tile holds. */
let sound: string;
let trust: string;
let receipt: string;
let person: string;
let url: string;
beforeAll(async () => {
  town = await RunningHouse.start({ residents: 280 });
  url = `${town.house.officeUrl}/journal/${municipality}`;
  ({ person } = await town.personOf(town.rows[0]![0]!));
  const desk = ['--as', 'clerk', '--purpose', 'residence-certificate', '--note', '交付'];
  const opened = await town.ok(['register', 'show', person, '--groups', 'name', ...desk]);
  receipt = town.file('receipt.json', JSON.stringify(opened));
  trust = town.file('trust.json', JSON.stringify(await town.ok(['journal', 'trust'])));
  // The head that a witness has signed reaches the line within a few seconds.
  while ((await town.run(['journal', 'verify', '--receipt', receipt])).answer?.finding !== 'present')
    await sleep(300);
  sound = join(town.folder, 'sound', municipality);
  await town.ok(['journal', 'export', sound, '--from', url, '--trust', trust]);
}, 240_000);
afterAll(() => town?.close(), 60_000);

let copies = 0;
/** A copy to be broken. */
function copy(): string {
  const folder = join(town.folder, `copy-${++copies}`, municipality);
  cpSync(sound, folder, { recursive: true });
  return folder;
}
/** Every file of a log below a folder. */
function filesOf(folder: string, path = ''): string[] {
  return readdirSync(join(folder, path), { withFileTypes: true }).flatMap((entry) => {
    const below = path === '' ? entry.name : `${path}/${entry.name}`;
    return entry.isDirectory() ? filesOf(folder, below) : [below];
  });
}
const verify = (where: string, more: string[] = ['--trust', trust]) =>
  town.run(['journal', 'verify', where, ...more]);
function flip(file: string, at: number): void {
  const bytes = readFileSync(file);
  bytes[at < 0 ? bytes.length + at : at]! ^= 1;
  writeFileSync(file, bytes);
}

describe('a log as it was written', { timeout: 60_000 }, () => {
  it('verifies in its folder, as a copy, and at its address, with one and the same head', async () => {
    const copied = await verify(sound);
    expect(copied.answer).toMatchObject({
      verified: true,
      origin: `demo.sekisho.invalid/journal/${municipality}`,
    });
    expect(copied.answer.size).toBeGreaterThan(256);
    expect(copied.answer.witnesses).toEqual([
      { name: 'demo.sekisho.invalid/witness', at: expect.stringMatching(/^20\d\d-/) },
    ]);
    expect((await verify(url)).answer.size).toBeGreaterThanOrEqual(copied.answer.size);
    expect((await verify(`${url}/`)).code).toBe(0);
    expect((await town.run(['journal', 'verify'])).answer.verified).toBe(true);
  });

  it('a copy holds no payload, and nothing of the residents', () => {
    const files = filesOf(sound);
    expect(files).toContain('checkpoint');
    expect(files.filter((name) => !/^(checkpoint|tile\/)/.test(name))).toEqual([]);
  });

  it('head tells what is published', async () => {
    const { journals } = await town.ok(['journal', 'head']);
    expect(journals).toMatchObject([
      { municipality, origin: `demo.sekisho.invalid/journal/${municipality}` },
    ]);
    expect(journals[0].checkpoint.split('\n')[1]).toBe(String(journals[0].size));
  });

  it('trust holds public keys, and no other', async () => {
    const text = readFileSync(trust, 'utf8');
    expect(JSON.parse(text)[municipality]).toMatchObject({ quorum: 1, witness_keys: [expect.any(String)] });
    const secret = JSON.parse(readFileSync(join(town.data, 'secrets', 'witness-key.json'), 'utf8'));
    expect(text).not.toContain(secret.private_key_pem.split('\n')[1]);
  });
});

describe('a copy with one bit turned', { timeout: 60_000 }, () => {
  it('in any file is found, and the place is named', async () => {
    const names = filesOf(sound);
    expect(names.some((name) => name.startsWith('tile/0/'))).toBe(true);
    expect(names.some((name) => name.startsWith('tile/1/'))).toBe(true);
    expect(names.some((name) => name.startsWith('tile/entries/'))).toBe(true);
    for (const name of names) {
      for (const at of [0, 40, -1]) {
        const folder = copy();
        flip(join(folder, name), at);
        const { code, kind, facts } = await verify(folder);
        expect([name, at, code, kind]).toEqual([name, at, 8, 'proof-invalid']);
        expect([name, typeof facts['reason']]).toEqual([name, 'string']);
      }
    }
  });

  it('in the line of a receipt is found by whoever holds the receipt', async () => {
    const folder = copy();
    const { index } = JSON.parse(readFileSync(receipt, 'utf8')).receipt;
    const leafTile = filesOf(folder).find((name) =>
      name.startsWith(`tile/0/${String(Math.floor(index / 256)).padStart(3, '0')}`),
    )!;
    flip(join(folder, leafTile), (index % 256) * 32);
    const { code, kind } = await verify(folder, ['--trust', trust, '--receipt', receipt]);
    expect([code, kind]).toEqual([8, 'proof-invalid']);
  });
});

describe('a copy with something missing', { timeout: 60_000 }, () => {
  it('a tile', async () => {
    for (const name of filesOf(sound).filter((each) => each !== 'checkpoint')) {
      const folder = copy();
      rmSync(join(folder, name));
      expect([name, (await verify(folder)).code]).toEqual([name, 8]);
    }
  });

  it('the end of a tile', async () => {
    for (const name of filesOf(sound)) {
      const folder = copy();
      truncateSync(join(folder, name), 17);
      expect([name, (await verify(folder)).code]).toEqual([name, 8]);
    }
  });

  it('the checkpoint, or all of it', async () => {
    const folder = copy();
    rmSync(join(folder, 'checkpoint'));
    expect((await verify(folder)).code).toBeGreaterThanOrEqual(5);
    const nowhere = await verify(join(town.folder, 'nowhere', municipality));
    expect(nowhere.code).toBeGreaterThanOrEqual(5);
    expect(nowhere.out).toBe('');
  });

  it('the witness’s signature', async () => {
    const folder = copy();
    const lines = readFileSync(join(folder, 'checkpoint'), 'utf8').trimEnd().split('\n');
    writeFileSync(join(folder, 'checkpoint'), `${lines.slice(0, -1).join('\n')}\n`);
    expect(await verify(folder)).toMatchObject({ code: 8, kind: 'proof-invalid' });
  });

  it('two tiles exchanged', async () => {
    const folder = copy();
    const [first, second] = filesOf(folder).filter((name) => name.startsWith('tile/entries/'));
    renameSync(join(folder, first!), join(folder, 'aside'));
    renameSync(join(folder, second!), join(folder, first!));
    renameSync(join(folder, 'aside'), join(folder, second!));
    expect((await verify(folder)).code).toBe(8);
  });
});

describe('whom to trust', { timeout: 60_000 }, () => {
  const with_ = (change: (entry: Record<string, unknown>) => void) => {
    const all = JSON.parse(readFileSync(trust, 'utf8'));
    change(all[municipality]);
    return town.file(`trust-${++copies}.json`, JSON.stringify(all));
  };
  const otherKey = 'x.example+00000000+AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB';

  it.each<[string, (entry: Record<string, unknown>) => void]>([
    ['another log’s name', (entry) => Object.assign(entry, { origin: 'other.example/journal' })],
    ['a witness more than signed', (entry) => Object.assign(entry, { quorum: 2 })],
    ['another witness', (entry) => Object.assign(entry, { witness_keys: [String(entry['log_key'])] })],
    ['a key that is none', (entry) => Object.assign(entry, { log_key: otherKey })],
  ])('%s: nothing is verified', async (_name, change) => {
    const ran = await verify(sound, ['--trust', with_(change)]);
    expect(ran.code).not.toBe(0);
    expect([3, 8]).toContain(ran.code);
    expect(ran.out).toBe('');
  });

  it.each<[string, string]>([
    ['no JSON', '{'],
    ['another shape', '{"keys": []}'],
    ['a list', '[]'],
    ['an entry without its key', `{"${municipality}": {"origin": "x", "witness_keys": [], "quorum": 0}}`],
  ])('a file that is %s: exit 3', async (_name, text) => {
    const ran = await verify(sound, ['--trust', town.file('bad-trust.json', text)]);
    expect([ran.code, ran.kind]).toEqual([3, 'config-invalid']);
  });

  it('a file that is not there, or of another municipality: exit 5', async () => {
    expect((await verify(sound, ['--trust', join(town.folder, 'none.json')])).code).toBe(5);
    const other = town.file(
      'other.json',
      readFileSync(trust, 'utf8').replaceAll(`"${municipality}"`, '"131016"'),
    );
    expect((await verify(sound, ['--trust', other])).code).toBe(5);
  });
});

describe('receipts', { timeout: 60_000 }, () => {
  const hold = (file: string) => town.run(['journal', 'verify', sound, '--trust', trust, '--receipt', file]);
  const changed = (change: (own: Record<string, unknown>) => void) => {
    const { receipt: own } = JSON.parse(readFileSync(receipt, 'utf8'));
    change(own);
    return town.file(`receipt-${++copies}.json`, JSON.stringify(own));
  };

  it('bare or within the answer that brought it', async () => {
    expect((await hold(receipt)).answer).toMatchObject({ finding: 'present' });
    expect((await hold(changed(() => undefined))).answer).toMatchObject({ finding: 'present' });
  });

  it.each<[string, (own: Record<string, unknown>) => void]>([
    ['another index', (own) => Object.assign(own, { index: Number(own['index']) - 1 })],
    ['another leaf', (own) => Object.assign(own, { leafHash: Buffer.alloc(32, 7).toString('base64') })],
    ['another signature', (own) => Object.assign(own, { signature: Buffer.alloc(64, 7).toString('base64') })],
    [
      'another statement',
      (own) => Object.assign(own, { statement: String(own['statement']).replace('demo', 'hemo') }),
    ],
  ])('%s is no receipt: exit 8', async (_name, change) => {
    expect((await hold(changed(change))).code).toBe(8);
  });

  it('what is no receipt at all: exit 3', async () => {
    expect((await hold(town.file('none.json', '{"a":1}'))).code).toBe(3);
    expect((await hold(town.file('none.json', 'x'))).code).toBe(3);
    expect((await hold(join(town.folder, 'missing.json'))).code).toBe(3);
  });
});

describe('proofs', { timeout: 60_000 }, () => {
  it('of the first, a middle and the last published line are written and hold', async () => {
    const [{ size }] = (await town.ok(['journal', 'head'])).journals;
    for (const index of [0, 255, 256, size - 1]) {
      const out = join(town.folder, `${index}.tlog-proof`);
      const answer = await town.ok(['journal', 'prove', String(index), '--out', out, '--trust', trust]);
      expect(answer).toMatchObject({ verified: true, index });
      expect(readFileSync(out, 'utf8').split('\n')[0]).toMatch(/^c2sp\.org\/tlog-proof@v/);
    }
  });

  it.each([
    ['beyond the head', ['99999999'], 5],
    ['no number', ['first'], 2],
    ['of a municipality that is not here', ['0', '--municipality', '131016'], 5],
    ['of a code that is none', ['0', '--municipality', 'x'], 3],
  ])('%s: exit %s', async (_name, argv, code) => {
    expect((await town.run(['journal', 'prove', ...argv])).code).toBe(code);
  });

  it('an office that lies is found out, and no file is written', async () => {
    const office = createServer((request, response) => {
      void fetch(`${town.house.officeUrl}${request.url}`).then(async (answer) => {
        const text = await answer.text();
        response.setHeader('content-type', 'application/json');
        // Another leaf under the same proof.
        response.end(
          request.url?.includes('/proof')
            ? JSON.stringify({ ...JSON.parse(text), leafHash: Buffer.alloc(32, 9).toString('base64') })
            : text,
        );
      });
    });
    await new Promise<void>((done) => office.listen(0, '127.0.0.1', done));
    const { port } = office.address() as { port: number };
    const out = join(town.folder, 'lie.tlog-proof');
    const ran = await town.run(['journal', 'prove', '3', '--out', out, '--url', `http://127.0.0.1:${port}`]);
    office.close();
    expect([ran.code, ran.kind]).toEqual([8, 'proof-invalid']);
    expect(existsSync(out)).toBe(false);
  });
});

describe('export', { timeout: 60_000 }, () => {
  it('into a folder that holds something is refused', async () => {
    const ran = await town.run(['journal', 'export', town.folder, '--from', sound, '--trust', trust]);
    expect([ran.code, ran.kind]).toEqual([6, 'already-exists']);
  });

  it('of a log that does not hold leaves no checkpoint, so that it never looks whole', async () => {
    const broken = copy();
    const tiles = filesOf(broken).filter((name) => name.startsWith('tile/entries/'));
    flip(join(broken, tiles.at(-1)!), 40);
    const to = join(town.folder, 'export-broken', municipality);
    expect((await town.run(['journal', 'export', to, '--from', broken, '--trust', trust])).code).toBe(8);
    expect(existsSync(join(to, 'checkpoint'))).toBe(false);
  });

  it('from where nobody listens: exit 7', async () => {
    const to = join(town.folder, 'export-nobody', municipality);
    const from = `http://127.0.0.1:9/journal/${municipality}`;
    expect((await town.run(['journal', 'export', to, '--from', from, '--trust', trust])).code).toBe(7);
  });

  it('interrupted: 130, and no checkpoint', async () => {
    const to = join(town.folder, 'export-cut', municipality);
    const ran = await town.run(['journal', 'export', to, '--from', url, '--trust', trust], {
      signal: AbortSignal.abort(),
    });
    expect(ran.code).toBe(130);
    expect(existsSync(join(to, 'checkpoint'))).toBe(false);
  });
});
