import type { KeptFile } from './verify/index.ts';

/** Offers a text for keeping as a file: the browser saves it where its person wants. */
export function keepFile({ name, text }: KeptFile): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/octet-stream' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The save has its own hold on the bytes by the next turn.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
