/** What a resident opens of his own stays this long. */
export const openMs = 120_000;
