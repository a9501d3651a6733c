import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestHouse } from './house.ts';

let house: TestHouse;
beforeAll(async () => {
  house = await TestHouse.start();
  await house.importTown(30);
});
afterAll(() => house[Symbol.asyncDispose]());

describe('a whole house in one process', () => {
  it('imports a CP932 file, finds and opens a resident, and stands up to its checkers', async () => {
    const sought = house.residents.find(({ truth }) => truth.shape === 'base')!;
    const desk = await house.openCase('residence-certificate');
    const found = await house
      .service()
      .find(desk, { reading: sought.nameKana, birthDate: sought.truth.birthDate });
    expect(found.hits.length).toBeGreaterThan(0);
    const opened = await house.gate.open({
      ...desk,
      person: found.hits[0]!.person,
      groups: ['name', 'address'],
    });
    expect(opened.fields['name']?.['name']).toBe(sought.name);
    const inspection = await house.inspect();
    expect(inspection).toMatchObject({ log: { ok: true }, findings: [] });
    expect(inspection.sizes.witnessed).toBe(inspection.sizes.durable);
  });
});
