const CAP_SECONDS = 3_600;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DAY = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)';
const LONG_DAY = '(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)';
const TIME = '(?<hour>\\d{2}):(?<minute>\\d{2}):(?<second>\\d{2})';
const MONTH = `(?<month>${MONTHS.join('|')})`;
/** The three forms of RFC 9110, section 5.6.7. */
const FORMS = [
  new RegExp(`^${DAY}, (?<day>\\d{2}) ${MONTH} (?<year>\\d{4}) ${TIME} GMT$`),
  new RegExp(`^${LONG_DAY}, (?<day>\\d{2})-${MONTH}-(?<year>\\d{2}) ${TIME} GMT$`),
  new RegExp(`^${DAY} ${MONTH} (?<day>\\d{2}| \\d) ${TIME} (?<year>\\d{4})$`),
];

/**
 * Milliseconds to wait for a `Retry-After` header: seconds, or a date (RFC 9110, section 10.2.3), between 0 and one hour.
 * null: there is none, or it is neither, and the sender keeps its own back-off.
 */
export function retryAfterMs(header: string | null, now: Date): number | null {
  const text = header?.replace(/^[ \t]+|[ \t]+$/g, '') ?? '';
  if (/^[0-9]+$/.test(text)) return Math.min(Number(text), CAP_SECONDS) * 1_000;
  const at = parseHttpDate(text, now);
  return at === null ? null : Math.min(Math.max(0, at - now.getTime()), CAP_SECONDS * 1_000);
}

function parseHttpDate(text: string, now: Date): number | null {
  const groups = FORMS.map((form) => form.exec(text)?.groups).find((found) => found !== undefined);
  if (!groups) return null;
  const number = (name: string): number => Number(groups[name]);
  const month = MONTHS.indexOf(groups['month'] ?? '');
  const year = groups['year']?.length === 2 ? nearestYear(number('year'), now) : number('year');
  // A leap second is a valid spelling.
  const [hour, minute, second] = [number('hour'), number('minute'), number('second')];
  if (hour > 23 || minute > 59 || second > 60) return null;
  const date = new Date(Date.UTC(year, month, number('day'), hour, minute, second));
  const sameDay = new Date(Date.UTC(year, month, number('day'))).getUTCMonth() === month && number('day') > 0;
  return sameDay ? date.getTime() : null;
}

/** A two-digit year that seems more than 50 years ahead is the most recent past year with these digits. */
function nearestYear(digits: number, now: Date): number {
  const century = Math.floor(now.getUTCFullYear() / 100) * 100;
  return century + digits > now.getUTCFullYear() + 50 ? century + digits - 100 : century + digits;
}
