/**
 * PostgreSQL's binary array format (array_recv): int32 dimensions, int32 has-null, int32 element oid, int32 length,
 * int32 lower bound, then each element with an int32 length, -1 for null. `pg` sends a Buffer parameter as binary, so
 * one Buffer per column carries a batch without a hexadecimal detour.
 */
const BYTEA_OID = 17;
const INT8_OID = 20;
const HEADER_BYTES = 20;

function header(target: Buffer, oid: number, length: number, hasNull: boolean): void {
  target.writeInt32BE(1, 0);
  target.writeInt32BE(hasNull ? 1 : 0, 4);
  target.writeInt32BE(oid, 8);
  target.writeInt32BE(length, 12);
  target.writeInt32BE(1, 16);
}

/** A one-dimensional, non-empty bytea[]. */
export function byteaArray(values: readonly (Buffer | null)[]): Buffer {
  let bytes = HEADER_BYTES;
  let hasNull = false;
  for (const value of values) {
    bytes += 4 + (value?.length ?? 0);
    hasNull ||= value === null;
  }
  const array = Buffer.allocUnsafe(bytes);
  header(array, BYTEA_OID, values.length, hasNull);
  let offset = HEADER_BYTES;
  for (const value of values) {
    offset = array.writeInt32BE(value?.length ?? -1, offset);
    if (value !== null) offset += value.copy(array, offset);
  }
  return array;
}

/** A one-dimensional, non-empty bigint[] of safe integers. */
export function bigintArray(values: readonly number[]): Buffer {
  const array = Buffer.allocUnsafe(HEADER_BYTES + 12 * values.length);
  header(array, INT8_OID, values.length, false);
  let offset = HEADER_BYTES;
  for (const value of values) {
    offset = array.writeInt32BE(8, offset);
    const high = Math.floor(value / 2 ** 32);
    offset = array.writeInt32BE(high, offset);
    offset = array.writeUInt32BE(value - high * 2 ** 32, offset);
  }
  return array;
}
