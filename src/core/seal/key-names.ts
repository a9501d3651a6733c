import { SekishoError } from '../../ground/errors.ts';

const namePattern = /^[a-z0-9][a-z0-9.:-]*(\/[a-z0-9.:-]+)*$/;

/**
 * A key's name as bytes or label: lower-case words, digits, `.`, `:`, `-`, parted by `/`, at most 120 characters.
 * @throws bad-input for anything else: a name is written by us, never taken from input
 */
export function checkKeyName(name: string): string {
  if (name.length > 120 || !namePattern.test(name)) {
    throw new SekishoError('bad-input', { what: 'key-name', reason: 'form' });
  }
  return name;
}

/** @throws bad-input when the shard is not one of the store's */
export function checkShard(shard: number, shards: number): number {
  if (!Number.isInteger(shard) || shard < 0 || shard >= shards) {
    throw new SekishoError('bad-input', { what: 'shard', shard, shards });
  }
  return shard;
}
