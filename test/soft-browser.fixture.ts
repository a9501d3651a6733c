import { type IncomingHttpHeaders, request } from 'node:http';

export interface Answered {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: answers of an API, looked at field by field
  json: any;
}

export interface Sent {
  method?: string;
  body?: unknown;
  /** Over what a browser of the site itself sends; undefined leaves one out. */
  headers?: Record<string, string | undefined>;
  /** As it is, where `body` would be turned into JSON. */
  raw?: string;
}

/** As much of a browser as its server sees: cookies, where a request comes from, and the name it asked for. */
export class SoftBrowser {
  readonly cookies = new Map<string, string>();
  readonly origin: string;
  readonly #port: number;

  /** @param origin of the site; whatever its name, this machine is asked */
  constructor(origin: string, port = Number(new URL(origin).port)) {
    this.origin = origin;
    this.#port = port;
  }

  get cookieHeader(): string | undefined {
    if (this.cookies.size === 0) return undefined;
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  async send(path: string, { method = 'GET', body, headers = {}, raw }: Sent = {}): Promise<Answered> {
    const text = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const own: Record<string, string | undefined> = {
      host: new URL(this.origin).host,
      cookie: this.cookieHeader,
      'sec-fetch-site': 'same-origin',
      'sec-fetch-mode': 'cors',
      'sec-fetch-dest': 'empty',
      'x-sekisho-request': '1',
      ...(method === 'GET' ? {} : { origin: this.origin }),
      ...(text === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) }),
      ...headers,
    };
    const given = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
    const answered = await new Promise<Answered>((resolve, reject) => {
      const asking = request(
        { host: '127.0.0.1', port: this.#port, path, method, headers: given as never },
        (answer) => {
          const parts: Buffer[] = [];
          answer.on('data', (part: Buffer) => parts.push(part));
          answer.on('end', () => {
            const said = Buffer.concat(parts).toString();
            const isJson = answer.headers['content-type']?.includes('json') === true;
            resolve({
              status: answer.statusCode ?? 0,
              headers: answer.headers,
              text: said,
              json: isJson && said !== '' ? JSON.parse(said) : undefined,
            });
          });
        },
      );
      asking.on('error', reject);
      asking.end(text);
    });
    for (const line of answered.headers['set-cookie'] ?? []) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!;
      if (value === '') this.cookies.delete(name!);
      else this.cookies.set(name!, value!);
    }
    return answered;
  }

  post(path: string, body: unknown = {}, more: Sent = {}): Promise<Answered> {
    return this.send(path, { method: 'POST', body, ...more });
  }

  /** A person opens an address: typed, or by a link of nobody's page. */
  open(path: string, headers: Sent['headers'] = {}): Promise<Answered> {
    const navigation = {
      'sec-fetch-site': 'none',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
    };
    return this.send(path, { headers: { 'x-sekisho-request': undefined, ...navigation, ...headers } });
  }
}
