import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { SekishoError } from '../../ground/errors.ts';
import {
  cookieOf,
  droppedSession,
  keptSession,
  keptTerminal,
  sessionCookie,
  terminalCookie,
} from './cookies.ts';

/** What a browser holds, and what it is told to keep. */
export interface BrowserPlace {
  /** The session of its cookie; only the gate can say whether it holds. */
  readonly session: string | undefined;
  readonly terminalSecret: string | undefined;
  keepSession(session: string): void;
  dropSession(): void;
  keepTerminal(terminalSecret: string): void;
}

/** A site as its process serves it. */
export interface SiteOptions {
  /** As browsers see it, e.g. `https://desk.town.example`. */
  origin: string;
  /** Folder of the built pages. */
  pages: string;
}

const hostName = /^(?:\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::\d{1,5})?$/;
/** Addresses and this machine's own name: nobody can make a browser believe that his site is at one of them. */
const ownHost = /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.]+\]|localhost)(?::\d{1,5})?$/;

/**
 * The door by which browsers come in: cookies instead of a bearer, and therefore a look at where each request comes from. A request
 * to another name of this process has no cookie and no page; one to a name that is none of ours is refused.
 */
export class BrowserDoor {
  readonly #origin: string;
  readonly #host: string;

  constructor(origin: string) {
    this.#origin = origin;
    this.#host = new URL(origin).host;
  }

  /** Whether a request was made to the site, and not to the API by another name. */
  isSite(request: Pick<FastifyRequest, 'headers'>): boolean {
    return request.headers.host?.toLowerCase() === this.#host;
  }

  /** Looks at every request before anything else does. */
  guard(app: FastifyInstance): void {
    app.addHook('onRequest', (request, reply, done) => {
      if (this.#origin.startsWith('https:') && this.isSite(request))
        reply.header('strict-transport-security', 'max-age=63072000');
      try {
        this.#requireOwn(request);
        done();
      } catch (error) {
        done(error as Error);
      }
    });
  }

  #requireOwn(request: FastifyRequest): void {
    const host = request.headers.host?.toLowerCase() ?? '';
    if (host !== this.#host && !(hostName.test(host) && ownHost.test(host)))
      throw new SekishoError('bad-input', { where: 'host', reason: 'foreign' });
    if (host !== this.#host || request.headers.authorization !== undefined) return;
    // By the route that answers: an address can be written in more than one way (`/%761/cases`).
    if (request.routeOptions.url?.startsWith('/v1/') !== true) return;
    const { origin, 'sec-fetch-site': from } = request.headers;
    const reading = request.method === 'GET' || request.method === 'HEAD';
    const refuse = (reason: string) => {
      throw new SekishoError('bad-input', { where: 'request', reason });
    };
    if (origin !== undefined && origin !== this.#origin) refuse('cross-site');
    if (from !== undefined && from !== 'same-origin' && !(reading && from === 'none')) refuse('cross-site');
    if (reading) return;
    // Old browsers say no Sec-Fetch-Site, but then Origin. One that says neither is no browser, and has no cookie of ours.
    if (origin === undefined && from === undefined) refuse('origin-missing');
    // No form and no other site can send it without having asked first.
    if (request.headers['x-sekisho-request'] !== '1') refuse('header-missing');
  }

  /** @throws session-invalid where a request carries none */
  session(request: FastifyRequest): string {
    const session = this.isSite(request) ? cookieOf(request.headers.cookie, sessionCookie) : undefined;
    if (session === undefined) throw new SekishoError('session-invalid', { reason: 'missing' });
    return session;
  }

  /** Undefined where a request is not a browser's at the site. */
  place(request: FastifyRequest, reply: FastifyReply): BrowserPlace | undefined {
    if (!this.isSite(request) || request.headers.authorization !== undefined) return undefined;
    const { cookie } = request.headers;
    return {
      session: cookieOf(cookie, sessionCookie),
      terminalSecret: cookieOf(cookie, terminalCookie),
      keepSession: (session) => void reply.header('set-cookie', keptSession(session)),
      dropSession: () => void reply.header('set-cookie', droppedSession),
      keepTerminal: (terminalSecret) => void reply.header('set-cookie', keptTerminal(terminalSecret)),
    };
  }

  /**
   * `GET /enter/<code>`, a page's address that works once: opened by a person, not by another site's page, nor ahead of need.
   * @param enter gives the browser what it is to keep
   */
  serveEntrance(app: FastifyInstance, enter: (code: string, browser: BrowserPlace) => Promise<void>): void {
    // No HEAD: a look at the address would use it up.
    app.route({
      method: 'GET',
      url: '/enter/:code',
      exposeHeadRoute: false,
      handler: async (request, reply) => {
        const {
          'sec-fetch-site': from,
          'sec-fetch-mode': mode,
          'sec-fetch-dest': dest,
          ...rest
        } = request.headers;
        const browser = this.place(request, reply);
        if (browser === undefined) throw new SekishoError('not-found', { what: 'route' });
        const opened = from === 'none' || from === 'same-origin';
        const ahead = rest['sec-purpose'] !== undefined || rest['purpose'] !== undefined;
        if (!opened || mode !== 'navigate' || dest !== 'document' || ahead)
          throw new SekishoError('bad-input', { where: 'request', reason: 'cross-site' });
        await enter((request.params as { code: string }).code, browser);
        return reply.header('cache-control', 'no-store').redirect('/', 303);
      },
    });
  }
}

/** Passkeys are shown to a site: who comes by another name of this process is no browser there. @throws unsupported */
export function browserAt(browser: BrowserPlace | undefined): BrowserPlace {
  if (browser === undefined) throw new SekishoError('unsupported', { what: 'passkeys', reason: 'no-site' });
  return browser;
}
