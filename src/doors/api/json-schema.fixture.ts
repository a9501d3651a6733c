import type { JsonSchema } from './openapi.ts';

/** Keywords that say nothing about a value. */
const remarks = new Set(['description', 'format', 'default', '$schema', 'title', 'readOnly']);

/**
 * What of a value does not fit a schema of our document, as `path: why`; empty where all fits. Written for the keywords that
 * the document uses; another one is told as a fault, so that none is passed over.
 */
export function misfits(
  value: unknown,
  schema: JsonSchema,
  schemas: Readonly<Record<string, JsonSchema>>,
  path = '$',
): string[] {
  const below = (each: unknown, of: unknown, at: string) => misfits(each, of as JsonSchema, schemas, at);
  const object =
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  const found: string[] = [];
  const hold = (fits: boolean, why: string) => {
    if (!fits) found.push(`${path}: ${why}`);
  };
  for (const [keyword, said] of Object.entries(schema)) {
    if (remarks.has(keyword)) continue;
    switch (keyword) {
      case '$ref':
        found.push(
          ...below(value, schemas[String(said).replace('#/components/schemas/', '')] ?? { no: said }, path),
        );
        break;
      case 'type':
        hold(
          [said].flat().some((type) => isOfType(value, String(type))),
          `no ${said}`,
        );
        break;
      case 'const':
        hold(value === said, `not ${said}`);
        break;
      case 'enum':
        hold((said as unknown[]).includes(value), `none of ${said}`);
        break;
      case 'anyOf':
      case 'oneOf':
        hold(
          (said as unknown[]).some((each) => below(value, each, path).length === 0),
          'fits none of several',
        );
        break;
      case 'allOf':
        for (const each of said as unknown[]) found.push(...below(value, each, path));
        break;
      case 'required':
        for (const name of said as string[])
          hold(object === undefined || Object.hasOwn(object, name), `no ${name}`);
        break;
      case 'properties':
        for (const [name, of] of Object.entries(said as object))
          if (object && Object.hasOwn(object, name))
            found.push(...below(object[name], of, `${path}.${name}`));
        break;
      case 'additionalProperties': {
        const known = Object.keys((schema['properties'] as object | undefined) ?? {});
        for (const name of Object.keys(object ?? {}).filter((each) => !known.includes(each))) {
          if (said === false) hold(false, `${name} is not known`);
          else if (said !== true) found.push(...below(object![name], said, `${path}.${name}`));
        }
        break;
      }
      case 'propertyNames':
        for (const name of Object.keys(object ?? {})) found.push(...below(name, said, `${path}.${name}`));
        break;
      case 'items':
        if (Array.isArray(value))
          for (const [i, each] of value.entries()) found.push(...below(each, said, `${path}[${i}]`));
        break;
      case 'pattern':
        hold(
          typeof value !== 'string' || new RegExp(String(said), 'u').test(value),
          `does not match ${said}`,
        );
        break;
      case 'minimum':
        hold(typeof value !== 'number' || value >= Number(said), `under ${said}`);
        break;
      case 'maximum':
        hold(typeof value !== 'number' || value <= Number(said), `over ${said}`);
        break;
      case 'minLength':
      case 'maxLength':
        hold(
          typeof value !== 'string' ||
            (keyword === 'minLength' ? value.length >= Number(said) : value.length <= Number(said)),
          keyword,
        );
        break;
      default:
        found.push(`${path}: keyword ${keyword} is not known to this checker`);
    }
  }
  return found;
}

function isOfType(value: unknown, type: string): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'integer':
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}
