import { asSekishoError, SekishoError } from '../errors.ts';

/** What Fastify throws by itself: a code, perhaps a status, perhaps the faults of a schema. */
interface FastifyFault {
  code?: string;
  statusCode?: number;
  /** `body` | `querystring` | `params` | `headers` */
  validationContext?: string;
  validation?: { keyword: string; instancePath: string }[];
}

/**
 * Any error of a request as a SekishoError. A schema's faults become `bad-input` with the place (`where`, `at`) and the reason;
 * neither the value nor the library's message, which may quote it, goes along.
 */
export function requestFault(error: unknown): SekishoError {
  if (error instanceof SekishoError) return error;
  const fault = error as FastifyFault;
  if (Array.isArray(fault.validation) && fault.validation.length > 0) {
    const first = fault.validation[0]!;
    return new SekishoError('bad-input', {
      where: fault.validationContext ?? 'request',
      at: safePath(first.instancePath),
      reason: first.keyword.replaceAll('_', '-'),
      faults: fault.validation.length,
    });
  }
  switch (fault.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new SekishoError('too-large', { what: 'body' });
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
      return new SekishoError('bad-input', { where: 'body', reason: 'json' });
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new SekishoError('bad-input', { where: 'body', reason: 'media-type' });
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return new SekishoError('bad-input', { where: 'body', reason: 'content-length' });
  }
  if (error instanceof SyntaxError && fault.statusCode === 400)
    return new SekishoError('bad-input', { where: 'body', reason: 'json' });
  if (fault.statusCode !== undefined && fault.statusCode >= 400 && fault.statusCode < 500)
    return new SekishoError('bad-input', { where: 'request', reason: 'refused' }, { cause: error });
  return asSekishoError(error);
}

/** Keys of a record come from the caller and may be anything: only plain words and list indexes are repeated. */
function safePath(path: string): string {
  return path
    .split('/')
    .map((step) => (/^(?:|[A-Za-z_][A-Za-z_-]{0,40}|\d{1,4})$/.test(step) ? step : '*'))
    .join('/');
}
