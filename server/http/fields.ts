import { z } from 'zod';

// Messages continue the location they stand beside: "body.name must be text".

/** The message for a value of the wrong type; the parser itself tells of one that is missing. */
export const wrong = (message: string) => ({
  error: ({ input }: { input?: unknown }): string | undefined => (input === undefined ? undefined : message),
});

/** Text that Postgres, UTF-8 and a signature all read alike: half a surrogate pair would silently become another character. */
export const text = (message = 'must be text') =>
  z.string(wrong(message)).refine((value) => value.isWellFormed(), 'must not hold half of a surrogate pair (\\ud800 to \\udfff alone)');

const atMost = (max: number): string => `has at most ${max} characters`;

/** One line that a person reads: not blank, no control characters, no line separators. */
export const line = (max: number) =>
  text()
    .trim()
    .min(1, 'must not be empty')
    .max(max, atMost(max))
    .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u, 'must be one line without control characters');

/** Text of several lines; of the control characters only line breaks and tabs. */
export const note = (max: number) =>
  text()
    .trim()
    .max(max, atMost(max))
    .regex(/^(\P{Cc}|[\t\r\n])*$/u, 'must not contain control characters');

/** A name out of a list of ours, which says itself what is wrong with an unknown one. */
export const label = (max: number) => text().max(max, atMost(max));

export const whole = (min: number, max: number) =>
  z.int('must be a whole number').min(min, `must be at least ${min}`).max(max, `must be at most ${max}`);

export const distinct = (items: readonly unknown[]): boolean => new Set(items).size === items.length;

/** An instant in an answer: RFC 3339, UTC. */
export const instant = () => z.iso.datetime();

/** An instant in a request: RFC 3339 with its offset. */
export const moment = () =>
  z.iso
    .datetime({ offset: true, ...wrong('must be a time as in RFC 3339, with its offset: 2026-11-02T09:30:00Z') })
    .transform((time) => new Date(time));

/** Labels that narrow down who gets an event. */
export const channelsField = () =>
  z
    .array(
      text().regex(/^[\w.:-]{1,64}$/, 'must be 1 to 64 letters, digits, "_", "-", "." or ":"'),
      wrong('must be a list of channel names'),
    )
    .max(10, 'has at most 10 channels')
    .refine(distinct, 'must not name a channel twice');
