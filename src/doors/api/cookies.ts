/** Cookies of the two sites (RFC 6265bis). `__Host-`: of this host alone, over TLS or on this machine, for all its paths. */
export const sessionCookie = '__Host-sekisho-session';
export const terminalCookie = '__Host-sekisho-terminal';

/** A terminal's browser stays one until an administrator makes another; browsers keep nothing for longer than this. */
const terminalSeconds = 400 * 86_400;

const secret = /^[A-Za-z0-9_-]{43}$/;

/**
 * The value of one of our cookies. Sent twice, it is none: one of the two is somebody else's.
 * @param header the request's `cookie`
 */
export function cookieOf(header: string | undefined, name: string): string | undefined {
  const found = (header ?? '')
    .slice(0, 8_192)
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
  return found.length === 1 && secret.test(found[0]!) ? found[0] : undefined;
}

const always = 'Path=/; Secure; HttpOnly; SameSite=Strict';

/** Until the browser is closed: how long the session lasts is the gate's to say. */
export const keptSession = (session: string): string => `${sessionCookie}=${session}; ${always}`;
export const droppedSession = `${sessionCookie}=; Max-Age=0; ${always}`;
export const keptTerminal = (terminalSecret: string): string =>
  `${terminalCookie}=${terminalSecret}; Max-Age=${terminalSeconds}; ${always}`;
