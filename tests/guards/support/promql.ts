/** Functions, aggregations, operators and modifiers that our expressions may use. */
const KEYWORDS = new Set(
  'sum max min avg count topk by without and or unless rate increase deriv absent histogram_quantile clamp_min on ignoring'.split(' '),
);

export interface Vocabulary {
  /** Name of each series with the labels that it has. */
  series: ReadonlyMap<string, ReadonlySet<string>>;
}

/**
 * What is wrong with a PromQL expression, as far as words and brackets go: series that nobody makes, labels that no series of the
 * expression has, words that are none of PromQL, brackets without partner. Not a parser: it does not know types.
 */
export function promqlFaults(expression: string, { series }: Vocabulary): string[] {
  const bare = expression.replaceAll(/"[^"]*"/g, '""').replaceAll(/\[(\d+[smhd]|\$__rate_interval)\]/g, '');
  const used = [...bare.matchAll(/[a-zA-Z_:][\w:]*/g)].map(([word]) => word).filter((word) => series.has(word));
  const labels = new Set(['le', 'job', 'instance', ...used.flatMap((name) => [...(series.get(name) ?? [])])]);
  const words = [...bare.matchAll(/(?<![\d.])[a-zA-Z_:$][\w:]*/g)].map(([word]) => word);
  const unknown = words.filter((word) => !series.has(word) && !labels.has(word) && !KEYWORDS.has(word));
  return [
    ...(used.length === 0 ? ['it uses no series'] : []),
    ...unknown.map((word) => `${word} is no series, label or function`),
    ...(balanced(bare) ? [] : ['its brackets do not match']),
  ];
}

function balanced(text: string): boolean {
  const open: string[] = [];
  for (const sign of text.replaceAll(/[^(){}[\]]/g, '')) {
    const partner = { ')': '(', '}': '{', ']': '[' }[sign];
    if (partner === undefined) open.push(sign);
    else if (open.pop() !== partner) return false;
  }
  return open.length === 0;
}
