import iconv from 'iconv-lite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drawResidentRecordCode } from '../../core/numbers/index.ts';
import { seededRandomness } from '../../ground/randomness.ts';
import { cellsWith, residentCsv } from './resident-file/sample-rows.ts';
import { RegisterStage } from './staging.ts';

let stage: RegisterStage;
beforeAll(async () => {
  stage = await RegisterStage.start();
}, 120_000);
afterAll(() => stage?.end());

const codes = seededRandomness('register codes');
const row = (n: number, changes: Parameters<typeof cellsWith>[0] = {}) =>
  cellsWith({ address_number: String(n), resident_code: drawResidentRecordCode(codes).reveal(), ...changes });

describe('import', () => {
  it('smoke', async () => {
    const rows = Array.from({ length: 200 }, (_, n) => row(1000 + n));
    const file = iconv.encode(residentCsv(rows), 'cp932');
    const t = performance.now();
    expect(await stage.import(file)).toMatchObject({ state: 'finished', rowsCreated: 200 });
    console.log('ms', performance.now() - t);
    expect(await stage.import(file)).toMatchObject({ state: 'finished', rowsCreated: 0, rowsUnchanged: 200 });
  });
});
