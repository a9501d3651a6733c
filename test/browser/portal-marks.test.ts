import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, describe, expect, it } from 'vitest';
import { stagedSigner } from '../../src/core/journal/staging.fixture.ts';
import { main } from '../../src/doors/cli/index.ts';
import { recordedTerminal } from '../../src/doors/cli/recorded-terminal.fixture.ts';
import { headOf, openPortal, policy, scene } from './portal-stage.ts';
import { goTo, linesShown, wordsOf } from './portal-words.ts';

// The check of a resident's lines where it matters: in his browser, on the pages as they are built.

const stage = openPortal();
const t = wordsOf('ja');

async function looked(): Promise<Page> {
  const page = await stage.page();
  await goTo(page, 'looked');
  return page;
}
const marks = async () => (await linesShown(await looked())).map(({ mark }) => mark);

describe('an honest answer', () => {
  it('is green in every line, and says who did what, what for and under which article', async () => {
    const page = await looked();
    const lines = await linesShown(page);
    expect(lines).toHaveLength(10);
    expect(new Set(lines.map(({ mark }) => mark))).toEqual(new Set(['green']));
    await page.getByText(t.looked.allGood(10)).waitFor();
    const said = (sentence: string) => lines.find((line) => line.sentence === sentence)?.text;
    const opened = said('住民窓口の窓口職員が、あなたの住所を見ました');
    expect(opened).toContain('住民票の写しを出すため（住民基本台帳法 12条）');
    expect(opened).toContain('demo-clerk');
    expect(said('住民窓口の窓口職員が、あなたの個人番号を見ようとして断られました')).toContain(t.looked.why);
    expect(said('あなたが、あなたの氏名を見ました')).toContain('個人情報保護法 76条');
  });

  it('counts what is hidden with its day, and shows coarsely what tells of others', async () => {
    const page = await looked();
    await page.getByText('ほかに2行あります。令和9年3月20日（2027年）から表示します。').waitFor();
    const coarse = (await linesShown(page)).filter(({ text }) => text.includes(t.looked.keptBackText));
    expect(coarse.map(({ mark }) => mark)).toEqual(['green']);
  });

  it('is filtered by what happened', async () => {
    const page = await looked();
    const shown = async (filter: string) => {
      await page.getByLabel(t.looked.filter).selectOption(filter);
      return (await linesShown(page)).map(({ sentence }) => sentence);
    };
    expect((await shown('refused')).every((sentence) => sentence.includes('断られました'))).toBe(true);
    expect((await shown('changed')).every((sentence) => sentence.includes('変えました'))).toBe(true);
    expect((await shown('own')).every((sentence) => sentence.startsWith('あなたが'))).toBe(true);
    const seen = await shown('seen');
    expect(seen.length).toBeGreaterThan(1);
    expect(await shown('bad')).toEqual([]);
    await page.getByText(t.looked.noneOfFilter).waitFor();
  });

  it('believes the payload, not what the server says of a line', async () => {
    for (const line of stage.wire.lines) Object.assign(line, { at: 0, kind: 'lock.set', body: {} });
    expect((await linesShown(await looked()))[0]!.sentence).not.toContain('照会');
  });
});

describe('the mark turns red', () => {
  it('for a line that was tampered with, and for no other', async () => {
    const [line] = stage.wire.lines;
    line!.payload = line!.payload
      .replace('"role":"clerk"', '"role":"officer"')
      .replace('"name"', '"address"');
    const page = await looked();
    expect((await linesShown(page)).map(({ mark }) => mark)).toEqual(['red', ...Array(9).fill('green')]);
    await page.getByText(t.looked.bad(1)).waitFor();
    await page.getByText(t.marks.faults['content-altered']).waitFor();
    await page.getByLabel(t.looked.filter).selectOption('bad');
    expect(await linesShown(page)).toHaveLength(1);
  });

  it('for a line that stands elsewhere in the log', async () => {
    stage.wire.lines[0]!.index -= 1;
    const page = await looked();
    expect((await linesShown(page)).some(({ mark }) => mark === 'red')).toBe(true);
    await page.getByText(t.marks.faults['not-in-log']).waitFor();
  });

  it('for a line that comes without a proof', async () => {
    Object.assign(stage.wire.lines[0]!, { tree: 9 });
    const page = await looked();
    await page.getByText(t.marks.faults['proof-missing']).waitFor();
    expect((await linesShown(page)).filter(({ mark }) => mark === 'red')).toHaveLength(1);
  });

  it('for lines about somebody else', async () => {
    stage.wire.reader = stage.wire.reader.replace('1', '2');
    const page = await looked();
    const lines = await linesShown(page);
    // What is kept back says of nobody whom it is about.
    expect(lines.filter(({ mark }) => mark === 'red')).toHaveLength(9);
    await page.getByText(t.marks.faults['of-another']).first().waitFor();
  });

  it('everywhere under a forged head', async () => {
    const liar = stagedSigner(policy.origin, 'another key');
    stage.wire.trees[0]!.checkpoint = await headOf(43, scene.root, { log: liar });
    expect(new Set(await marks())).toEqual(new Set(['red']));
  });

  it('everywhere under a head with one bit of its signature turned', async () => {
    const [tree] = stage.wire.trees;
    const turned = (line: string) =>
      line.replace(/.{5}$/, (end) => (end.startsWith('A') ? `B${end.slice(1)}` : `A${end.slice(1)}`));
    tree!.checkpoint = tree!.checkpoint.replace(/^— journal\.example\S* .*$/mu, turned);
    const page = await looked();
    expect(new Set((await linesShown(page)).map(({ mark }) => mark))).toEqual(new Set(['red']));
    await page.getByText(t.marks.faults['head-forged']).first().waitFor();
  });

  it('everywhere where the witness has not signed', async () => {
    stage.wire.trees[0]!.checkpoint = await headOf(43, scene.root, { witnesses: [] });
    const page = await looked();
    expect(new Set((await linesShown(page)).map(({ mark }) => mark))).toEqual(new Set(['red']));
    await page.getByText(t.marks.faults['witness-missing']).first().waitFor();
  });
});

describe('a proof that the page saves', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sekisho-saved-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function saved(page: Page, press: () => Promise<void>): Promise<string> {
    const [download] = await Promise.all([page.waitForEvent('download'), press()]);
    const path = join(folder, download.suggestedFilename());
    await download.saveAs(path);
    return path;
  }

  it('is verified by the command line, offline, with the keys that the page saves', async () => {
    const page = await looked();
    const proof = await saved(page, () => page.getByLabel(t.looked.saveOf(42)).click());
    await goTo(page, 'marks');
    const keys = await saved(page, () => page.getByRole('button', { name: t.marks.saveKeys }).click());
    expect([proof, keys]).toEqual([
      join(folder, 'sekisho-131016-42.tlog-proof'),
      join(folder, 'sekisho-keys.json'),
    ]);
    const terminal = recordedTerminal({});
    const code = await main(
      ['journal', 'verify', proof, '--trust', keys, '--data', join(folder, 'no-house'), '--json'],
      { terminal, signal: new AbortController().signal },
    );
    expect([code, terminal.err()]).toEqual([0, '']);
    expect(JSON.parse(terminal.out())).toMatchObject({
      verified: true,
      index: 42,
      line: { kind: 'record.changed' },
    });
  });
});

it('the page about the marks shows the fingerprints of the keys it trusts', async () => {
  const page = await stage.page({ path: '/marks' });
  await page.waitForFunction(() => document.querySelector('dd code')?.textContent);
  const fingerprints = await page.locator('dd code').allTextContents();
  expect(fingerprints).toHaveLength(2);
  for (const each of fingerprints) expect(each).toMatch(/^(?:[0-9a-f]{4} ){15}[0-9a-f]{4}$/);
});

it('how long fifty lines take is printed', async () => {
  const { sceneOf } = await import('../../src/doors/web/portal/verify/scene.fixture.ts');
  const many = await sceneOf(
    5_000,
    Array.from({ length: 50 }, (_, i) => 4_999 - i * 97),
  );
  Object.assign(stage.wire, JSON.parse(JSON.stringify(many.answer)), { coarse: [] });
  const page = await looked();
  expect(new Set((await linesShown(page)).map(({ mark }) => mark))).toEqual(new Set(['green']));
  const [entry] = await page.evaluate(() =>
    performance.getEntriesByName('lines-checked').map((each) => ({
      ms: Math.round(each.duration),
      lines: (each as PerformanceMeasure).detail as number,
    })),
  );
  expect(entry?.lines).toBe(50);
  process.stderr.write(`${entry!.lines} lines checked in the browser in ${entry!.ms} ms\n`);
});
