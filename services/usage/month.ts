/** The first day of the month, UTC, as a date of the database: `2026-11-01`. */
export const monthOf = (at: Date): string => `${at.toISOString().slice(0, 7)}-01`;
