import { z } from 'zod';

/** The message for a value of the wrong type; the parser itself tells of one that is missing. */
export const wrong = (message: string) => ({
  error: ({ input }: { input?: unknown }): string | undefined => (input === undefined ? undefined : message),
});

/** `what` begins the messages: "The name". */
export const text = (what: string) => z.string(wrong(`${what} must be text`));

/** One line that a person reads: not blank, no control characters. */
export const line = (what: string, max: number) =>
  text(what)
    .trim()
    .min(1, `${what} must not be empty`)
    .max(max, `${what} has at most ${max} characters`)
    .regex(/^\P{Cc}*$/u, `${what} must be one line without control characters`);

/** Text of several lines; of the control characters only line breaks and tabs. */
export const note = (what: string, max: number) =>
  text(what)
    .trim()
    .max(max, `${what} has at most ${max} characters`)
    .regex(/^(\P{Cc}|[\t\r\n])*$/u, `${what} must not contain control characters`);

export const whole = (what: string, min: number, max: number) =>
  z.int(`${what} must be a whole number`).min(min, `${what} is at least ${min}`).max(max, `${what} is at most ${max}`);

export const distinct = (items: readonly unknown[]): boolean => new Set(items).size === items.length;

/** An instant in an answer: RFC 3339, UTC. */
export const instant = () => z.iso.datetime();

/** Labels that narrow down who gets an event. */
export const channelsField = () =>
  z
    .array(
      text('A channel').regex(/^[\w.:-]{1,64}$/, 'A channel is 1 to 64 letters, digits, "_", "-", "." or ":"'),
      'channels must be a list',
    )
    .max(10, 'There are at most 10 channels')
    .refine(distinct, 'Each channel may stand here once');
