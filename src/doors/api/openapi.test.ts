import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { checkedInDocument, checkedInPortalDocument } from './document.ts';
import { clientText, portalClientText, typeOf } from './generate-client.ts';
import { openApiDocument } from './openapi.ts';
import { route } from './route.ts';

const document = checkedInDocument();
const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);

describe('what is checked in (write-generated.ts makes it anew)', () => {
  it('docs/openapi.json is the route table', () => {
    expect(JSON.parse(read('../../../docs/openapi.json'))).toEqual(JSON.parse(JSON.stringify(document)));
  });

  it('client.gen.ts is made from it', () => {
    expect(read('client.gen.ts')).toBe(clientText(document));
  });

  it('so are the portal’s, whose addresses take nothing at all', () => {
    const portal = checkedInPortalDocument();
    expect(JSON.parse(read('../../../docs/openapi-portal.json'))).toEqual(JSON.parse(JSON.stringify(portal)));
    expect(read('portal-client.gen.ts')).toBe(portalClientText(portal));
    for (const [path, operations] of Object.entries(portal.paths)) {
      expect(path).toMatch(/^\/v1\/[a-z/-]+$/);
      for (const operation of Object.values(operations)) expect(operation.parameters).toBeUndefined();
    }
  });

  it('a change of one route is a drift', () => {
    const changed = structuredClone(document);
    changed.paths['/v1/cases']!['post']!.operationId = 'openAnotherCase';
    expect(clientText(changed)).not.toBe(read('client.gen.ts'));
  });
});

describe('the document', () => {
  it('is OpenAPI 3.1 with an operation id for each route, each once', () => {
    expect(document.openapi).toBe('3.1.0');
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBeGreaterThan(25);
  });

  it('no reference leads nowhere', () => {
    const references = JSON.stringify(document).match(/"\$ref":"[^"]+"/g) ?? [];
    expect(references.length).toBeGreaterThan(30);
    for (const reference of references) {
      const name = /#\/components\/schemas\/(\w+)"/.exec(reference)?.[1];
      expect(document.components.schemas, reference).toHaveProperty(name ?? '');
    }
  });

  it('every operation says how it fails, and is summed up in both languages', () => {
    for (const { operation } of operations) {
      expect(operation.responses['default']!.content).toHaveProperty('application/problem+json');
      expect(operation['x-summary-ja']).toMatch(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u);
      expect(operation.summary).not.toMatch(/[\p{Script=Han}]/u);
    }
  });

  it('no address takes a number, a name or any other word of a resident', () => {
    const allowed = [
      'person',
      'grant',
      'enrolment',
      'caseId',
      'importId',
      'municipality',
      'index',
      'target',
      'name',
      'contest',
    ];
    const queries = ['caseId', 'encoding', 'acceptGood', 'from', 'limit'];
    for (const { path, operation } of operations) {
      for (const parameter of operation.parameters ?? []) {
        expect(parameter.in === 'path' ? allowed : queries, path).toContain(parameter.name);
        // A name in an address is that of a terminal or of a member of staff.
        if (parameter.name === 'name') expect(path).toMatch(/^\/v1\/(?:suspensions|staff|terminals)\//);
      }
    }
  });
});

describe('types of the client', () => {
  it.each([
    [{ type: 'string' }, 'string'],
    [{ type: ['string', 'null'] }, 'string | null'],
    [{ type: 'integer' }, 'number'],
    [{ enum: ['a', "b'c"] }, "'a' | 'b\\'c'"],
    [{ const: true }, 'true'],
    [{ type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'null' }] } }, '(string | null)[]'],
    [{ type: 'array', items: { $ref: '#/components/schemas/Hit' } }, 'Hit[]'],
    [
      { type: 'object', properties: { a: { type: 'string' }, 'b-c': {} }, required: ['a'] },
      "{ a: string; 'b-c'?: unknown }",
    ],
    [{ type: 'object', additionalProperties: { type: 'number' } }, 'Record<string, number>'],
    [{ type: 'object', properties: {} }, '{}'],
    [{}, 'unknown'],
    [true, 'unknown'],
  ])('%j becomes %s', (schema, type) => {
    expect(typeOf(schema)).toBe(type);
  });

  it('a route becomes a method with its parameters, query and body', () => {
    const one = route({
      operationId: 'tryOut',
      method: 'POST',
      path: '/v1/try/{id}',
      tag: 'try',
      summary: { ja: '試す', en: 'try it' },
      params: z.strictObject({ id: z.string() }),
      query: z.strictObject({ page: z.coerce.number().int().optional() }),
      body: z.strictObject({ a: z.string().optional() }),
      answer: z.object({ b: z.boolean() }),
      handle: async () => ({ b: true }),
    });
    const text = clientText(openApiDocument([one], '1.2.3'));
    expect(text).toContain(
      'tryOut(o: { id: string; page?: number; body: { a?: string } }, signal?: AbortSignal): Promise<{ b: boolean }>',
    );
    expect(text).toContain('(String(o.id))}`, query: { page: o.page }, body: o.body');
  });
});
