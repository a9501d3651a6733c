import { Agent, fetch } from 'undici';

/** The part of `fetch` that callers of another domain's server use. */
export type TrustingFetch = (
  url: string,
  init: { method: string; body?: string; headers?: Record<string, string>; signal: AbortSignal },
) => Promise<{ status: number; headers: { get(name: string): string | null }; text(): Promise<string> }>;

/**
 * A `fetch` that trusts the given authority (PEM) and no other, TLS 1.3 only. The host's name is checked as ever.
 * For a server that is no process of ours and shows a certificate of its own authority, such as a witness.
 */
export function trustingFetch(ca: string): TrustingFetch {
  const dispatcher = new Agent({ connect: { ca, minVersion: 'TLSv1.3' } });
  return (url, init) => fetch(url, { ...init, dispatcher });
}
