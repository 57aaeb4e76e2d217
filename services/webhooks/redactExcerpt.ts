/**
 * Replaces personal data and secrets in what a receiver answered, before it is stored: fields of JSON, Python, YAML and forms whose name
 * says that their value is secret, bearer tokens, API keys (`sk_…`, `ghp_…`, `AKIA…`), signing secrets (`whsec_…`), JWTs, e-mail addresses,
 * card numbers (Luhn), IBANs (ISO 13616) and telephone numbers in international form. By shape alone, so it lessens what is kept and is no guarantee. `excerpt` has at most 1,024 characters, and so has
 * the answer. Every expression runs in linear time on any input: runs are entered at their beginning only, and what may repeat is bounded.
 */
export function redactExcerpt(excerpt: string): string {
  let text = withoutNested(excerpt);
  for (const [shape, replacement] of SHAPES) text = text.replace(shape, replacement);
  return text.replace(IBAN, withoutIban).replace(TELEPHONE, '[telephone]').replace(DIGITS, withoutCards).slice(0, MAX_CHARACTERS);
}

const MAX_CHARACTERS = 1_024;

const SECRET_NAME =
  'pass(?:word|wd|phrase)|(?<![a-z])pass(?![a-z])|pwd|secret|token|api[_-]?key|private[_-]?key|authorization|cookie|credential';
/** `access_token`, `clientSecret`, `X-Api-Key`: the word may have neighbours. */
const NAME = `[\\w.-]{0,40}?(?:${SECRET_NAME})[\\w.-]{0,40}`;
/** `"name":`, `'name':`; its quotation mark is the group of that number. */
const quotedKey = (group: number): string => `(["'])${NAME}\\${group}\\s{0,8}:\\s{0,8}`;
/** `name:` where a line or an entry begins. Not in a sentence, and no `TokenError: …`, which says what went wrong. */
const BARE_KEY = `(?<=^|[\\r\\n{,]|\\\\[nr])[ \\t-]{0,8}${NAME}(?<!error|exception)[ \\t]{0,8}:[ \\t]{0,8}`;
/** An escaped line break ends in a letter: `\\nsk_live_…`. */
const RUN_BEGINS = '(?:(?<![A-Za-z0-9_-])|(?<=\\\\[nrt]))';

/** In this order: a field is replaced as a whole before its value is looked at. A value that the cut left without its end counts too. */
const SHAPES: readonly (readonly [shape: RegExp, replacement: string])[] = [
  [new RegExp(`(${quotedKey(2)})(["'])(?:(?!\\3)[^\\\\]|\\\\.)*(?:\\3|\\\\?$)`, 'gis'), '$1$3[redacted]$3'],
  [new RegExp(`(\\\\"${NAME}\\\\"\\s{0,8}:\\s{0,8}\\\\")[^"\\\\]*`, 'gi'), '$1[redacted]'],
  [new RegExp(`(${quotedKey(2)})(?!null\\b|none\\b)[\\w.+-]+`, 'gi'), '$1"[redacted]"'],
  [new RegExp(`(${BARE_KEY})(["'])(?:(?!\\2)[^\\\\]|\\\\.)*(?:\\2|\\\\?$)`, 'gis'), '$1$2[redacted]$2'],
  [new RegExp(`(${BARE_KEY})(?!null\\b|~)[^\\s"'[{,}\\\\][^\\r\\n"\\\\,}]*`, 'gi'), '$1[redacted]'],
  [new RegExp(`(?<![\\w.-])(${NAME}=)[^\\s&"'<>;,]+`, 'gi'), '$1[redacted]'],
  // Only what looks random: "Bearer authentication required" stays readable.
  [/\b([Bb]earer|BEARER|[Bb]asic|BASIC)\s{1,8}(?=[\w.~+/=-]*(?:\d|[a-z][A-Z]))[\w.~+/=-]{6,}/g, '$1 [redacted]'],
  [/wh(?:sec|sk)_[A-Za-z0-9+/=]+/g, '[signing secret]'],
  [new RegExp(`${RUN_BEGINS}(?:[sr]k[_-]|gh[oprsu]_|github_pat_)[A-Za-z0-9_-]{8,}`, 'g'), '[api key]'],
  [new RegExp(`${RUN_BEGINS}A(?:KI|SI)A[A-Z2-7]{16}(?![A-Za-z0-9])`, 'g'), '[api key]'],
  [new RegExp(`${RUN_BEGINS}eyJ[\\w-]{10,}(?:\\.[\\w-]*){0,4}`, 'g'), '[jwt]'],
  [/(?<![\p{L}\p{N}._%+'-])[\p{L}\p{N}._%+'-]+(?:@|%40|\\u0040)(?:(?:[\p{L}\p{N}-]+\.)+[\p{L}\p{N}-]+|[\p{L}\p{N}-]*$)/giu, '[e-mail]'],
];

/** A list or an object that is not empty, behind a name. */
const NOT_EMPTY = '(?=[[{])(?!\\[\\s{0,8}\\]|\\{\\s{0,8}\\}|\\[redacted\\])';
const NESTED = new RegExp(`(?:${quotedKey(1)}|${BARE_KEY})${NOT_EMPTY}`, 'gi');
const BRACKETS = /[[{]|[\]}]|"(?:[^"\\]|\\.)*(?:"|\\?$)/gs;

/** Replaces lists and objects under such a name, however deep. What the cut left without its end is replaced to the end. */
function withoutNested(text: string): string {
  let kept = '';
  let from = 0;
  for (const { 0: key, index } of text.matchAll(NESTED)) {
    if (index < from) continue;
    const start = index + key.length;
    kept += `${text.slice(from, start)}"[redacted]"`;
    from = start + lengthOfNested(text.slice(start));
  }
  return kept + text.slice(from);
}

/** Up to the bracket that closes the first. */
function lengthOfNested(text: string): number {
  let depth = 0;
  for (const { 0: mark, index } of text.matchAll(BRACKETS)) {
    if (mark === '[' || mark === '{') depth += 1;
    else if (mark === ']' || mark === '}') depth -= 1;
    if (depth === 0) return index + 1;
  }
  return text.length;
}

/** In one piece or in groups of four, as on statements. */
const IBAN = /(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![A-Za-z0-9])/g;
/** E.164: up to 15 digits behind a plus sign, however grouped. */
const TELEPHONE = /(?<![\w+])\+[1-9](?:[ ()./-]{0,2}\d){6,14}(?!\d)/g;

const withoutIban = (text: string): string => (isIban(text.replaceAll(' ', '')) ? '[iban]' : text);

/** The check of ISO 7064, MOD 97-10: the first four characters go to the end, letters count from 10. */
function isIban(text: string): boolean {
  if (text.length < 15 || text.length > 34) return false;
  let rest = 0;
  for (const character of text.slice(4) + text.slice(0, 4)) {
    const value = Number.parseInt(character, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}

/** Digits in groups, as people write card numbers. */
const DIGITS = /\d(?:[ -]?\d)+/g;

/** Replaces every 13 to 19 digits, from the beginning of a group to the end of one, that may be a card number. */
function withoutCards(run: string): string {
  const groups = run.split(/([ -])/);
  let kept = '';
  for (let start = 0; start < groups.length;) {
    const end = endOfCard(groups, start);
    kept += end === null ? `${groups[start]}${groups[start + 1] ?? ''}` : `[card]${groups[end + 1] ?? ''}`;
    start = (end ?? start) + 2;
  }
  return kept;
}

/** `groups` holds digits at even places, separators between them. */
function endOfCard(groups: string[], start: number): number | null {
  let digits = '';
  let found: number | null = null;
  for (let end = start; end < groups.length && digits.length < 19; end += 2) {
    digits += groups[end];
    if (digits.length >= 13 && digits.length <= 19 && isCardNumber(digits)) found = end;
  }
  return found;
}

/** Issuers begin with 2 to 6; a time in milliseconds begins with 1. Luhn's check: ISO/IEC 7812-1, annex B. */
function isCardNumber(digits: string): boolean {
  if (!/^[2-6]/.test(digits)) return false;
  let sum = 0;
  for (let place = 0; place < digits.length; place += 1) {
    const digit = Number(digits[digits.length - 1 - place]) * (1 + (place % 2));
    sum += digit > 9 ? digit - 9 : digit;
  }
  return sum % 10 === 0;
}
