import { Buffer } from 'node:buffer';

/**
 * Arrays as Postgres takes them in binary (array_recv): for statements of the hot path. As text each element is escaped here and parsed
 * there, which cost a sixth of the database's time when deliveries were recorded (docs/adr/0062-one-round-trip.md). An element that is null
 * or undefined becomes NULL. The driver sends a Buffer as a binary parameter; the statement must cast it to the array's type.
 */
const OID = { bool: 16, bytea: 17, int4: 23, text: 25, timestamptz: 1184, uuid: 2950 };

const HEADER_BYTES = 20;
const LENGTH_BYTES = 4;
/** 2000-01-01 in Unix milliseconds: the epoch of a binary timestamp, which counts microseconds. */
const POSTGRES_EPOCH_MS = 946_684_800_000;

type Nullable<T> = readonly (T | null | undefined)[];

const isNull = (value: unknown): value is null | undefined => value === null || value === undefined;

/** Database uuids, in lower or upper case, with hyphens. */
export const uuidArray = (values: Nullable<string>): Buffer => fixedArray(OID.uuid, 16, values, writeUuid);
export const intArray = (values: Nullable<number>): Buffer =>
  fixedArray(OID.int4, 4, values, (to, at, value) => void to.writeInt32BE(value, at));
export const boolArray = (values: Nullable<boolean>): Buffer =>
  fixedArray(OID.bool, 1, values, (to, at, value) => void (to[at] = Number(value)));
export const timeArray = (values: Nullable<Date>): Buffer => fixedArray(OID.timestamptz, 8, values, writeTime);

export function textArray(values: Nullable<string>): Buffer {
  const lengths = values.map((value) => (isNull(value) ? 0 : Buffer.byteLength(value)));
  return variableArray(OID.text, values, lengths, (to, at, value) => void to.write(value, at));
}

export function byteaArray(values: Nullable<Buffer>): Buffer {
  const lengths = values.map((value) => value?.length ?? 0);
  return variableArray(OID.bytea, values, lengths, (to, at, value) => void value.copy(to, at));
}

type Write<T> = (to: Buffer, at: number, value: T) => void;

function fixedArray<T>(oid: number, size: number, values: Nullable<T>, write: Write<T>): Buffer {
  const to = header(oid, values.length, values.length * (LENGTH_BYTES + size));
  let at = HEADER_BYTES;
  for (const value of values) {
    at = to.writeInt32BE(isNull(value) ? -1 : size, at);
    if (isNull(value)) continue;
    write(to, at, value);
    at += size;
  }
  return at === to.length ? to : withNulls(to, at);
}

function variableArray<T>(oid: number, values: Nullable<T>, lengths: number[], write: Write<T>): Buffer {
  const to = header(
    oid,
    values.length,
    lengths.reduce((sum, length) => sum + length + LENGTH_BYTES, 0),
  );
  let at = HEADER_BYTES;
  let holdsNull = false;
  values.forEach((value, index) => {
    at = to.writeInt32BE(isNull(value) ? -1 : lengths[index]!, at);
    if (isNull(value)) return void (holdsNull = true);
    write(to, at, value);
    at += lengths[index]!;
  });
  return holdsNull ? withNulls(to, at) : to;
}

/** One dimension that starts at 1. An empty array has no dimension: it ends after its element type. */
function header(oid: number, count: number, bodyBytes: number): Buffer {
  const to = Buffer.allocUnsafe(HEADER_BYTES + bodyBytes);
  to.writeInt32BE(count === 0 ? 0 : 1, 0);
  to.writeInt32BE(0, 4);
  to.writeInt32BE(oid, 8);
  if (count === 0) return to.subarray(0, 12);
  to.writeInt32BE(count, 12);
  to.writeInt32BE(1, 16);
  return to;
}

function withNulls(to: Buffer, end: number): Buffer {
  if (to.length < HEADER_BYTES) return to;
  to.writeInt32BE(1, 4);
  return to.subarray(0, end);
}

function writeUuid(to: Buffer, at: number, value: string): void {
  const written = to.write(value.replaceAll('-', ''), at, 16, 'hex');
  if (written !== 16) throw new TypeError('not a uuid');
}

function writeTime(to: Buffer, at: number, value: Date): void {
  to.writeBigInt64BE(BigInt(value.getTime() - POSTGRES_EPOCH_MS) * 1_000n, at);
}
