import type { BrowserContext } from 'playwright-core';

/** A refusal that a page asked for and words to its reader is no fault of the page; the browser logs it all the same. */
const answered = /^Failed to load resource: the server responded with a status of 4\d\d/;

/**
 * Watches every page of a context: errors on the console, exceptions, broken Content-Security-Policy, requests to
 * anybody but the two sites. Each is told in one line.
 */
export function watch(
  context: BrowserContext,
  origins: readonly string[],
  forgives: readonly RegExp[],
  tell: (fault: string) => void,
): void {
  const say = (fault: string) => {
    if (!forgives.some((pattern) => pattern.test(fault))) tell(fault);
  };
  context.on('console', (message) => {
    if (!['error', 'warning'].includes(message.type()) || answered.test(message.text())) return;
    say(`console ${message.type()}: ${message.text()}`);
  });
  context.on('weberror', (error) => say(`exception: ${error.error().message}`));
  context.on('request', (request) => {
    const url = new URL(request.url());
    if (['data:', 'blob:', 'about:'].includes(url.protocol)) return;
    if (!origins.includes(url.origin)) say(`foreign request: ${url.origin}${url.pathname}`);
  });
  context.on('requestfailed', (request) => {
    const text = request.failure()?.errorText ?? '';
    // A page that is left, or closed, lets its requests go.
    if (text === 'net::ERR_ABORTED') return;
    say(`failed request: ${new URL(request.url()).pathname} ${text}`);
  });
  context.on('response', (response) => {
    if (response.status() >= 500) say(`${response.status()} of ${new URL(response.url()).pathname}`);
  });
}
