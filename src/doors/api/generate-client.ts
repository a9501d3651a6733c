import { readFileSync, writeFileSync } from 'node:fs';
import type { JsonSchema, OpenApiDocument, Operation } from './openapi.ts';

/** Writes TypeScript types of the JSON Schemas and one method per operation. Text in, text out. */

const refName = (ref: string) => ref.slice(ref.lastIndexOf('/') + 1);
const isIdentifier = (name: string) => /^[A-Za-z_$][\w$]*$/.test(name);
/** A value as source text, in the quotes of this house. */
const literal = (value: unknown) =>
  typeof value === 'string'
    ? `'${JSON.stringify(value).slice(1, -1).replaceAll("'", "\\'")}'`
    : JSON.stringify(value);
const key = (name: string) => (isIdentifier(name) ? name : literal(name));

/** The TypeScript type of a schema, as text. */
export function typeOf(schema: JsonSchema | boolean | undefined): string {
  if (schema === undefined || typeof schema === 'boolean') return 'unknown';
  if (typeof schema['$ref'] === 'string') return refName(schema['$ref']);
  if ('const' in schema) return literal(schema['const']);
  if (Array.isArray(schema['enum'])) return schema['enum'].map(literal).join(' | ');
  const either = (schema['anyOf'] ?? schema['oneOf']) as JsonSchema[] | undefined;
  if (either !== undefined) return [...new Set(either.map(typeOf))].join(' | ');
  const types = schema['type'];
  if (Array.isArray(types)) return types.map((type) => typeOf({ ...schema, type })).join(' | ');
  switch (types) {
    case 'string':
      return schema['format'] === 'binary' ? 'Upload' : 'string';
    case 'integer':
    case 'number':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'null':
      return 'null';
    case 'array': {
      const item = typeOf(schema['items'] as JsonSchema);
      return item.includes(' ') ? `(${item})[]` : `${item}[]`;
    }
    case 'object':
      return objectTypeOf(schema);
    default:
      return 'unknown';
  }
}

function objectTypeOf(schema: JsonSchema): string {
  const required = (schema['required'] ?? []) as string[];
  const members = Object.entries((schema['properties'] ?? {}) as Record<string, JsonSchema>).map(
    ([name, member]) => `${key(name)}${required.includes(name) ? '' : '?'}: ${typeOf(member)}`,
  );
  if (members.length > 0) return `{ ${members.join('; ')} }`;
  const rest = schema['additionalProperties'];
  return typeof rest === 'object' && rest !== null ? `Record<string, ${typeOf(rest as JsonSchema)}>` : '{}';
}

/** Parameters and body of an operation as one argument object: what the caller writes is flat. */
function argumentsOf(operation: Operation): { members: string[]; optional: boolean; upload: boolean } {
  const members = (operation.parameters ?? []).map(
    (parameter) => `${key(parameter.name)}${parameter.required ? '' : '?'}: ${typeOf(parameter.schema)}`,
  );
  const content = operation.requestBody?.content ?? {};
  const upload = content['application/json'] === undefined && operation.requestBody !== undefined;
  const body = upload ? 'Upload' : typeOf(content['application/json']?.schema);
  if (operation.requestBody !== undefined && body !== '{}') members.push(`body: ${body}`);
  return { members, optional: members.every((member) => /^\S+\?:/.test(member)), upload };
}

function methodOf(path: string, method: string, operation: Operation): string {
  const { members, optional, upload } = argumentsOf(operation);
  const names = (place: string) =>
    (operation.parameters ?? []).filter((p) => p.in === place).map((p) => p.name);
  const url = path.replace(
    /\{(\w+)\}/g,
    (_whole, name: string) => `\${encodeURIComponent(String(o.${name}))}`,
  );
  const queries = names('query').map((name) => `${key(name)}: o.${name}`);
  const hasBody = members.some((member) => member.startsWith('body:'));
  const success = Object.entries(operation.responses).find(([status]) => status.startsWith('2'))!;
  const answer = typeOf(success[1].content?.['application/json']?.schema);
  const parts = [
    `method: '${method.toUpperCase()}'`,
    `path: ${url.includes('${') ? `\`${url}\`` : `'${url}'`}`,
    ...(queries.length > 0 ? [`query: { ${queries.join(', ')} }`] : []),
    ...(hasBody ? ['body: o.body'] : method === 'post' ? ['body: {}'] : []),
    ...(upload ? [`upload: '${Object.keys(operation.requestBody!.content)[0]}'`] : []),
  ];
  const argument = members.length === 0 ? '' : `o: { ${members.join('; ')} }${optional ? ' = {}' : ''}, `;
  return [
    `  /** ${operation.summary}. ${operation['x-summary-ja']} */`,
    `  ${operation.operationId}(${argument}signal?: AbortSignal): Promise<${answer}> {`,
    `    return this.send({ ${parts.join(', ')} }, signal);`,
    '  }',
  ].join('\n');
}

/** The fetch half of the client, which does not depend on the document: `client-send.ts` without its imports. */
function sendText(): string {
  const file = new URL('./client-send.ts', import.meta.url);
  return readFileSync(file, 'utf8').trim();
}

/** The whole client as one TypeScript file. */
export function clientText(
  document: OpenApiDocument,
  of: { name: string; door: string } = { name: 'OfficeClient', door: 'office' },
): string {
  const types = Object.entries(document.components.schemas).map(([name, schema]) => {
    const type = typeOf(schema);
    const comment = typeof schema['description'] === 'string' ? `/** ${schema['description']} */\n` : '';
    return `${comment}export type ${name} = ${type};`;
  });
  const methods = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => methodOf(path, method, operation)),
  );
  return [
    `// Generated from the API's OpenAPI document (${document.info.version}) by generate-client.ts. Do not edit.`,
    '',
    sendText(),
    '',
    types.join('\n\n'),
    '',
    `/** Every operation of the ${of.door}, typed. Needs nothing but fetch. */`,
    `export class ${of.name} extends Sender {`,
    methods.join('\n\n'),
    '}',
    '',
  ].join('\n');
}

/** The portal's client, as text. */
export const portalClientText = (document: OpenApiDocument): string =>
  clientText(document, { name: 'PortalClient', door: 'portal' });

/** Writes documents and clients where they are checked in. */
export function writeGenerated(office: OpenApiDocument, portal: OpenApiDocument): void {
  const write = (path: string, text: string) => writeFileSync(new URL(path, import.meta.url), text);
  write('./client.gen.ts', clientText(office));
  write('./portal-client.gen.ts', portalClientText(portal));
  write('../../../docs/openapi.json', `${JSON.stringify(office, null, 2)}\n`);
  write('../../../docs/openapi-portal.json', `${JSON.stringify(portal, null, 2)}\n`);
}
