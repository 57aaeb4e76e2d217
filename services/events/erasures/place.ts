/** Where the data names a subject: `data.lead_id`, or key by key, for keys that hold a dot. `*` is any place of a list. */
export type Place = string | string[];

/** As it is on record: keys as JSON, which begins with `[` where a path begins with `data`. */
export const placeText = (place: Place): string => (typeof place === 'string' ? place : JSON.stringify(place));

/** What placeText made a text of. */
export const placeOf = (text: string): Place => (text.startsWith('[') ? (JSON.parse(text) as string[]) : text);

export const stepsOf = (place: Place): string[] => (typeof place === 'string' ? place.split('.') : place);

const INDEX = /^(0|[1-9]\d*)$/;

/** Whether exactly this value stands where the steps lead to, or in a list that does. Looks at own properties only; never throws. */
export function standsAt(within: unknown, steps: string[], value: string | number): boolean {
  const [step, ...rest] = steps;
  if (step === undefined) return within === value || (Array.isArray(within) && within.includes(value));
  if (typeof within !== 'object' || within === null) return false;
  if (Array.isArray(within) && step === '*') return within.some((entry) => standsAt(entry, rest, value));
  if (Array.isArray(within) && !INDEX.test(step)) return false;
  return Object.hasOwn(within, step) && standsAt((within as Record<string, unknown>)[step], rest, value);
}
