/** What a file is sent as: text, bytes, a browser's File, or a stream. */
export type Upload = string | Uint8Array | Blob | ReadableStream<Uint8Array>;

export interface OfficeClientOptions {
  /** Address of the office without a slash at the end; '' in a page it served itself. */
  url: string;
  /** Bearer of the session; may be set later. */
  session?: string;
  /** `ja` or `en`: the language of error words. */
  language?: string;
  /** Default: the global fetch. */
  fetch?: typeof globalThis.fetch;
}

/** An error the office answered with (RFC 9457), or `unreachable` when there was no answer. */
export class OfficeError extends Error {
  override readonly name = 'OfficeError';
  readonly status: number;
  readonly kind: string;
  readonly problem: Readonly<Record<string, unknown>>;
  constructor(status: number, kind: string, problem: Readonly<Record<string, unknown>>, cause?: unknown) {
    super(`${status} ${kind}`, { cause });
    this.status = status;
    this.kind = kind;
    this.problem = problem;
  }
}

/** One request as the generated methods describe it. */
export interface OfficeRequest {
  method: string;
  path: string;
  query?: Readonly<Record<string, string | number | undefined>>;
  body?: unknown;
  /** Media type of a body that is sent as it is. */
  upload?: string;
}

/** Sends requests; the generated client extends it with one method per operation. */
export class Sender {
  readonly #url: string;
  readonly #fetch: typeof globalThis.fetch;
  readonly #language: string | undefined;
  session: string | undefined;

  constructor(options: OfficeClientOptions) {
    this.#url = options.url;
    this.#fetch = options.fetch ?? globalThis.fetch.bind(globalThis);
    this.#language = options.language;
    this.session = options.session;
  }

  protected async send<Answer>(request: OfficeRequest, signal?: AbortSignal): Promise<Answer> {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(request.query ?? {})) {
      if (value !== undefined) query.set(name, String(value));
    }
    const address = `${this.#url}${request.path}${query.size > 0 ? `?${query}` : ''}`;
    const response = await this.#reach(address, request, signal);
    const type = response.headers.get('content-type') ?? '';
    const answer: unknown = type.includes('json') ? await response.json().catch(() => undefined) : undefined;
    if (response.ok && answer !== undefined) return answer as Answer;
    const problem = (typeof answer === 'object' && answer !== null ? answer : {}) as Record<string, unknown>;
    throw new OfficeError(response.status, kindOf(problem, response.status), problem);
  }

  async #reach(address: string, request: OfficeRequest, signal: AbortSignal | undefined): Promise<Response> {
    const headers: Record<string, string> = { accept: 'application/json, application/problem+json' };
    if (this.session !== undefined) headers['authorization'] = `Bearer ${this.session}`;
    if (this.#language !== undefined) headers['accept-language'] = this.#language;
    if (request.body !== undefined) headers['content-type'] = request.upload ?? 'application/json';
    const body =
      request.upload === undefined
        ? jsonOf(request.body)
        : (request.body as NonNullable<RequestInit['body']>);
    const init = {
      method: request.method,
      headers,
      redirect: 'error',
      duplex: 'half',
    } satisfies RequestInit & {
      duplex: 'half';
    };
    try {
      return await this.#fetch(address, {
        ...init,
        ...(body === undefined ? {} : { body }),
        ...(signal === undefined ? {} : { signal }),
      });
    } catch (cause) {
      if (signal?.aborted) throw cause;
      throw new OfficeError(0, 'unreachable', {}, cause);
    }
  }
}

function jsonOf(body: unknown): string | undefined {
  return body === undefined ? undefined : JSON.stringify(body);
}

function kindOf(problem: Readonly<Record<string, unknown>>, status: number): string {
  if (typeof problem['kind'] === 'string') return problem['kind'];
  return status === 404 ? 'not-found' : 'internal';
}
