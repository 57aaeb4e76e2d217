interface Random {
  int(min: number, max: number): number;
}

const two = (n: number): string => String(n).padStart(2, '0');
const day = (random: Random): string => `2026-11-${two(random.int(1, 30))}`;
const time = (random: Random): string => `${two(random.int(0, 23))}:${two(random.int(0, 59))}:00Z`;
const email = (random: Random): string => `person${random.int(1, 99)}@example.com`;
const host = (random: Random): string => `host${random.int(1, 99)}.example.com`;
const address = (random: Random): string => `https://example.com/${random.int(1, 999)}`;

/**
 * Values for `format`. Names and addresses are those set aside for documentation (RFC 2606, 5737, 3849): a receiver that acts on an
 * example writes to nobody.
 */
export const EXAMPLE_FORMATS: Record<string, (random: Random) => string> = {
  'date-time': (random) => `${day(random)}T${time(random)}`,
  'iso-date-time': (random) => `${day(random)}T${time(random)}`,
  date: day,
  time,
  'iso-time': time,
  email,
  hostname: host,
  uri: address,
  url: address,
  'uri-reference': address,
  'uri-template': (random) => `https://example.com/{id}/${random.int(1, 999)}`,
  ipv4: (random) => `192.0.2.${random.int(1, 254)}`,
  ipv6: (random) => `2001:db8::${random.int(1, 999)}`,
  regex: () => '^[a-z]+$',
  byte: (random) => Buffer.from(`example ${random.int(10, 99)}`).toString('base64'),
};
