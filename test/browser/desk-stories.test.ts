import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drawResidentRecordCode } from '../../src/core/numbers/index.ts';
import { lineKindWords } from '../../src/doors/words/index.ts';
import { systemRandomness } from '../../src/ground/randomness.ts';
import { eventOfWord, statusAfter } from '../../src/records/register/index.ts';
import { faultyFile, population, type SampleResident, writeResidentFile } from '../../src/sample/index.ts';
import { Desk, type Whom } from './desk-steps.ts';
import type { Group } from './desk-words.ts';
import { openHouse } from './house-stage.ts';

// The desk's own work, from sign-in to the journal line it must leave. A second factor is fresh for a minute here, not five.

const stage = openHouse(60, { freshMinutes: 1 });

/** Lines that the screens said were written, by number. */
const written = new Map<number, keyof typeof lineKindWords>();
const isHere = ({ event }: SampleResident) => statusAfter(eventOfWord(event) ?? 'move-in') === 'resident';
const whomOf = ({ nameKana: reading, birthDate }: SampleResident): Whom => ({ reading, birthDate });
let turn = 0;
/** Another resident each time. */
const somebody = (): SampleResident => stage.town.filter(isHere)[turn++]!;

let boss: Desk;
let signedInAt: number;
describe('a member of staff', { timeout: 120_000 }, () => {
  it('is invited by an administrator, makes a passkey with the code and is in', async () => {
    const page = await stage.signedIn('supervisor', { authenticator: true });
    const administrator = await stage.at('administrator');
    const t = administrator.t.office.people;
    await administrator.go('people');
    await administrator.button(t.inviteOf('demo-supervisor')).click();
    const dialog = administrator.page.getByRole('dialog');
    await administrator.button(t.invite, dialog).click();
    const [code] = /(?:[0-9A-Z]{4}\s+){7}[0-9A-Z]{4}/.exec(await dialog.getByRole('status').innerText())!;
    await page.goto(`${stage.house.sites!.desk}/enrol`);
    await page.getByRole('textbox', { name: /^Invitation code/ }).fill(code);
    await page.getByRole('button', { name: 'Make the passkey' }).click();
    await page.getByRole('heading', { level: 1, name: 'Cases' }).waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.getByText(/demo-supervisor \(supervisor/).waitFor();
    signedInAt = Date.now();
    boss = new Desk(page, 'en');
    await administrator.button(administrator.t.ui.close, dialog).click();
    await administrator.go('home');
    await administrator.go('people');
    await administrator.page
      .getByRole('row', { name: /^demo-supervisor / })
      .getByRole('cell', { name: '1', exact: true })
      .waitFor();
    await administrator.close();
  });
});

describe('a life event has its facts, a preview and its line', { timeout: 120_000 }, () => {
  interface Entered {
    purpose: string;
    event: keyof Desk['t']['events']['names'];
    whom?: SampleResident;
    facts?: Record<string, string>;
    more?: (desk: Desk) => Promise<void>;
    /** Opened from the preview: what stands before. */
    compare?: { group: Group; before: string };
    /** What the preview must say. */
    preview: string[];
    line: keyof typeof lineKindWords;
  }

  async function enter({ purpose, event, whom, facts = {}, more, compare, preview, line }: Entered) {
    const { page, t } = boss;
    await boss.go('home');
    await boss.openCase(purpose);
    if (whom === undefined) await boss.button(t.desk.case.newcomer).click();
    else {
      await boss.findByReading(whomOf(whom));
      await boss.pick();
      await boss.button(t.events.title).click();
    }
    const names = page
      .locator('label')
      .filter({ has: page.getByText(t.events.names[event], { exact: true }) });
    if ((await names.count()) > 0) await names.first().click();
    await more?.(boss);
    for (const [fact, value] of Object.entries(facts)) {
      const label = t.events.fields[fact as keyof typeof t.events.fields];
      await page.getByLabel(new RegExp(`^${label} (required|optional)`)).fill(value);
    }
    await boss.button(t.events.preview).click();
    await page.getByRole('heading', { name: `${t.events.previewTitle}: ${t.events.names[event]}` }).waitFor();
    const main = page.locator('main');
    if (compare !== undefined) {
      expect(await main.innerText()).not.toContain(compare.before);
      await boss.button(`${t.events.openBefore}: ${t.group(compare.group)}`).click();
      await page.getByRole('cell', { name: compare.before }).first().waitFor();
    }
    const shown = await main.innerText();
    for (const text of preview) expect(shown).toContain(text);
    await boss.button(t.events.confirm).click();
    await page.getByText(t.events.done(t.events.names[event])).waitFor();
    const said = await page.getByText(/^It is line \d+ of the journal/).innerText();
    written.set(Number(/\d+/.exec(said)![0]), line);
  }

  const stranger = (n: number) => ({
    name: '関所　試験',
    reading: 'セキショ　シケン',
    addressNumber: `990000900${n}`,
    householdNumber: `980000900${n}`,
    relation: '世帯主',
    postcode: '3900874',
    address: '長野県松本市大手３丁目８番１３号',
    residentCode: drawResidentRecordCode(systemRandomness()).reveal(),
  });

  it('move in', async () => {
    await enter({
      ...{ purpose: 'move-in', event: 'move-in', facts: stranger(1), line: 'record.created' },
      async more(desk) {
        await desk.date(desk.t.events.date['move-in'], '2026-11-20');
        await desk.date(desk.t.events.fields.birthDate, '昭和50年5月5日');
        await desk.choose(desk.t.desk.open.sexes.female);
      },
      preview: ['関所　試験', '1975-05-05', 'female', '大手３丁目８番１３号'],
    });
  });

  it('birth', async () => {
    await enter({
      ...{ purpose: 'ex-officio-entry', event: 'birth', line: 'record.created' },
      facts: { ...stranger(2), relation: '子' },
      async more(desk) {
        await desk.date(desk.t.events.date.birth, '2026-11-21');
        await desk.date(desk.t.events.fields.birthDate, '2026-11-21');
        await desk.choose(desk.t.desk.open.sexes.male);
      },
      preview: ['2026-11-21', 'male', '子'],
    });
  });

  it('move within, with what stood before', async () => {
    const whom = somebody();
    await enter({
      ...{ purpose: 'move-within', event: 'move-within', whom, line: 'record.changed' },
      facts: { postcode: '3900874', address: '長野県松本市大手３丁目８番１３号' },
      compare: { group: 'address', before: whom.address },
      preview: ['3900874', '長野県松本市大手３丁目８番１３号'],
    });
    await boss.page.getByRole('button', { name: boss.t.events.next }).click();
    await boss.button(boss.t.desk.case.back).first().click();
    await boss.pick();
    await boss.open('address');
    await boss.page.getByText('長野県松本市大手３丁目８番１３号').first().waitFor();
  });

  it('move out', async () => {
    await enter({
      ...{ purpose: 'move-out', event: 'move-out', whom: somebody(), line: 'record.changed' },
      preview: ['resident → moved out'],
    });
  });

  it('death', async () => {
    await enter({
      ...{ purpose: 'ex-officio-entry', event: 'death', whom: somebody(), line: 'record.changed' },
      preview: ['resident → deceased'],
    });
  });

  it('name change', async () => {
    const whom = somebody();
    await enter({
      ...{ purpose: 'ex-officio-entry', event: 'name-change', whom, line: 'record.changed' },
      facts: { name: '新姓　試験', reading: 'シンセイ　シケン', formerName: '旧姓' },
      compare: { group: 'name', before: whom.name },
      preview: ['新姓　試験', 'シンセイ　シケン', '旧姓'],
    });
  });

  it('a name that is a script is text, at the desk and in its preview', async () => {
    const name = '<img src=x onerror="document.title=1">';
    const whom = somebody();
    await enter({
      ...{ purpose: 'ex-officio-entry', event: 'name-change', whom, line: 'record.changed' },
      facts: { name, reading: 'セキショ　ハナコ' },
      preview: [name],
    });
    await boss.button(boss.t.events.next).click();
    await boss.open('name');
    await boss.page.getByText(name, { exact: true }).first().waitFor();
    expect(await boss.page.locator('main img').count()).toBe(0);
    expect(await boss.page.title()).not.toBe('1');
  });

  it('household split', async () => {
    await enter({
      ...{ purpose: 'household-change', event: 'household-change', whom: somebody(), line: 'record.changed' },
      facts: { householdNumber: '9800009009', relation: '世帯主' },
      preview: ['9800009009', '世帯主'],
    });
  });

  it('household merge', async () => {
    await enter({
      ...{ purpose: 'household-change', event: 'household-change', whom: somebody(), line: 'record.changed' },
      facts: { householdNumber: '9800009009', relation: '縁故者' },
      more: (desk) => desk.choose(desk.t.events.householdKind.merge),
      preview: ['9800009009', '縁故者'],
    });
  });

  it('correction', async () => {
    const whom = somebody();
    await enter({
      ...{ purpose: 'correction', event: 'correction', whom, line: 'record.corrected' },
      facts: { name: whom.name, reading: 'テイセイ　シケン', reason: 'reading was misspelt' },
      compare: { group: 'name', before: whom.nameKana },
      preview: ['テイセイ　シケン', 'reading was misspelt'],
    });
  });

  it('removal', async () => {
    await enter({
      ...{ purpose: 'correction', event: 'removal', whom: somebody(), line: 'record.corrected' },
      facts: { reason: 'entered twice' },
      preview: ['resident → removed', 'entered twice'],
    });
  });

  it('number change for cause: only where it leaked and misuse is feared', async () => {
    const { cause } = boss.t.events;
    await enter({
      ...{ purpose: 'number-change', event: 'number-change', whom: somebody(), line: 'number.changed' },
      async more(desk) {
        await desk.button(desk.t.events.preview).click();
        await desk.page.getByRole('alert').filter({ hasText: cause.both }).waitFor();
        await desk.page.getByLabel(cause.leaked).check();
        await desk.page.getByLabel(cause.misuseFeared).check();
        await desk.button(desk.t.events.preview).click();
        await desk.page.getByRole('alert').filter({ hasText: cause.both }).waitFor();
        await desk.page.getByLabel(cause.evidenceSeen).check();
      },
      preview: [boss.t.events.drawn],
    });
  });

  it('a fact that is missing is told at its field, and nothing is recorded', async () => {
    await boss.go('home');
    await boss.take('move-within', whomOf(somebody()));
    await boss.button(boss.t.events.title).click();
    await boss.button(boss.t.events.preview).click();
    await boss.page.getByText(`＊${boss.t.events.required}`).first().waitFor();
    expect(await boss.button(boss.t.events.confirm).count()).toBe(0);
    expect(await boss.field(boss.t.events.fields.address).getAttribute('aria-invalid')).toBe('true');
  });

  it('each of them stands in the journal, where the officer finds it', async () => {
    expect(written.size).toBe(12);
    const officer = await stage.at('officer');
    const t = officer.t.office.journal;
    await officer.go('journal');
    await officer.page.getByLabel(t.filters.staff, { exact: true }).fill('demo-supervisor');
    for (const kind of new Set(written.values())) {
      await officer.page.getByLabel(t.filters.kind).selectOption(kind);
      await officer.button(t.submit).click();
      const lines = officer.page.getByRole('table', { name: t.result });
      for (const [line] of [...written].filter(([, each]) => each === kind)) {
        const row = lines.getByRole('row').filter({
          has: officer.page.getByRole('rowheader', { name: String(line), exact: true }),
        });
        await row.getByText(lineKindWords[kind].en, { exact: true }).waitFor();
      }
    }
    await officer.close();
  });
});

describe('a registrar imports a resident file', { timeout: 180_000 }, () => {
  const { bytes, sound, refusals } = faultyFile('browser');
  let registrar: Desk;
  let file: string;
  beforeAll(async () => {
    file = stage.file('residents.csv', bytes);
    registrar = await stage.at('registrar');
    await registrar.openCase('register-keeping');
  });
  afterAll(() => registrar?.close());
  const send = async (acceptGood: boolean, path = file) => {
    const { page, t } = registrar;
    await registrar.go('imports');
    await page.getByLabel(/^Resident file/).setInputFiles(path);
    if (acceptGood) await page.getByLabel(t.office.imports.acceptGood).check();
    await registrar.button(t.office.imports.submit).click();
  };
  const counted = (name: string, n: number | string) =>
    registrar.page
      .locator('dl > div', { hasText: name })
      .locator('dd')
      .filter({ hasText: new RegExp(`^${n}$`) })
      .waitFor();

  it('with faults: progress, nothing imported, and a report that holds no values', async () => {
    const { page, t } = registrar;
    await send(false);
    await page.getByText(t.office.imports.states.refused).waitFor();
    await counted(t.office.imports.counts.rowsCreated, 0);
    await counted(t.office.imports.counts.rowsRefused, refusals.length);
    const saving = page.waitForEvent('download');
    await registrar.button(t.office.imports.download).click();
    const kept = join(stage.running.folder, 'refused.csv');
    await (await saving).saveAs(kept);
    const report = readFileSync(kept, 'utf8');
    const rows = report
      .replace(/^\ufeff/, '')
      .trim()
      .split('\r\n')
      .slice(1);
    expect(rows).toHaveLength(refusals.length);
    expect(rows.map((row) => Number(row.split(',')[0]?.replaceAll('"', '')))).toEqual(
      refusals.map(({ line }) => line).sort((a, b) => a - b),
    );
    expect(report).not.toMatch(/長野県|[0-9０-９]{10}/);
  });

  it('that is whole: the progress moves, and everybody is there', async () => {
    const { page, t } = registrar;
    const { again, counts, states } = t.office.imports;
    const whole = join(stage.running.folder, 'whole.csv');
    const more = [...population({ seed: 'import', municipality: '202029', residents: 3_000 })];
    // Number ranges of their own: towns of other seeds count from the same beginning.
    const residents = more.map((each) => ({
      ...each,
      addressNumber: `96${each.addressNumber.slice(2)}`,
      householdNumber: `95${each.householdNumber.slice(2)}`,
    }));
    await writeResidentFile({ population: residents, encoding: 'cp932', destination: whole });
    await registrar.button(again).click();
    await send(false, whole);
    const bar = page.getByRole('progressbar');
    await bar.waitFor();
    await page
      .getByText(/[1-9][\d,]* (?:of [\d,]+ )?rows/)
      .first()
      .waitFor();
    await page.getByText(states.finished).waitFor({ timeout: 60_000 });
    await counted(counts.rowsCreated, more.length.toLocaleString('en'));
  });

  it('without its faulty rows: the rest is there; sent again, it changes nothing', async () => {
    const { page, t } = registrar;
    const { counts, states, again } = t.office.imports;
    await registrar.button(again).click();
    await send(true);
    await page.getByText(states.finished).waitFor();
    await counted(counts.rowsCreated, sound);
    await registrar.button(again).click();
    await send(true);
    await page.getByText(states.finished).waitFor();
    await counted(counts.rowsCreated, 0);
    await counted(counts.rowsUnchanged, sound);
  });
});

describe('what a clerk has opened', { timeout: 120_000 }, () => {
  it('closes by itself after a minute, and at once when he leaves the tab', async () => {
    const clerk = await stage.at('clerk', { clock: true });
    const { page, t } = clerk;
    const { name, ...whom } = somebody();
    await clerk.take('residence-certificate', whomOf(whom as SampleResident));
    await clerk.open('name');
    await page.getByText(name, { exact: true }).waitFor();
    await page.clock.runFor(50_000);
    expect(await page.getByText(name, { exact: true }).count()).toBe(1);
    await page.clock.runFor(11_000);
    await clerk.button(t.desk.open.open('name')).waitFor();
    expect(await page.locator('body').innerText()).not.toContain(name);
    await clerk.heard(t.desk.open.autoClosed);

    await clerk.open('name');
    await page.evaluate(() => {
      Object.defineProperty(document, 'hidden', { value: true, configurable: true });
      Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    });
    await clerk.button(t.desk.open.open('name')).waitFor();
    await clerk.close();
  });

  it('is found by its number too, which is tried as it is typed', async () => {
    const supervisor = await stage.at('supervisor');
    const { page, t } = supervisor;
    await supervisor.take('number-verification', whomOf(somebody()));
    await supervisor.open('number');
    const shown = await page.locator('dd', { hasText: /^\d{4} \d{4} \d{4}$/ }).innerText();
    await supervisor.button(t.desk.case.back).click();
    await supervisor.choose(t.desk.newCase.by.number);
    const field = supervisor.field(t.desk.find.number);
    await field.fill(shown.replace(/\d$/, (last) => String((Number(last) + 1) % 10)));
    await page.getByText(t.desk.find.faults['check-digit']).waitFor();
    // Pasted as people have it: full-width, with hyphens.
    const wide = shown
      .replaceAll(' ', '－')
      .replace(/\d/g, (digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0));
    await field.fill(wide);
    await page.getByText(t.desk.find.good).waitFor();
    await supervisor.search();
    await page.getByText(t.desk.find.found(1)).waitFor();
    // The whole address: a case and nothing else. Eight digits in a row stand in a case's id by chance.
    const { pathname, search, hash } = new URL(page.url());
    expect([search, hash]).toEqual(['', '']);
    expect(pathname).toMatch(/^\/cases\/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(pathname).not.toContain(shown.replaceAll(' ', ''));
    await supervisor.close();
  });
});

describe('a supervisor whose sign-in is a while ago', { timeout: 180_000 }, () => {
  afterAll(() => boss?.close());

  it('is asked for his passkey again before he approves, and then has approved', async () => {
    const clerk = await stage.at('clerk');
    const t = clerk.t.office.grants;
    await clerk.openCase('public-body-request');
    await clerk.go('grants');
    await clerk.choose('name');
    await clerk.field(t.count).fill('3');
    await clerk.field(t.reason).fill('survey of households');
    await clerk.button(t.submit).click();
    await clerk.page.getByText(t.asked).first().waitFor();
    await clerk.close();

    const left = signedInAt + 61_000 - Date.now();
    if (left > 0) await boss.page.waitForTimeout(left);
    await boss.go('grants');
    await boss.button(t.approve).click();
    await boss.button(t.approve, boss.page.getByRole('dialog')).click();
    const { stepUp } = boss.t.desk;
    const again = boss.page.getByRole('dialog', { name: stepUp.title });
    await again.waitFor();
    expect(await boss.page.getByRole('cell', { name: t.states.active, exact: true }).count()).toBe(0);
    await boss.button(stepUp.confirm, again).click();
    await boss.page.getByRole('cell', { name: t.states.active, exact: true }).waitFor();
  });

  it('loses his passkeys when an administrator stops them', async () => {
    const administrator = await stage.at('administrator');
    const t = administrator.t.office.people;
    await administrator.go('people');
    await administrator.button(t.stopPasskeysOf('demo-supervisor')).click();
    await administrator.button(t.stopPasskeys, administrator.page.getByRole('dialog')).click();
    await administrator.heard(t.passkeysStopped(1));
    await boss.go('home');
    await boss.go('grants');
    await boss.page.getByRole('heading', { level: 1, name: boss.t.desk.signIn.title }).waitFor();
    await boss.button(boss.t.desk.signIn.passkey).click();
    await boss.page.getByRole('alert').first().waitFor();
    await administrator.close();
  });
});
