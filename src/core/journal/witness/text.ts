/** Strict readings of the texts a witness is sent. */

/** ASCII decimal without leading zeroes, up to 2^53 − 1. */
export function fromDecimal(text: string): number | undefined {
  if (!/^(0|[1-9]\d{0,15})$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}

/** RFC 4648 §4, exactly as it would be written. */
export function fromBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}
