import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import { folderSource, Journal, journalMigrations, logVerifierKey, nodePrimitives } from './index.ts';
import { Stage } from './staging.ts';
import { verifyLog, verifyReceipt } from './verify/index.ts';

let database: FreshDatabase;
let stage: Stage;
beforeAll(async () => {
  database = await freshDatabase([journalMigrations]);
  stage = await new Stage(database.pool('gate')).start();
});
afterAll(async () => {
  await stage.end();
  await database.drop();
});

describe('Journal', () => {
  it('smoke', async () => {
    const journal = await Journal.open(stage.options());
    const person = stage.person();
    const t = performance.now();
    const N = 20000;
    let left = N;
    const fns = Array.from({ length: 256 }, async () => {
      while (left-- > 0) {
        const [a] = await journal.append({
          lines: [
            { kind: 'field.opened', person, body: { actor: 'x', case: 'c', fields: ['name', 'birth'] } },
          ],
        });
        if (a!.index === 700)
          expect(
            verifyReceipt(
              a!.receipt,
              { origin: stage.policy().origin, logKey: logVerifierKey(stage.signer) },
              nodePrimitives,
            ),
          ).toMatchObject({ ok: true });
      }
    });
    await Promise.all(fns);
    console.log('rate', (N / (performance.now() - t)) * 1000);
    await journal.flush();
    console.log(journal.head());
    const v = await verifyLog(folderSource(stage.mirror), stage.policy(), undefined, nodePrimitives);
    expect(v).toMatchObject({ ok: true });
    const t2 = performance.now();
    const idx = Array.from({ length: 50 }, (_, i) => i * 300);
    for (let i = 0; i < 20; i++) await journal.prove(idx);
    console.log('50 proofs ms', (performance.now() - t2) / 20);
    await journal.close();
    const again = await Journal.open(stage.options());
    console.log(again.head().size);
    await again.close();
  });
});
