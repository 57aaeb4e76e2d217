import { fromString, fromUUID, toUUID } from 'typeid-js';
import { v7 } from 'uuid';
import { systemClock } from './clock.ts';
import type { Clock } from './clock.ts';

/** Prefix of each noun's public id (TypeID, https://github.com/jetify-com/typeid): `whk_01h4…`. */
export type IdPrefix = 'org' | 'wsp' | 'usr' | 'mem' | 'key' | 'evt' | 'whk' | 'dlv' | 'att' | 'aud' | 'req';

/** A new UUIDv7 whose time part is the clock's, so ids sort by creation and partitions can be cut by id. */
export function newId(clock: Clock = systemClock): string {
  return v7({ msecs: clock.now().getTime() });
}

/** The public spelling of a database id. */
export function typeId(prefix: IdPrefix, uuid: string): string {
  return fromUUID(uuid, prefix);
}

/** The database id behind a public id; null when the text is not a TypeID of that prefix. */
export function parseTypeId(prefix: IdPrefix, text: string): string | null {
  try {
    return toUUID(fromString(text, prefix));
  } catch {
    return null;
  }
}

/** The database id behind a public id that we wrote ourselves (Temporal arguments). Throws when it is not one of that prefix. */
export function uuidOf(prefix: IdPrefix, text: string): string {
  const uuid = parseTypeId(prefix, text);
  if (uuid === null) throw new TypeError(`Not a ${prefix}_ id: ${text.slice(0, 40)}`);
  return uuid;
}
