/** The first day of the month, UTC, as a date of the database: `2026-11-01`. */
export const monthOf = (at: Date): string => `${at.toISOString().slice(0, 7)}-01`;

/** monthOf for who asks with every request: the text is made once a month. */
export function createMonths(): (at: Date) => string {
  let [from, until, month] = [0, 0, ''];
  return (at) => {
    const ms = at.getTime();
    if (ms >= from && ms < until) return month;
    month = monthOf(at);
    from = Date.UTC(at.getUTCFullYear(), at.getUTCMonth());
    until = Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1);
    return month;
  };
}
