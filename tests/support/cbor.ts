/** As much of CBOR (RFC 8949) as authenticators use. */
export type Cbor = number | string | Buffer | Cbor[] | Map<number | string, Cbor>;

/** Encodes a value, a map's entries in the order in which they stand. */
export function encodeCbor(value: Cbor): Buffer {
  if (typeof value === 'number') return value >= 0 ? head(0, value) : head(1, -1 - value);
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  if (Array.isArray(value)) return Buffer.concat([head(4, value.length), ...value.map(encodeCbor)]);
  const entries = [...value].flatMap(([key, each]) => [encodeCbor(key), encodeCbor(each)]);
  return Buffer.concat([head(5, value.size), ...entries]);
}

/** Major type and argument, as short as it goes (RFC 8949 section 4.2.1). */
function head(major: number, argument: number): Buffer {
  const type = major << 5;
  if (argument < 24) return Buffer.from([type | argument]);
  if (argument < 0x100) return Buffer.from([type | 24, argument]);
  const bytes = Buffer.from([type | 25, 0, 0]);
  bytes.writeUInt16BE(argument, 1);
  return bytes;
}
