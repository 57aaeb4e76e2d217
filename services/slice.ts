/** The part of a list that is asked for: at most `fetch` rows that follow the row `after` (uuid; null: from the start). */
export interface Slice {
  after: string | null;
  fetch: number;
}
