import { PassThrough, Readable } from 'node:stream';
import type { Terminal } from './terminal.ts';

/** A terminal for tests: what is typed comes from a text, what is printed is kept. */
export interface RecordedTerminal extends Terminal {
  out(): string;
  err(): string;
}

/** @param o.tty whether a person seems to sit in front: then `typed` is read as keys in raw mode */
export function recordedTerminal(
  o: { typed?: string; tty?: boolean; env?: Record<string, string>; elapsedMs?: () => number } = {},
): RecordedTerminal {
  const stdin = Object.assign(Readable.from([Buffer.from(o.typed ?? '')]), {
    isTTY: o.tty ?? false,
    setRawMode: () => undefined,
  });
  const sink = () => {
    const chunks: Buffer[] = [];
    const stream = Object.assign(new PassThrough(), { isTTY: o.tty ?? false, columns: 100 });
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    return { stream, text: () => Buffer.concat(chunks).toString('utf8') };
  };
  const [out, err] = [sink(), sink()];
  return {
    stdin,
    stdout: out.stream,
    stderr: err.stream,
    env: { LANG: 'en_US.UTF-8', ...o.env },
    elapsedMs: o.elapsedMs ?? (() => 0),
    out: out.text,
    err: err.text,
  };
}
