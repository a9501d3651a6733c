import { SekishoError } from '../../ground/errors.ts';

/** How long one step of a request may wait for the database or the journal; then the request is refused. */
export const stepLimitMs = 10_000;

/**
 * Waits for one step of a request, but not for ever: a database that hangs is a refusal, not a caller who hangs. The
 * step itself is not stopped; what it brings afterwards nobody gets.
 * @param outcome `unknown` where the step may have written something all the same
 * @throws timeout
 */
export async function withinLimit<T>(
  work: Promise<T>,
  limitMs: number,
  what: string,
  outcome: 'none' | 'unknown' = 'none',
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new SekishoError('timeout', { what, outcome })), limitMs);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
    // Should it fail later on, it has failed in vain, and must not end the process.
    work.catch(() => {});
  }
}
