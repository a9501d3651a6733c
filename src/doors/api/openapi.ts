import { z } from 'zod';
import type { Route } from './route.ts';
import { problem } from './schemas.ts';

/** As much of OpenAPI 3.1 as this document uses. */
export type JsonSchema = { [key: string]: unknown };
export interface Operation {
  operationId: string;
  tags: string[];
  summary: string;
  'x-summary-ja': string;
  security: Record<string, string[]>[];
  parameters?: { name: string; in: 'path' | 'query'; required: boolean; schema: JsonSchema }[];
  requestBody?: { required: true; content: Record<string, { schema: JsonSchema }> };
  responses: Record<string, { description: string; content?: Record<string, { schema: JsonSchema }> }>;
}
export interface OpenApiDocument {
  openapi: '3.1.0';
  info: {
    title: string;
    version: string;
    description: string;
    license: { name: string; identifier: string };
  };
  tags: { name: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, JsonSchema>; securitySchemes: Record<string, JsonSchema> };
}

/** Turns zod schemas into JSON Schema and gathers the named ones as components. */
class Components {
  readonly schemas: Record<string, JsonSchema> = {};

  schemaOf(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
    const { $defs, $schema, ...bare } = z.toJSONSchema(schema, {
      target: 'draft-2020-12',
      io,
      unrepresentable: 'any',
    });
    for (const [name, definition] of Object.entries($defs ?? {})) {
      this.schemas[name] = this.#tidy(definition as JsonSchema);
    }
    const id = bare['id'];
    const whole = this.#tidy(bare);
    if (typeof id !== 'string') return whole;
    this.schemas[id] = whole;
    return { $ref: `#/components/schemas/${id}` };
  }

  /** Points references at the components and drops zod's own `id`, which JSON Schema does not know. */
  #tidy(schema: JsonSchema): JsonSchema {
    return tidyValue(schema) as JsonSchema;
  }
}

function tidyValue(value: unknown, inProperties = false): unknown {
  if (Array.isArray(value)) return value.map((item) => tidyValue(item));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value)
    .filter(([key, item]) => inProperties || !(key === 'id' && typeof item === 'string'))
    .map(([key, item]): [string, unknown] =>
      key === '$ref' && typeof item === 'string' && !inProperties
        ? [key, item.replace('#/$defs/', '#/components/schemas/')]
        : [key, tidyValue(item, key === 'properties' && !inProperties)],
    );
  return Object.fromEntries(entries);
}

function parametersOf(components: Components, schema: z.ZodType, place: 'path' | 'query') {
  const { properties, required } = components.schemaOf(schema, 'input') as {
    properties?: Record<string, JsonSchema>;
    required?: string[];
  };
  return Object.entries(properties ?? {}).map(([name, parameter]) => ({
    name,
    in: place,
    required: place === 'path' || (required ?? []).includes(name),
    schema: parameter,
  }));
}

function operationOf(components: Components, route: Route): Operation {
  const parameters = [
    ...parametersOf(components, route.params, 'path'),
    ...parametersOf(components, route.query, 'query'),
  ];
  const body: JsonSchema =
    route.upload === undefined
      ? components.schemaOf(route.body, 'input')
      : { type: 'string', format: 'binary' };
  return {
    operationId: route.operationId,
    tags: [route.tag],
    summary: route.summary.en,
    'x-summary-ja': route.summary.ja,
    security: route.signedIn ? [{ session: [] }] : [],
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(route.method === 'POST'
      ? {
          requestBody: {
            required: true as const,
            content: { [route.upload ?? 'application/json']: { schema: body } },
          },
        }
      : {}),
    responses: {
      [String(route.status)]: {
        description: 'done',
        content: { 'application/json': { schema: components.schemaOf(route.answer, 'output') } },
      },
      default: {
        description: 'refused or failed (RFC 9457)',
        content: { 'application/problem+json': { schema: components.schemaOf(problem, 'output') } },
      },
    },
  };
}

/** What a document says of itself. */
export interface DocumentAbout {
  title: string;
  description: string;
  /** How a request shows its session. */
  session: JsonSchema;
}

const office: DocumentAbout = {
  title: 'Sekisho office API',
  description:
    'Every sealed field passes one gate. Numbers and names never stand in a URL: searches are POST bodies. ' +
    'Errors are RFC 9457 problem details; their words follow Accept-Language (ja, en).',
  session: { type: 'http', scheme: 'bearer', description: 'session from /v1/sign-in' },
};

/** The document of a route table. Same table, same bytes: it is checked in and compared by a test. */
export function openApiDocument(
  routes: readonly Route[],
  version: string,
  about: DocumentAbout = office,
): OpenApiDocument {
  const components = new Components();
  const paths: OpenApiDocument['paths'] = {};
  for (const route of routes) {
    paths[route.path] ??= {};
    paths[route.path]![route.method.toLowerCase()] = operationOf(components, route);
  }
  const names = Object.keys(components.schemas).sort();
  return {
    openapi: '3.1.0',
    info: {
      title: about.title,
      version,
      description: about.description,
      license: { name: 'Apache License 2.0', identifier: 'Apache-2.0' },
    },
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: Object.fromEntries(names.map((name) => [name, components.schemas[name]!])),
      securitySchemes: { session: about.session },
    },
  };
}
