import { describe, expect, it } from 'vitest';
import { logVerifierKey } from '../../../../core/journal/index.ts';
import { stagedSigner } from '../../../../core/journal/staging.fixture.ts';
import { type HistoryAnswer, webPrimitives } from '../../../../core/journal/verify/index.ts';
import { givenLines, LineChecker, type LineVerdict } from './index.ts';
import { headOf, log, municipality, person, policies, policy, sceneOf, writtenAt } from './scene.fixture.ts';

const { answer, root } = await sceneOf(23, [22, 16, 15, 0]);

/** The marks of an answer, read as the page reads it. */
async function marksOf(given: HistoryAnswer, keys = policies): Promise<LineVerdict[]> {
  const travelled = JSON.parse(JSON.stringify(given)) as HistoryAnswer;
  return new LineChecker(keys).check(givenLines(travelled));
}
const told = (verdicts: readonly LineVerdict[]) =>
  verdicts.map((verdict) => (verdict.mark === 'red' ? verdict.fault : verdict.mark));
const withHead = (checkpoint: string): HistoryAnswer => ({
  ...answer,
  trees: [{ ...answer.trees[0]!, checkpoint }],
});
/** The answer with its second line changed. */
const withLine = (change: Partial<HistoryAnswer['lines'][number]>): HistoryAnswer => ({
  ...answer,
  lines: answer.lines.map((line, i) => (i === 1 ? { ...line, ...change } : line)),
});

describe('an honest answer', () => {
  it('is green, line by line, with what the payload says and the head it stands under', async () => {
    const verdicts = await marksOf(answer);
    expect(told(verdicts)).toEqual(['green', 'green', 'green', 'green']);
    expect(verdicts[1]).toEqual({
      mark: 'green',
      content: {
        at: writtenAt + 16,
        kind: 'field.opened',
        person: '0197d3f0-0000-7000-8000-000000000001',
        body: { office: 'resident-desk', fields: ['name'], note: '窓口𠮷 16' },
      },
      head: {
        size: 23,
        root: root.toString('hex'),
        witnesses: [{ name: 'witness.example', at: writtenAt + 2000 }],
      },
    });
  });

  it('checks one head once, however many lines stand under it', async () => {
    let signatures = 0;
    const counting = {
      ...webPrimitives,
      ed25519: (...given: Parameters<typeof webPrimitives.ed25519>) => {
        signatures++;
        return webPrimitives.ed25519(...given);
      },
    };
    const checker = new LineChecker(policies, counting);
    await checker.check(givenLines(answer));
    await checker.check(givenLines(answer));
    // The browser's own trial, the log, the witness.
    expect(signatures).toBe(3);
  });
});

describe('a tampered line turns red, and only that line', () => {
  it.each([
    ['another office', { payload: answer.lines[1]!.payload.replace('resident-desk', 'nobody') }],
    ['another time', { payload: answer.lines[1]!.payload.replace(/"at":\d+/, '"at":1') }],
    ['a payload that is no JSON', { payload: '' }],
    ['a payload of another kind', { payload: '{"v":2}' }],
    ['another salt', { salt: answer.lines[0]!.salt }],
    ['no salt', { salt: '' }],
    ['a leaf that is not there', { leaf: 999 }],
    ['the leaf of another line', { leaf: answer.lines[0]!.leaf }],
    ['a tree that is not there', { tree: 5 }],
  ])('%s', async (_what, change) => {
    const verdicts = await marksOf(withLine(change));
    expect(told(verdicts).filter((_, i) => i !== 1)).toEqual(['green', 'green', 'green']);
    expect(told(verdicts)[1]).toBe('tree' in change ? 'proof-missing' : 'content-altered');
  });
});

describe('a line that is not in the log turns red', () => {
  it.each([
    ['another index', { index: 17 }],
    ['an index beyond the log', { index: 23 }],
    ['a negative index', { index: -1 }],
    ['a broken index', { index: 1.5 }],
    ['a path that is too short', { path: answer.lines[1]!.path.slice(1) }],
    ['a path that is too long', { path: [...answer.lines[1]!.path, 0] }],
    ['a node that is not there', { path: answer.lines[1]!.path.map(() => 999) }],
  ])('%s', async (_what, change) => {
    expect(told(await marksOf(withLine(change)))[1]).toBe('not-in-log');
  });
});

describe('a forged head turns every line red', () => {
  it.each([
    ['another root', async () => withHead((await headOf(23, root)).replace('\n23\n', '\n24\n'))],
    [
      'the key of somebody else',
      async () => withHead(await headOf(23, root, { log: stagedSigner(log.name, 'x') })),
    ],
    [
      'the name of somebody else',
      async () => withHead(await headOf(23, root, { log: stagedSigner('other.example') })),
    ],
    ['another log', async () => withHead(await headOf(23, root, { origin: 'other.example/131016' }))],
    ['no note at all', async () => withHead('')],
  ])('%s', async (_what, forged) => {
    expect(new Set(told(await marksOf(await forged())))).toEqual(new Set(['head-forged']));
  });

  it('a head of another tree, rightly signed', async () => {
    const other = await sceneOf(24, [0]);
    const verdicts = await marksOf(withHead(await headOf(24, other.root)));
    expect(new Set(told(verdicts))).toEqual(new Set(['not-in-log']));
  });
});

describe('a missing witness signature turns every line red', () => {
  it.each([
    ['none', []],
    ['a witness nobody named', [stagedSigner('stranger.example')]],
  ])('%s', async (_what, witnesses) => {
    const verdicts = await marksOf(withHead(await headOf(23, root, { witnesses })));
    expect(new Set(told(verdicts))).toEqual(new Set(['witness-missing']));
  });

  it('a witness under the right name with the wrong key', async () => {
    const liar = stagedSigner('witness.example', 'another');
    const verdicts = await marksOf(withHead(await headOf(23, root, { witnesses: [liar] })));
    expect(new Set(told(verdicts))).toEqual(new Set(['witness-missing']));
  });
});

describe('a line about somebody else', () => {
  const checked = (reader: string) => new LineChecker(policies).check(givenLines(answer), reader);

  it('is red for whoever reads it as his own, though it stands in the journal as it was written', async () => {
    expect(told(await checked(person))).toEqual(['green', 'green', 'green', 'green']);
    const another = person.replace('1', '2');
    expect(new Set(told(await checked(another)))).toEqual(new Set(['of-another']));
  });

  it('is his own where a search showed him', async () => {
    const another = person.replace('1', '2');
    const searched = await sceneOf(3, [2], () => ({ kind: 'search.made', body: { hits: [another] } }));
    const verdicts = await new LineChecker(policies).check(givenLines(searched.answer), another);
    expect(told(verdicts)).toEqual(['green']);
  });
});

describe('a line without a proof', () => {
  it('is red', async () => {
    const bare = givenLines(answer).map((line) => ({ ...line, proof: undefined }));
    expect(new Set(told(await new LineChecker(policies).check(bare)))).toEqual(new Set(['proof-missing']));
    const noTree = givenLines({ ...answer, trees: [] });
    expect(new Set(told(await new LineChecker(policies).check(noTree)))).toEqual(new Set(['proof-missing']));
  });
});

describe('what cannot be checked', () => {
  it('is red where we hold no keys of the journal', async () => {
    expect(new Set(told(await marksOf(answer, new Map())))).toEqual(new Set(['keys-missing']));
    const broken = new Map([[municipality, { ...policy, logKey: 'x' }]]);
    expect(new Set(told(await marksOf(answer, broken)))).toEqual(new Set(['head-forged']));
    const others = new Map([
      [municipality, { ...policy, logKey: logVerifierKey(stagedSigner(log.name, 'x')) }],
    ]);
    expect(new Set(told(await marksOf(answer, others)))).toEqual(new Set(['head-forged']));
  });

  it('is grey where the browser has no Ed25519, and says what the line says', async () => {
    const old = { ...webPrimitives, ed25519: () => false };
    const verdicts = await new LineChecker(policies, old).check(givenLines(answer));
    expect(told(verdicts)).toEqual(['grey', 'grey', 'grey', 'grey']);
    expect(verdicts[0]!.content?.kind).toBe('field.opened');
  });
});

it('a line whose content is kept back is green for its place, and red where it has none', async () => {
  const { payload: _payload, salt: _salt, ...place } = answer.lines[1]!;
  const coarse = [{ ...place, at: writtenAt + 16, kind: 'search.made', rule: 'names-others' }];
  const given = { ...answer, lines: answer.lines.filter((_, i) => i !== 1), coarse };
  const entries = givenLines(given);
  expect(entries.map(({ index }) => index)).toEqual([22, 16, 15, 0]);
  expect(entries[1]!.keptBack).toEqual({ at: writtenAt + 16, kind: 'search.made', rule: 'names-others' });
  expect(told(await new LineChecker(policies).check(entries))[1]).toBe('green');
  const moved = givenLines({ ...given, coarse: [{ ...coarse[0]!, index: 3 }] });
  const verdicts = await new LineChecker(policies).check(moved);
  expect(told(verdicts).filter((word) => word === 'not-in-log')).toHaveLength(1);
});
